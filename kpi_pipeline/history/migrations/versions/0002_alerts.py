"""Alert states, the log of decisions, notices and their deliveries."""

import sqlalchemy as sa
from alembic import op

from kpi_pipeline.history.columns import Exact, Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "alert_state",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(160), primary_key=True),
        sa.Column("rule", sa.String(64), primary_key=True),
        sa.Column("segment", sa.String(128), primary_key=True, server_default=""),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("since_day", sa.Date),
        sa.Column("since_at", Utc),
        sa.Column("judged_day", sa.Date),
        sa.Column("value", Exact),
        sa.Column("worst", Exact),
        sa.Column("notices", sa.Integer, nullable=False),
    )
    op.create_table(
        "alert_event",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(160), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("segment", sa.String(128), nullable=False),
        sa.Column("day", sa.Date),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("why", sa.String(64), nullable=False),
        sa.Column("at", Utc, nullable=False),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(160), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("segment", sa.String(128), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
    )
    op.create_table(
        "delivery",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("notice_id", sa.String(32), sa.ForeignKey("notice.id"), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("recipients", sa.JSON, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempts", sa.BigInteger, nullable=False),
        sa.Column("due_at", Utc, nullable=False),
        sa.Column("claimed_at", Utc),
        sa.Column("sent_at", Utc),
        sa.Column("error", sa.Text),
        sa.UniqueConstraint("notice_id", "channel", name="delivery_once_a_channel"),
    )
    op.create_index("delivery_due", "delivery", ["status", "due_at"])


def downgrade() -> None:
    op.drop_table("delivery")
    op.drop_table("notice")
    op.drop_table("alert_event")
    op.drop_table("alert_state")

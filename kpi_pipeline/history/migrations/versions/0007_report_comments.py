"""What people write in reports."""

import sqlalchemy as sa
from alembic import op

from kpi_pipeline.history.columns import Utc

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_comment",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("report", sa.String(64), nullable=False),
        sa.Column("period", sa.String(32), nullable=False),
        sa.Column("section", sa.String(64), nullable=False),
        sa.Column("kpi", sa.String(128), nullable=False),
        sa.Column("author", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("due", sa.Date),
        sa.Column("closes", sa.Integer),
        sa.Column("recorded_at", Utc, nullable=False),
    )
    op.create_index("report_comment_of", "report_comment", ["company", "report", "period"])


def downgrade() -> None:
    op.drop_table("report_comment")

"""Tables beneath the KPIs: cohorts, journeys, leaderboards as they were known."""

import sqlalchemy as sa
from alembic import op

from kpi_pipeline.history.columns import Utc

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CURRENT = sa.text("superseded_at is null")


def upgrade() -> None:
    op.create_table(
        "panel_table",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("rows", sa.JSON, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("definition_hash", sa.String(16), nullable=False),
        sa.Column("input_hash", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("recorded_at", Utc, nullable=False),
        sa.Column("superseded_at", Utc),
    )
    op.create_index(
        "panel_table_current",
        "panel_table",
        ["company", "name", "day"],
        unique=True,
        sqlite_where=CURRENT,
        postgresql_where=CURRENT,
    )


def downgrade() -> None:
    op.drop_table("panel_table")

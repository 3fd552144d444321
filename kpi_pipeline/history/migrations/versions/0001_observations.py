"""Observations with two time axes, the definitions they were computed by, and the receipts of the loads."""

import sqlalchemy as sa
from alembic import op

from kpi_pipeline.history.columns import Exact, Utc

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "observation",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("kpi", sa.String(128), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("segment", sa.String(128), nullable=False, server_default=""),
        sa.Column("value", Exact),
        sa.Column("text_value", sa.Text),
        sa.Column("numerator", Exact),
        sa.Column("denominator", Exact),
        sa.Column("n", sa.BigInteger),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64)),
        sa.Column("target", sa.String(32)),
        sa.Column("warning", sa.String(32)),
        sa.Column("critical", sa.String(32)),
        sa.Column("period_start", Utc, nullable=False),
        sa.Column("period_end", Utc, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("definition_version", sa.Integer, nullable=False),
        sa.Column("definition_hash", sa.String(16), nullable=False),
        sa.Column("input_hash", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("recorded_at", Utc, nullable=False),
        sa.Column("superseded_at", Utc),
        sa.Column("cause", sa.String(32), nullable=False),
    )
    op.create_index(
        "observation_current",
        "observation",
        ["company", "kpi", "segment", "day"],
        unique=True,
        sqlite_where=sa.text("superseded_at is null"),
        postgresql_where=sa.text("superseded_at is null"),
    )
    op.create_index("observation_known", "observation", ["company", "kpi", "segment", "day", "recorded_at"])
    op.create_table(
        "definition",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("kpi", sa.String(128), primary_key=True),
        sa.Column("definition_hash", sa.String(16), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("first_used_at", Utc, nullable=False),
    )
    op.create_table(
        "load_receipt",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("stream", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("written", sa.BigInteger, nullable=False),
        sa.Column("quarantined", sa.BigInteger, nullable=False),
        sa.Column("watermark", Utc),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("recorded_at", Utc, nullable=False),
        sa.UniqueConstraint("company", "source", "stream", "run_id", name="load_receipt_once"),
    )


def downgrade() -> None:
    op.drop_table("load_receipt")
    op.drop_table("definition")
    op.drop_table("observation")

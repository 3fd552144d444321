"""What proves a number: digests of what was recorded, inputs of runs, the run log, corrections, audits, the archive."""

import sqlalchemy as sa
from alembic import op

from kpi_pipeline.history.columns import Utc

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

RESTATED = "cause in ('late_records', 'definition')"
ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("observation", sa.Column("digest", sa.String(32)))
    op.add_column("observation", sa.Column("batch", sa.Integer))
    op.create_index(
        "observation_restated",
        "observation",
        ["company", "kpi", "segment", "day"],
        sqlite_where=sa.text(RESTATED),
        postgresql_where=sa.text(RESTATED),
    )
    op.create_table(
        "batch",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("recorded_at", Utc, nullable=False),
    )
    op.create_index("batch_of_run", "batch", ["company", "run_id"])
    op.create_table(
        "run_input",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("run_id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("recorded_at", Utc, nullable=False),
    )
    op.create_table(
        "run_event",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("step", sa.String(160), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("at", Utc, nullable=False),
    )
    op.create_index("run_event_of_company", "run_event", ["company", "id"])
    op.create_table(
        "correction",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("kpi", sa.String(128), nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("author", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("recorded_at", Utc, nullable=False),
    )
    op.create_table(
        "audit_verdict",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("recorded_at", Utc, nullable=False),
    )
    op.create_index("audit_verdict_of", "audit_verdict", ["company", "rule", "subject", "day", "recorded_at"])
    op.create_table(
        "company_files",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("first_used_at", Utc, nullable=False),
    )
    op.create_table(
        "archive_entry",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("report", sa.String(64), nullable=False),
        sa.Column("period", sa.String(32), nullable=False),
        sa.Column("format", sa.String(16), nullable=False),
        sa.Column("known_at", Utc, nullable=False),
        sa.Column("file", sa.String(512), nullable=False),
        sa.Column("place", sa.String(512), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("numbers_sha256", sa.String(64), nullable=False),
        sa.Column("numbers", sa.Integer, nullable=False),
        sa.Column("declared", sa.String(64), nullable=False),
        sa.Column("software", sa.String(64), nullable=False),
        sa.Column("recorded_at", Utc, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("archive_entry_of", "archive_entry", ["company", "report", "period", "format"])


def downgrade() -> None:
    for table in (
        "archive_entry",
        "company_files",
        "audit_verdict",
        "correction",
        "run_event",
        "run_input",
        "batch",
    ):
        op.drop_table(table)
    op.drop_index("observation_restated", "observation")
    with op.batch_alter_table("observation") as observation:
        observation.drop_column("batch")
        observation.drop_column("digest")

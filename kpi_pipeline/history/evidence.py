"""Tables beside the observations: what proves a number, what was said of it, and every report that showed it."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Date, Index, Integer, String, Table, Text

from kpi_pipeline.history.columns import Utc
from kpi_pipeline.history.tables import RowId, metadata

# One row a transaction that recorded observations; `previous` and `hash` chain them per company.
batch = Table(
    "batch",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("run_id", String(64), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("recorded_at", Utc, nullable=False),
    Index("batch_of_run", "company", "run_id"),
)

# What a run computed from: the state of every stream it read and of every fact it built.
run_input = Table(
    "run_input",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("run_id", String(64), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("recorded_at", Utc, nullable=False),
)

run_event = Table(
    "run_event",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("company", String(64), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("step", String(160), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("content", JSON, nullable=False),
    Column("at", Utc, nullable=False),
    Index("run_event_of_company", "company", "id"),
)

correction = Table(
    "correction",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kpi", String(128), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("author", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("recorded_at", Utc, nullable=False),
)

audit_verdict = Table(
    "audit_verdict",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("company", String(64), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("day", Date, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("content", JSON, nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("recorded_at", Utc, nullable=False),
    Index("audit_verdict_of", "company", "rule", "subject", "day", "recorded_at"),
)

# The files under companies/ by content, so that an old report can be made again by what was declared then.
company_files = Table(
    "company_files",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("first_used_at", Utc, nullable=False),
)

archive_entry = Table(
    "archive_entry",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("report", String(64), nullable=False),
    Column("period", String(32), nullable=False),
    Column("format", String(16), nullable=False),
    Column("known_at", Utc, nullable=False),
    Column("file", String(512), nullable=False),
    Column("place", String(512), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("numbers_sha256", String(64), nullable=False),
    Column("numbers", Integer, nullable=False),
    Column("declared", String(64), nullable=False),
    Column("software", String(64), nullable=False),
    Column("recorded_at", Utc, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("archive_entry_of", "company", "report", "period", "format"),
)

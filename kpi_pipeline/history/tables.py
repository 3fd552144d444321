"""Tables of the history store. Two time axes: `day` is what a value is about, `recorded_at` is when we knew it."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from kpi_pipeline.history.columns import Exact, Utc

metadata = MetaData()

RESTATED = "cause in ('late_records', 'definition')"  # few rows of many
RowId = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up by itself only on INTEGER

observation = Table(
    "observation",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("company", String(64), nullable=False),
    Column("kpi", String(128), nullable=False),
    Column("day", Date, nullable=False),
    Column("segment", String(128), nullable=False, server_default=""),
    Column("value", Exact),
    Column("text_value", Text),
    Column("numerator", Exact),
    Column("denominator", Exact),
    Column("n", BigInteger),
    Column("status", String(16), nullable=False),
    Column("reason", String(64)),
    Column("target", String(32)),
    Column("warning", String(32)),
    Column("critical", String(32)),
    Column("period_start", Utc, nullable=False),
    Column("period_end", Utc, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("definition_version", Integer, nullable=False),
    Column("definition_hash", String(16), nullable=False),
    Column("input_hash", String(64), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("recorded_at", Utc, nullable=False),
    Column("superseded_at", Utc),
    Column("cause", String(32), nullable=False),
    Column("digest", String(32)),  # of the row as it was written; none of rows older than digests
    Column("batch", Integer),
    Index(
        "observation_current",
        "company",
        "kpi",
        "segment",
        "day",
        unique=True,
        sqlite_where=text("superseded_at is null"),
        postgresql_where=text("superseded_at is null"),
    ),
    Index("observation_known", "company", "kpi", "segment", "day", "recorded_at"),
    Index(
        "observation_restated",
        "company",
        "kpi",
        "segment",
        "day",
        sqlite_where=text(RESTATED),
        postgresql_where=text(RESTATED),
    ),
)

definition = Table(
    "definition",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("kpi", String(128), primary_key=True),
    Column("definition_hash", String(16), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("first_used_at", Utc, nullable=False),
)

load_receipt = Table(
    "load_receipt",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("company", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Column("stream", String(64), nullable=False),
    Column("run_id", String(128), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("written", BigInteger, nullable=False),
    Column("quarantined", BigInteger, nullable=False),
    Column("watermark", Utc),
    Column("content", JSON, nullable=False),
    Column("recorded_at", Utc, nullable=False),
    UniqueConstraint("company", "source", "stream", "run_id", name="load_receipt_once"),
)

"""Tables of alerts, in the history database: states, the log of decisions, notices, and their deliveries."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from kpi_pipeline.history.columns import Exact, Utc
from kpi_pipeline.history.tables import RowId, metadata

alert_state = Table(
    "alert_state",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("subject", String(160), primary_key=True),
    Column("rule", String(64), primary_key=True),
    Column("segment", String(128), primary_key=True, server_default=""),
    Column("level", String(16), nullable=False),
    Column("since_day", Date),
    Column("since_at", Utc),
    Column("judged_day", Date),
    Column("value", Exact),
    Column("worst", Exact),
    Column("notices", Integer, nullable=False),
)

alert_event = Table(
    "alert_event",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("company", String(64), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("segment", String(128), nullable=False),
    Column("day", Date),
    Column("level", String(16), nullable=False),
    Column("why", String(64), nullable=False),
    Column("at", Utc, nullable=False),
)

notice = Table(
    "notice",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("company", String(64), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("segment", String(128), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("level", String(16), nullable=False),
    Column("content", JSON, nullable=False),
    Column("created_at", Utc, nullable=False),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("notice_id", String(32), ForeignKey("notice.id"), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("claimed_at", Utc),
    Column("sent_at", Utc),
    Column("error", Text),
    UniqueConstraint("notice_id", "channel", name="delivery_once_a_channel"),
    Index("delivery_due", "status", "due_at"),
)

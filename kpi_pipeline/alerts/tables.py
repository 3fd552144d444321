"""Tables of alerts, in the history database: states and their log, notices, deliveries, and what people did."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from kpi_pipeline.history.columns import Exact, Utc
from kpi_pipeline.history.tables import RowId, metadata

alert_state = Table(
    "alert_state",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("subject", String(160), primary_key=True),
    Column("rule", String(64), primary_key=True),
    Column("segment", String(128), primary_key=True, server_default=""),
    Column("phase", String(16), nullable=False, server_default="ok"),
    Column("level", String(16), nullable=False),
    Column("evidence", String(16), nullable=False, server_default=""),
    Column("suppressed", String(16), nullable=False, server_default=""),
    Column("paused", Boolean, nullable=False, server_default="0"),
    Column("since_day", Date),
    Column("since_at", Utc),
    Column("critical_at", Utc),
    Column("judged_day", Date),
    Column("value", Exact),
    Column("worst", Exact),
    Column("low_count", Integer, nullable=False, server_default="0"),
    Column("low_since", Utc),
    Column("high_count", Integer, nullable=False, server_default="0"),
    Column("high_since", Utc),
    Column("good_count", Integer, nullable=False, server_default="0"),
    Column("episode", Integer, nullable=False, server_default="0"),
    Column("told_level", String(16), nullable=False, server_default="ok"),
    Column("told_at", Utc),
    Column("repeat_at", Utc),
    Column("escalated", Integer, nullable=False, server_default="0"),
    Column("mark", String(64), nullable=False, server_default=""),
    Column("rule_hash", String(16), nullable=False, server_default=""),
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
    Column("changes", JSON, nullable=False, server_default="{}"),
    Column("author", String(128)),  # of what a person did: pausing and resuming
    Column("reason", Text),
    Index("alert_event_of", "company", "subject", "rule", "segment", "id"),
)

notice = Table(
    "notice",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("company", String(64), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("segment", String(128), nullable=False),
    Column("episode", Integer, nullable=False, server_default="0"),
    Column("reason", String(32), nullable=False),
    Column("level", String(16), nullable=False),
    Column("content", JSON, nullable=False),
    Column("run_id", String(64), nullable=False, server_default=""),
    Column("created_at", Utc, nullable=False),
    Index("notice_of", "company", "subject", "rule", "segment", "episode"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("notice_id", String(32), ForeignKey("notice.id"), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("status", String(16), nullable=False),  # waiting · grouped · cancelled
    Column("due_at", Utc, nullable=False),
    Column("dispatch_id", String(32), ForeignKey("dispatch.id")),
    UniqueConstraint("notice_id", "channel", name="delivery_once_a_channel"),
    Index("delivery_due", "status", "due_at"),
)

dispatch = Table(
    "dispatch",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("company", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("status", String(16), nullable=False),  # pending · unanswered · claimed · sent · dead
    Column("attempts", Integer, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("claimed_at", Utc),
    Column("sent_at", Utc),
    Column("error", Text),
    Column("reference", Text),  # what the channel needs to update or answer this message: a Slack timestamp
    Column("fallback_of", String(32), ForeignKey("dispatch.id")),
    Index("dispatch_due", "company", "status", "due_at"),
)

silence = Table(
    "silence",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("company", String(64), nullable=False),
    Column("matchers", JSON, nullable=False),
    Column("starts_at", Utc, nullable=False),
    Column("ends_at", Utc, nullable=False),
    Column("author", String(128), nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("ended_by", String(128)),
    Column("ended_at", Utc),
    Index("silence_of", "company", "ends_at"),
)

acknowledgement = Table(
    "acknowledgement",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("company", String(64), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("segment", String(128), nullable=False),
    Column("episode", Integer, nullable=False),
    Column("level", String(16), nullable=False),
    Column("author", String(128), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Utc, nullable=False),
    Column("until", Utc, nullable=False),
    Index("acknowledgement_of", "company", "subject", "rule", "segment", "episode"),
)

decision = Table(
    "decision",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("company", String(64), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("segment", String(128), nullable=False),
    Column("episode", Integer, nullable=False),
    Column("question", Text, nullable=False),
    Column("owners", JSON, nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("decided_at", Utc),
    Column("decided_by", String(128)),
    Column("decision", Text),
    Column("action_owner", String(128)),
    Column("action_due", Date),
    Column("outcome", Text),
    Column("outcome_at", Utc),
    Column("outcome_by", String(128)),
    UniqueConstraint("company", "subject", "rule", "segment", "episode", name="decision_once_an_episode"),
)

evaluation = Table(
    "evaluation",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("kind", String(160), primary_key=True),  # clock · delivery · kpi:<id>
    Column("at", Utc, nullable=False),
)

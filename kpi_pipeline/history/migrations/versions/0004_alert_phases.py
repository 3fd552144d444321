"""Alerts with phases, grouped deliveries, silences, acknowledgements, decisions.

What fires goes on firing and counts as told; each old delivery becomes a group of one.
"""

import hashlib
from typing import Any

import sqlalchemy as sa
from alembic import op

from kpi_pipeline.history.columns import Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
IDENTITY = ("company", "subject", "rule", "segment")

ADDED_TO_STATE = (
    sa.Column("phase", sa.String(16), nullable=False, server_default="ok"),
    sa.Column("evidence", sa.String(16), nullable=False, server_default=""),
    sa.Column("suppressed", sa.String(16), nullable=False, server_default=""),
    sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("critical_at", Utc),
    sa.Column("low_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("low_since", Utc),
    sa.Column("high_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("high_since", Utc),
    sa.Column("good_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("episode", sa.Integer, nullable=False, server_default="0"),
    sa.Column("told_level", sa.String(16), nullable=False, server_default="ok"),
    sa.Column("told_at", Utc),
    sa.Column("repeat_at", Utc),
    sa.Column("escalated", sa.Integer, nullable=False, server_default="0"),
    sa.Column("mark", sa.String(64), nullable=False, server_default=""),
    sa.Column("rule_hash", sa.String(16), nullable=False, server_default=""),
)


def upgrade() -> None:
    for column in ADDED_TO_STATE:
        op.add_column("alert_state", column)
    op.execute(
        "update alert_state set phase = 'firing', told_level = level, told_at = since_at, episode = 1, "
        "critical_at = case when level = 'critical' then since_at end "
        "where level <> 'ok'"
    )
    op.add_column("alert_event", sa.Column("changes", sa.JSON, nullable=False, server_default="{}"))
    op.create_index("alert_event_of", "alert_event", [*IDENTITY, "id"])
    op.add_column("notice", sa.Column("episode", sa.Integer, nullable=False, server_default="0"))
    op.add_column("notice", sa.Column("run_id", sa.String(64), nullable=False, server_default=""))
    op.create_index("notice_of", "notice", [*IDENTITY, "episode"])
    _create_dispatch()
    _regroup_deliveries()
    _create_what_people_do()


def _create_dispatch() -> None:
    op.create_table(
        "dispatch",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("recipients", sa.JSON, nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("due_at", Utc, nullable=False),
        sa.Column("claimed_at", Utc),
        sa.Column("sent_at", Utc),
        sa.Column("error", sa.Text),
        sa.Column("reference", sa.Text),
        sa.Column("fallback_of", sa.String(32), sa.ForeignKey("dispatch.id")),
    )
    op.create_index("dispatch_due", "dispatch", ["company", "status", "due_at"])


def _regroup_deliveries() -> None:
    connection = op.get_bind()
    old = sa.Table("delivery", sa.MetaData(), autoload_with=connection)
    notices = sa.Table("notice", sa.MetaData(), autoload_with=connection)
    query = sa.select(old, notices.c.company, notices.c.created_at).join(notices, notices.c.id == old.c.notice_id)
    rows = [row._mapping for row in connection.execute(query)]
    op.drop_table("delivery")
    op.create_table(
        "delivery",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("notice_id", sa.String(32), sa.ForeignKey("notice.id"), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("recipients", sa.JSON, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("due_at", Utc, nullable=False),
        sa.Column("dispatch_id", sa.String(32), sa.ForeignKey("dispatch.id")),
        sa.UniqueConstraint("notice_id", "channel", name="delivery_once_a_channel"),
    )
    op.create_index("delivery_due", "delivery", ["status", "due_at"])
    dispatch = sa.Table("dispatch", sa.MetaData(), autoload_with=connection)
    delivery = sa.Table("delivery", sa.MetaData(), autoload_with=connection)
    for row in rows:
        group = hashlib.sha256(f"{row['notice_id']}|{row['channel']}".encode()).hexdigest()[:20]
        shared = {"channel": row["channel"], "recipients": row["recipients"], "due_at": row["due_at"]}
        connection.execute(
            sa.insert(dispatch).values(
                **shared,
                id=group,
                company=row["company"],
                run_id="",
                status="pending" if row["status"] == "claimed" else row["status"],
                attempts=row["attempts"],
                created_at=row["created_at"],
                sent_at=row["sent_at"],
                error=row["error"],
            )
        )
        connection.execute(
            sa.insert(delivery).values(**shared, notice_id=row["notice_id"], status="grouped", dispatch_id=group)
        )


def _episode() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(160), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("segment", sa.String(128), nullable=False),
        sa.Column("episode", sa.Integer, nullable=False),
    )


def _create_what_people_do() -> None:
    op.create_table(
        "silence",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("matchers", sa.JSON, nullable=False),
        sa.Column("starts_at", Utc, nullable=False),
        sa.Column("ends_at", Utc, nullable=False),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("ended_by", sa.String(128)),
        sa.Column("ended_at", Utc),
    )
    op.create_index("silence_of", "silence", ["company", "ends_at"])
    op.create_table(
        "acknowledgement",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        *_episode(),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("until", Utc, nullable=False),
    )
    op.create_index("acknowledgement_of", "acknowledgement", [*IDENTITY, "episode"])
    op.create_table(
        "decision",
        sa.Column("id", sa.String(32), primary_key=True),
        *_episode(),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("owners", sa.JSON, nullable=False),
        sa.Column("opened_at", Utc, nullable=False),
        sa.Column("due_at", Utc, nullable=False),
        sa.Column("decided_at", Utc),
        sa.Column("decided_by", sa.String(128)),
        sa.Column("decision", sa.Text),
        sa.Column("action_owner", sa.String(128)),
        sa.Column("action_due", sa.Date),
        sa.Column("outcome", sa.Text),
        sa.Column("outcome_at", Utc),
        sa.UniqueConstraint(*IDENTITY, "episode", name="decision_once_an_episode"),
    )
    op.create_table(
        "evaluation",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(160), primary_key=True),
        sa.Column("at", Utc, nullable=False),
    )


def downgrade() -> None:
    # Refused, not missing: going back would drop messages that are waiting, so a backup is restored instead.
    raise RuntimeError("the grouped deliveries of many notices have no place in the older schema")

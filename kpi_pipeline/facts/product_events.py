"""What users did, event by event, whichever source has it: the step that usage and sessions share."""

from __future__ import annotations

from typing import Any

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def events(facts: FactTables, source: str) -> Table:
    """user_id, account_id, role, event, occurred_at of every event of a known user who is not one of our own."""
    return _of_mixpanel(facts) if source == "mixpanel" else _of_sql(facts)


def outsiders(facts: FactTables) -> Table:
    """Users of the product database who are not internal: known_id, known_account, known_role."""
    users = facts.records("sql", "users")
    ours = users.internal.coalesce(ibis.literal(False))
    return users.filter(~ours).select(known_id="user_id", known_account="account_id", known_role="role")


def names(facts: FactTables, source: str, setting: str) -> list[str]:
    """The names of events that a setting lists."""
    return [str(name) for name in facts.setting(source, setting)]


def is_one_of(column: Any, listed: list[str]) -> Any:
    """Whether it is one of the names; of no names nothing is."""
    return column.isin(listed) if listed else ibis.literal(False)


def _of_sql(facts: FactTables) -> Table:
    """An event without a user, or of a user that the users table does not have, was not done by a user."""
    rows = facts.records("sql", "product_events")
    users = outsiders(facts)
    rows = rows.join(users, rows.user_id == users.known_id)
    return rows.select(
        "user_id",
        "event",
        account_id=rows.account_id.coalesce(rows.known_account),
        role=rows.role.coalesce(rows.known_role),
        occurred_at=epoch_ms(rows.occurred_at),
    )


def _of_mixpanel(facts: FactTables) -> Table:
    """What a visitor did before logging in belongs to the user who was first seen with the same device afterwards.

    An event with neither user nor device came from a server, where the distinct id is the user. A device that nobody
    ever logged in with is no user.
    """
    rows = facts.records("mixpanel", "events")
    rows = rows.filter(~rows.internal.coalesce(ibis.literal(False)))
    rows = rows.select(
        "user_id", "device_id", "distinct_id", "account_id", "role", "event", occurred_at=epoch_ms(rows.occurred_at)
    )
    seen = rows.filter(rows.user_id.notnull() & rows.device_id.notnull())
    seen = seen.group_by("device_id", "user_id").agg(first_at=seen.occurred_at.min())
    rank = ibis.row_number().over(group_by=seen.device_id, order_by=[seen.first_at, seen.user_id])
    owners = seen.mutate(rank=rank).filter(lambda t: t["rank"] == 0).select(owned="device_id", owner="user_id")
    merged = rows.left_join(owners, rows.device_id == owners.owned)
    server = ibis.ifelse(merged.device_id.isnull(), merged.distinct_id, ibis.null("string"))
    merged = merged.mutate(user_id=ibis.coalesce(merged.user_id, merged.owner, server))
    return merged.filter(merged.user_id.notnull()).select("user_id", "event", "account_id", "role", "occurred_at")

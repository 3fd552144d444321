"""Dashboards while their owners are active users."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.local_time import local_day
from kpi_pipeline.facts.tables import FactTables

ACTIVE_FOR_DAYS = 30  # how long a day of use makes a user active


def build(facts: FactTables) -> Table:
    """One row a dashboard and uninterrupted stretch of days on which it exists and its owner is an active user.

    Active on a day is who did something that qualifies on it or in the 29 days before. A dashboard exists from the day
    it is made until the day before it is thrown away, as it stands at the end of the day.
    """
    stretches = _active(facts)
    dashboards = facts.table("dashboard")
    dashboards = dashboards.select(
        "dashboard_id",
        "account_id",
        owner="user_id",
        made_day=local_day(dashboards.created_at, facts.company.zone),
        gone_day=local_day(dashboards.deleted_at, facts.company.zone),
    )
    both = dashboards.join(stretches, dashboards.owner == stretches.user_id)
    until = ibis.ifelse(both.gone_day.isnull(), both.last_day + 1, ibis.least(both.gone_day, both.last_day + 1))
    spans = both.mutate(from_day=ibis.greatest(both.made_day, both.first_day), until_day=until)
    return spans.filter(spans.from_day < spans.until_day)


def _active(facts: FactTables) -> Table:
    """user_id, first_day, last_day of each stretch of days on which a user was active."""
    use = facts.table("usage_day")
    days = use.filter(use.qualifying).select("user_id", "day").distinct()
    by_user = ibis.window(group_by=days.user_id, order_by=days.day)
    days = days.mutate(before=days.day.lag().over(by_user))
    days = days.mutate(begins=ibis.ifelse(days.before.isnull() | (days.day - days.before > ACTIVE_FOR_DAYS), 1, 0))
    to_here = ibis.window(group_by="user_id", order_by="day", preceding=None, following=0)
    days = days.mutate(stretch=days.begins.sum().over(to_here).cast("int64"))
    return days.group_by("user_id", "stretch").agg(
        first_day=days.day.min(), last_day=days.day.max() + (ACTIVE_FOR_DAYS - 1)
    )

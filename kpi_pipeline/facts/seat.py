"""Places of teachers and students: a login of a school while that school is in a pilot or under contract."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.arithmetic import FOREVER
from kpi_pipeline.facts.local_time import local_day, local_midnight, month_after
from kpi_pipeline.facts.tables import FactTables

SETTLED_AFTER_DAYS = 7


def build(facts: FactTables) -> Table:
    """One row a login and phase of its school; internal users are left out."""
    zone = facts.company.zone
    users = facts.table("product_user")
    users = users.filter(~users.internal & users.enabled_at.notnull())
    accounts = facts.table("account").select(own_account="account_id", school_id="company_id")
    phases = facts.table("school_phase").rename(of_school="school_id")
    rows = users.join(accounts, users.account_id == accounts.own_account)
    rows = rows.join(phases, rows.school_id == phases.of_school)
    rows = rows.mutate(
        seated_at=ibis.greatest(rows.enabled_at, rows.start_at),
        left_at=ibis.least(rows.disabled_at.coalesce(FOREVER), rows.end_at.coalesce(FOREVER)).nullif(FOREVER),
    )
    rows = rows.filter(rows.left_at.isnull() | (rows.left_at > rows.seated_at))
    rows = rows.mutate(seat_id=rows.user_id + ":" + rows.deal_id + ":" + rows.phase)
    days = _days(facts, rows)
    rows = rows.join(days, rows.seat_id == days.of_seat)
    return rows.mutate(
        settled_at=local_midnight(rows.settled_day, zone), whole_month_from_at=local_midnight(rows.month_day, zone)
    )


def _days(facts: FactTables, rows: Table) -> Table:
    """of_seat, settled_day, month_day (the first of the first whole month).

    Each step is computed before the next: an expression of days repeats what it is made of a hundred times.
    """
    zone = facts.company.zone
    # A millisecond earlier, a seat taken at the first midnight of a month has that whole month too.
    days = rows.select(
        of_seat="seat_id", enabled_day=local_day(rows.enabled_at, zone), eve_day=local_day(rows.seated_at - 1, zone)
    )
    days = facts.computed(days)
    return facts.computed(
        days.select("of_seat", settled_day=days.enabled_day + SETTLED_AFTER_DAYS, month_day=month_after(days.eve_day))
    )

"""Weeks of pilots: was the school at work, and was it in its first week."""

from __future__ import annotations

import ibis
import pyarrow as pa
from ibis.expr.types import Table

from kpi_pipeline.facts.local_time import local_day, local_midnight
from kpi_pipeline.facts.tables import FactTables

WEEKS = 26


def build(facts: FactTables) -> Table:
    """One row a pilot and week of seven local days since its first day, for half a year, ended or not.

    A school is at work in a week with at least one teacher and one student who did something that qualifies.
    """
    zone = facts.company.zone
    pilots = facts.once(_begun)
    weeks = ibis.memtable(pa.table({"week": pa.array(range(1, WEEKS + 1), pa.int64())}))
    grid = pilots.cross_join(weeks)
    grid = facts.computed(grid.mutate(next_day=grid.first_day + 7 * grid.week))
    work = facts.once(_weeks_of_work)
    at_work = work.select(worked_pilot="pilot_id", worked_week="week")
    first = work.filter(work.week == 1).select(first_pilot="pilot_id")
    found = grid.left_join(at_work, [grid.pilot_id == at_work.worked_pilot, grid.week == at_work.worked_week])
    found = found.left_join(first, found.pilot_id == first.first_pilot)
    return found.mutate(
        cohort_day=found.first_day - (found.first_day + 3) % 7,  # 1970-01-01 was a Thursday
        ends_at=local_midnight(found.next_day, zone) - 1,
        active=found.worked_pilot.notnull(),
        active_at_first=found.first_pilot.notnull(),
    )


def _begun(facts: FactTables) -> Table:
    """pilot_id, school_id, segment, first_day."""
    pilots = facts.table("pilot")
    return pilots.select("pilot_id", "school_id", "segment", first_day=local_day(pilots.started_at, facts.company.zone))


def _weeks_of_work(facts: FactTables) -> Table:
    """pilot_id, week: those in which the school was at work."""
    use = facts.table("usage_day")
    use = use.filter(use.qualifying & use.role.isin(("teacher", "student")))
    accounts = facts.table("account").select(own_account="account_id", worked_at="company_id")
    use = use.join(accounts, use.account_id == accounts.own_account)
    pilots = facts.once(_begun).select("pilot_id", "school_id", "first_day")
    done = use.join(pilots, use.worked_at == pilots.school_id)
    done = done.filter(done.day >= done.first_day).mutate(week=(lambda t: (t.day - t.first_day) // 7 + 1))
    roles = done.group_by("pilot_id", "week").agg(roles=done.role.nunique())
    return roles.filter(roles.roles == 2).select("pilot_id", "week")

"""Schools: from qualified lead to pilot, contract and the first student at work."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.local_time import DAY_MS, local_day, local_midnight
from kpi_pipeline.facts.school_deals import school_deals, schools, when
from kpi_pipeline.facts.tables import FactTables

OVERDUE_AFTER_DAYS = 10


def build(facts: FactTables) -> Table:
    """One row a company of the CRM. Of several deals the first date counts; students work by qualifying events.

    Times between days are whole calendar days, written as that many times 24 hours.
    """
    zone = facts.company.zone
    rows = facts.once(schools)
    deals = facts.once(school_deals)
    firsts = deals.group_by(sold_to="school_id").agg(
        pilot_started_at=deals.pilot_started_at.min(),
        contract_signed_at=when(deals.won, deals.closed_at).min(),
        annual_since=when(deals.annual, deals.closed_at).min(),
        go_day=deals.go_day.min(),
        live_day=deals.live_day.min(),
    )
    rows = rows.left_join(firsts, rows.school_id == firsts.sold_to).drop("sold_to")
    work = _first_work(facts)
    rows = rows.left_join(work, rows.school_id == work.worked_at).drop("worked_at")
    rows = rows.mutate(
        overdue_day=rows.go_day + OVERDUE_AFTER_DAYS + 1,
        contract_annual=rows.annual_since.notnull(),
        contract_signed_day=local_day(rows.contract_signed_at, zone),
        first_student_day=local_day(rows.first_student_at, zone),
    )
    return rows.mutate(
        go_at=local_midnight(rows["go_day"], zone),
        live_at=local_midnight(rows["live_day"], zone),
        overdue_at=local_midnight(rows.overdue_day, zone),
        onboarding_ms=(rows.live_day - rows.contract_signed_day) * DAY_MS,
        implementation_ms=(rows.first_student_day - rows.go_day) * DAY_MS,
    )


def _first_work(facts: FactTables) -> Table:
    """worked_at (school), first_student_at."""
    use = facts.table("usage_day")
    work = use.filter((use.role == "student") & use.qualifying)
    accounts = facts.table("account").select(own_account="account_id", worked_at="company_id")
    found = work.join(accounts, work.account_id == accounts.own_account)
    return found.filter(found.worked_at.notnull()).group_by("worked_at").agg(first_student_at=found.first_at.min())

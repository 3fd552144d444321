"""What schools and pilots are made of: schools of the CRM, and their deals with the dates that a pilot turns on."""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, Table

from kpi_pipeline.facts.crm import unmerged
from kpi_pipeline.facts.deal_stages import first_entry
from kpi_pipeline.facts.local_time import day_of_text, local_midnight
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def schools(facts: FactTables) -> Table:
    """Companies of the CRM: school_id, name, segment, holiday_region, qualified_at (earliest entry ever seen)."""
    rows = unmerged(facts.records("hubspot", "companies"))
    versions = facts.versions("hubspot", "companies")
    entered = facts.named_column(versions, "hubspot", "qualified_stage", "entered_{}_at")
    first = versions.group_by(known_id=versions.id).agg(qualified_at=epoch_ms(entered).min())
    found = rows.left_join(first, rows.id == first.known_id)
    return found.select(
        "name",
        "qualified_at",
        school_id=found.id,
        segment=facts.chosen_column(found, "hubspot", "segment_property", "string"),
        holiday_region=facts.chosen_column(found, "hubspot", "holiday_region_property", "string"),
    )


def school_deals(facts: FactTables) -> Table:
    """Every deal with a school: deal_id, school_id, pilot_started_at, pilot_planned_end_at, closed_at, won, annual,
    contract_ends_at, go_day, live_day.

    The last day of a pilot and of a contract is in it. An annual contract is one of `annual_contract_months` or more.
    """
    deals = facts.table("deal").filter(lambda t: t.company_id.notnull())
    started = first_entry(facts, facts.setting("hubspot", "pilot_stage"), "pilot_started_at")
    rows = deals.left_join(started, deals.deal_id == started.entered_id)
    own = facts.records("hubspot", "deals")
    named = ("pilot_end", "contract_end", "go", "live")
    days = {f"{name}_day": day_of_text(facts.named_column(own, "hubspot", f"{name}_property")) for name in named}
    dated = own.select(dated_id="id", **days)
    rows = rows.join(dated, rows.deal_id == dated.dated_id)
    rows = rows.mutate(after_pilot=rows.pilot_end_day + 1, after_contract=rows.contract_end_day + 1)
    long = rows.term_months >= facts.setting("hubspot", "annual_contract_months")
    return rows.select(
        "deal_id",
        "pilot_started_at",
        "closed_at",
        "go_day",
        "live_day",
        school_id=rows.company_id,
        won=rows.won.fill_null(False),
        annual=(rows.won & long).fill_null(False),
        pilot_planned_end_at=local_midnight(rows.after_pilot, facts.company.zone),
        contract_ends_at=local_midnight(rows.after_contract, facts.company.zone),
    )


def when(condition: BooleanValue, instant: IntegerValue) -> IntegerValue:
    """The instant where the condition holds, else null."""
    return ibis.ifelse(condition, instant, ibis.null("int64"))

"""Deals: when they were qualified and closed, and what they are worth a year."""

from __future__ import annotations

import ibis
from ibis.expr.types import Column, IntegerValue, Table

from kpi_pipeline.facts.arithmetic import quotient_half_up
from kpi_pipeline.facts.crm import unmerged
from kpi_pipeline.facts.currency import decimals
from kpi_pipeline.facts.deal_stages import first_entry, left_the_open_stages
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row a deal that exists. `closed_at` is the date people gave it, `open_until_at` when its stage was closed.

    Settings: `deal_qualified_stage`, `deal_one_time_property`, `deal_term_property` (months),
    `deal_duplicate_property`; each null when the company has none.
    """
    rows = unmerged(facts.records("hubspot", "deals"))
    money = _money(facts, rows)
    contacts = facts.records("hubspot", "contacts").select(known_id="id", source_first_touch="source")
    found = money.left_join(contacts, money.contact_id == contacts.known_id)
    qualified = first_entry(facts, facts.setting("hubspot", "deal_qualified_stage"), "qualified_at")
    found = found.left_join(qualified, found.deal_id == qualified.entered_id).drop("entered_id")
    closings = left_the_open_stages(facts)
    found = found.left_join(closings, found.deal_id == closings.left_id)
    closed = found.is_closed
    return found.mutate(
        closed_at=ibis.ifelse(closed, found.closed_at, ibis.null("int64")),
        won=ibis.ifelse(closed, found.is_won, ibis.null("boolean")),
        open_until_at=ibis.ifelse(closed, found.left_at.coalesce(found.closed_at), ibis.null("int64")),
    )


def _money(facts: FactTables, rows: Table) -> Table:
    home = facts.company.currency
    unit = 10 ** decimals(home)

    def minor(amount: Column) -> IntegerValue:
        return (amount * unit).round().cast("int64")

    one_time = facts.chosen_column(rows, "hubspot", "deal_one_time_property", "decimal(38, 12)")
    term = facts.chosen_column(rows, "hubspot", "deal_term_property", "int64")
    duplicate = facts.chosen_column(rows, "hubspot", "deal_duplicate_property", "boolean")
    rows = rows.select(
        "company_id",
        "contact_id",
        "deal_type",
        deal_id=rows.id,
        pipeline=rows.pipeline_id,
        stage=rows.stage_id,
        created_at=epoch_ms(rows.created_at),
        closed_at=epoch_ms(rows.closed_at),
        is_closed=rows.is_closed.fill_null(False),
        is_won=rows.is_won.fill_null(False),
        foreign=rows.currency.coalesce(home) != home,
        own_minor=minor(rows.amount),
        home_minor=minor(rows.amount_home),
        own_one_time=minor(one_time).coalesce(0),
        term_months=term,
        duplicate=duplicate.fill_null(False),
    )
    # HubSpot converts a deal's amount only, at its own rate: the one-time part is converted in proportion.
    share = quotient_half_up(rows.own_one_time * rows.home_minor, ibis.greatest(rows.own_minor, 1))
    rows = rows.mutate(
        amount_minor=ibis.ifelse(rows.foreign, rows.home_minor, rows.own_minor),
        one_time_minor=ibis.ifelse(rows.foreign, share, rows.own_one_time),
    )
    yearly = (rows.amount_minor - rows.one_time_minor) * 12
    annual = quotient_half_up(yearly, ibis.greatest(rows.term_months, 1))
    return rows.mutate(annual_minor=ibis.ifelse(rows.term_months > 0, annual, ibis.null("int64")))

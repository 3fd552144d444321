from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from kpi_pipeline.errors import SettingsError
from kpi_pipeline_tests.facts.builders import contact, meeting, staged
from kpi_pipeline_tests.facts.records import SETTINGS, Company, Records, Settings, ms, utc

Read = Callable[..., list[dict[str, Any]]]


def deals(rows_of: Read) -> dict[str, dict[str, Any]]:
    return {row["deal_id"]: row for row in rows_of("deal")}


def test_a_won_deal_with_its_yearly_value(records: Records, rows_of: Read) -> None:
    """24 months for 10,000.00 of which 1,000.01 once: 8,999.99 over two years is 4,499.995, half a cent up."""
    contact(records, "7", source="ORGANIC_SEARCH")
    staged(
        records,
        "1",
        ("new", "2026-03-01 08:00"),
        ("qualifiedtobuy", "2026-03-02 08:00"),
        ("new", "2026-03-03 08:00"),
        ("qualifiedtobuy", "2026-03-04 08:00"),
        ("won", "2026-03-09 08:00"),
        amount=Decimal("10000"),
        one_time_amount=Decimal("1000.01"),
        contract_months=24,
        closed_at=utc("2026-03-05 00:00"),
        contact_id="7",
        company_id="c",
        pipeline_id="p",
        deal_type="newbusiness",
    )
    assert rows_of("deal") == [
        {
            "deal_id": "1",
            "company_id": "c",
            "contact_id": "7",
            "pipeline": "p",
            "stage": "won",
            "deal_type": "newbusiness",
            "created_at": ms("2026-03-01 08:00"),
            "qualified_at": ms("2026-03-02 08:00"),
            "closed_at": ms("2026-03-05 00:00"),
            "open_until_at": ms("2026-03-09 08:00"),
            "won": True,
            "amount_minor": 1_000_000,
            "one_time_minor": 100_001,
            "term_months": 24,
            "annual_minor": 450_000,
            "source_first_touch": "ORGANIC_SEARCH",
            "duplicate": False,
        }
    ]


def test_an_open_deal_is_neither_won_nor_closed_whatever_its_expected_date(records: Records, rows_of: Read) -> None:
    staged(records, "1", ("new", "2026-03-01 08:00"), closed_at=utc("2026-03-20 08:00"))
    row = deals(rows_of)["1"]
    assert (row["closed_at"], row["open_until_at"], row["won"], row["qualified_at"]) == (None, None, None, None)
    assert (row["amount_minor"], row["annual_minor"]) == (None, None)


def test_a_reopened_deal_was_open_until_it_was_closed_for_good(records: Records, rows_of: Read) -> None:
    life = (("new", "2026-03-01 08:00"), ("lost", "2026-03-02 08:00"), ("new", "2026-03-03 08:00"))
    staged(records, "open again", *life)
    staged(records, "lost, then won", *life, ("lost", "2026-03-05 08:00"), ("won", "2026-03-06 08:00"))
    found = deals(rows_of)
    assert found["open again"]["open_until_at"] is None
    assert found["lost, then won"]["open_until_at"] == ms("2026-03-05 08:00")
    assert found["lost, then won"]["won"] is True


def test_another_currency_counts_at_the_rate_of_the_crm_one_time_part_included(records: Records, rows_of: Read) -> None:
    staged(
        records,
        "1",
        ("won", "2026-03-01 08:00"),
        amount=Decimal("860"),
        amount_home=Decimal("1000"),
        currency="GBP",
        one_time_amount=Decimal("86"),
        contract_months=12,
    )
    row = deals(rows_of)["1"]
    assert (row["amount_minor"], row["one_time_minor"], row["annual_minor"]) == (100_000, 10_000, 90_000)


def test_merged_away_deals_are_gone_and_duplicates_are_marked(records: Records, rows_of: Read) -> None:
    staged(records, "1", ("new", "2026-03-01 08:00"), merged_ids="2;3")
    staged(records, "2", ("new", "2026-03-01 08:00"))
    staged(records, "4", ("new", "2026-03-01 08:00"), is_duplicate=True)
    assert {name: row["duplicate"] for name, row in deals(rows_of).items()} == {"1": False, "4": True}


def test_settings_that_name_nothing_leave_their_columns_empty(records: Records, rows_of: Read) -> None:
    staged(records, "1", ("qualifiedtobuy", "2026-03-01 08:00"), amount=Decimal("5"), contract_months=12)
    nothing = {name: None for name in SETTINGS["hubspot"] if name.startswith("deal_")}
    sources = {"hubspot": Settings(SETTINGS["hubspot"] | nothing)}
    (row,) = rows_of("deal", Company(sources=sources))
    assert (row["qualified_at"], row["term_months"], row["annual_minor"], row["amount_minor"]) == (
        None,
        None,
        None,
        500,
    )
    lost = {"hubspot": Settings(SETTINGS["hubspot"] | {"deal_term_property": "term"})}
    with pytest.raises(SettingsError, match=r"deal_term_property is 'term', which landing does not keep"):
        rows_of("deal", Company(sources=lost))


def test_a_meeting_is_held_when_somebody_said_so(records: Records, rows_of: Read) -> None:
    meeting(records, "1", "2026-05-03 10:00", "COMPLETED", type="Demo", company_id="c", reasons="Prijs;Aantoonbaarheid")
    meeting(records, "2", "2026-05-03 10:00", "NO_SHOW", type="Demo", reasons="")
    meeting(records, "3", "2026-05-03 10:00", type="Intake", reasons="Aantoonbaarheid zonder meer")
    found = {row.pop("meeting_id"): row for row in rows_of("meeting")}
    assert found["1"] == {
        "company_id": "c",
        "contact_id": None,
        "kind": "Demo",
        "created_at": ms("2026-05-01 08:00"),
        "starts_at": ms("2026-05-03 10:00"),
        "outcome": "completed",
        "held": True,
        "reasons_recorded": True,
        "usp_mentioned": True,
        "campaign": None,
    }
    seen = {
        name: (row["outcome"], row["held"], row["reasons_recorded"], row["usp_mentioned"])
        for name, row in found.items()
    }
    assert seen["2"] == ("no_show", False, False, False)
    assert seen["3"] == ("scheduled", False, True, False)


def test_tickets_of_the_crm_are_support_tickets_where_the_company_says_so(records: Records, rows_of: Read) -> None:
    nobody = {"contact_ids": [], "company_ids": []}
    replied = {"first_reply_at": utc("2026-05-01 09:00"), "replies": 2}
    records.add("hubspot.tickets", id="1", created_at=utc("2026-05-01 08:00"), company_id="c", **nobody, **replied)
    records.add("hubspot.tickets", id="2", created_at=utc("2026-05-02 08:00"), merged_ids="3", **nobody)
    records.add("hubspot.tickets", id="3", created_at=utc("2026-05-02 08:00"), **nobody)
    fills = {"hubspot": Settings(SETTINGS["hubspot"] | {"fills": ["support_ticket"]}), "sql": Settings({})}
    found = {row["ticket_id"]: row for row in rows_of("support_ticket", Company(sources=fills))}
    assert found.keys() == {"1", "2"}
    assert (found["1"]["first_reply_at"], found["1"]["replies"]) == (ms("2026-05-01 09:00"), 2)
    assert (found["2"]["resolved_at"], found["2"]["replies"], found["2"]["is_duplicate"]) == (None, 0, False)

"""Prospects, what is expected of deals, and companies by name."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from kpi_pipeline_tests.facts.builders import contact, staged
from kpi_pipeline_tests.facts.records import Records, ms, utc

Read = Callable[..., list[dict[str, Any]]]


def test_a_prospect_keeps_the_first_entry_into_each_stage(records: Records, rows_of: Read) -> None:
    """HubSpot moves the date when a stage is entered again; the version before still has the first one."""
    first = {"entered_marketingqualifiedlead_at": utc("2026-04-02 10:00"), "source": "REFERRALS"}
    again = {"entered_marketingqualifiedlead_at": utc("2026-05-02 10:00"), "source": "REFERRALS"}
    contact(records, "1", **first, observed=utc("2026-04-03 00:00"))
    contact(
        records,
        "1",
        **again,
        entered_salesqualifiedlead_at=utc("2026-05-03 10:00"),
        entered_customer_at=utc("2026-05-04 10:00"),
    )
    contact(records, "2")
    contact(records, "3", merged_ids="2")
    assert rows_of("prospect") == [
        {
            "prospect_id": "1",
            "created_at": ms("2026-04-01 10:00"),
            "marketing_qualified_at": ms("2026-04-02 10:00"),
            "sales_qualified_at": ms("2026-05-03 10:00"),
            "customer_at": ms("2026-05-04 10:00"),
            "source": "REFERRALS",
        },
        {
            "prospect_id": "3",
            "created_at": ms("2026-04-01 10:00"),
            "marketing_qualified_at": None,
            "sales_qualified_at": None,
            "customer_at": None,
            "source": None,
        },
    ]


def test_a_deal_is_as_likely_as_its_stage_in_its_own_pipeline(records: Records, rows_of: Read) -> None:
    stage = {"object": "deals", "pipeline_label": "p", "is_closed": False, "display_order": 3}
    records.add(
        "hubspot.pipelines_stages", **stage, pipeline_id="p", stage_id="new", label="Nieuw", probability=Decimal("0.25")
    )
    records.add(
        "hubspot.pipelines_stages", **stage, pipeline_id="q", stage_id="new", label="Other", probability=Decimal("0.9")
    )
    records.add(
        "hubspot.pipelines_stages", **{**stage, "object": "tickets"}, pipeline_id="p", stage_id="new", label="Ticket"
    )
    staged(records, "1", ("new", "2026-03-01 08:00"), pipeline_id="p", owner_id="7", closed_at=utc("2026-06-30 08:00"))
    staged(records, "2", ("new", "2026-03-01 08:00"), pipeline_id="gone", closed_at=None)
    assert rows_of("deal_outlook") == [
        {
            "deal_id": "1",
            "owner_id": "7",
            "stage_name": "Nieuw",
            "stage_place": 3,
            "probability_e4": 2_500,
            "expected_at": ms("2026-06-30 08:00"),
        },
        {
            "deal_id": "2",
            "owner_id": None,
            "stage_name": None,
            "stage_place": None,
            "probability_e4": None,
            "expected_at": None,
        },
    ]


def test_a_deal_goes_through_the_stages_of_its_own_pipeline(records: Records, rows_of: Read) -> None:
    stage = {"object": "deals", "pipeline_label": "p", "is_closed": False, "display_order": 1}
    for pipeline, chance in (("p", "0.25"), ("q", "0.9")):
        records.add(
            "hubspot.pipelines_stages",
            **stage, pipeline_id=pipeline, stage_id="new", label="Nieuw", probability=Decimal(chance),
        )  # fmt: skip
    staged(records, "1", ("new", "2026-03-01 08:00"), ("won", "2026-04-01 08:00"), pipeline_id="p")
    staged(records, "2", ("new", "2026-03-02 08:00"), pipeline_id="p", merged_ids="1")
    assert rows_of("deal_step") == [
        {"deal_id": "2", "stage_id": "new", "entered_at": ms("2026-03-02 08:00"), "probability_e4": 2_500}
    ]
    staged(records, "3", ("new", "2026-03-05 08:00"), ("won", "2026-04-01 08:00"), pipeline_id="q")
    assert [(row["deal_id"], row["stage_id"], row["probability_e4"]) for row in rows_of("deal_step")] == [
        ("2", "new", 2_500),
        ("3", "new", 9_000),
        ("3", "won", None),
    ]


def test_companies_by_name_without_those_merged_away(records: Records, rows_of: Read) -> None:
    values = {"created_at": utc("2026-01-01 08:00")}
    records.add("hubspot.companies", id="1", name="Acme <b>", country="NL", industry="RETAIL", **values)
    records.add("hubspot.companies", id="2", name="Twice", **values)
    records.add("hubspot.companies", id="3", name="Once", merged_ids="2", **values)
    records.add("hubspot.companies", id="4", name="Gone", deleted=True, **values)
    assert rows_of("organisation") == [
        {"company_id": "1", "name": "Acme <b>", "industry": "RETAIL", "country": "NL"},
        {"company_id": "3", "name": "Once", "industry": None, "country": None},
    ]

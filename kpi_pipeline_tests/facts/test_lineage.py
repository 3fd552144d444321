from __future__ import annotations

import pytest

from kpi_pipeline.facts import FACTS, lineage, sources
from kpi_pipeline.facts.lineage import Record
from kpi_pipeline_tests.facts.records import Company

HUBSPOT = "https://app.hubspot.com/contacts/8675309/record"


def test_a_booking_leads_to_its_invoice_deal_lead_and_customer() -> None:
    row = {"booking_id": "B-1", "invoice_id": "in_1", "deal_id": "70", "lead_id": None, "customer_id": "cus_1"}
    assert lineage.records("booking", row, Company()) == (
        Record("stripe", "invoice", "in_1", "https://dashboard.stripe.com/invoices/in_1"),
        Record("hubspot", "deal", "70", f"{HUBSPOT}/0-3/70"),
        Record("stripe", "customer", "cus_1", "https://dashboard.stripe.com/customers/cus_1"),
    )


@pytest.mark.parametrize("fact", FACTS)
def test_every_fact_says_where_its_rows_come_from_in_columns_it_has(fact: str) -> None:
    row = dict.fromkeys(FACTS[fact].columns, "x")
    found = lineage.records(fact, row, Company())
    assert len(found) == len(lineage.PLACES[fact])
    assert {record.source for record in found} <= {source for source, _ in sources([fact])}


def test_links_are_patterns_that_only_need_the_row() -> None:
    links = lineage.links(Company())
    assert links["lead"] == f"{HUBSPOT}/0-1/{{lead_id}}"
    assert links["issue_completion"].format_map({"identifier": "INC-42"}) == "https://linear.app/issue/INC-42"
    assert "ledger_entry" not in links

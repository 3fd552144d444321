"""Leads that try and free plans that come to pay: PostgreSQL gives what DuckDB does, recurring revenue included."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from kpi_pipeline.facts.backends import open_backend
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline_tests.engines.test_equality import compare_facts
from kpi_pipeline_tests.facts.records import Records, utc
from kpi_pipeline_tests.facts.test_upgrade_facts import COMPANY, line, on_free_plan

FACTS = ("mrr_change", "free_account", "free_month", "subscription_trial", "lead_trial")
MONTHS = ("2026-02-10", "2026-03-10", "2026-04-10", "2026-05-10")


@pytest.fixture
def upgrades() -> Records:
    """a moves to the paid price with its third period, b stays free, c tries it and was a lead."""
    records = Records()
    for customer in ("a", "b"):
        on_free_plan(records, customer, *tuple(pairwise(MONTHS))[:2])
    line(records, "a", 2, "team", MONTHS[2], MONTHS[3])
    records.rows["stripe.invoice_lines"][-1]["amount"] = 24_900
    on_free_plan(records, "c", (MONTHS[0], MONTHS[1]))
    records.rows["stripe.subscriptions"][-1].update(trial_start=utc(MONTHS[0]), trial_end=utc("2026-02-24"))
    for row in records.rows["stripe.subscriptions"]:
        name = row["id"].removeprefix("sub_")
        price, unit = ("team", Decimal(24_900)) if name == "a" else ("free", Decimal(0))
        records.add("stripe.subscription_items", id=f"si_{name}", subscription_id=row["id"],
                    subscription_created=row["created"], created=row["created"], price_id=price, product_id="core",
                    currency="usd", quantity=1, unit_amount_decimal=unit, type="recurring", interval="month",
                    interval_count=1, usage_type="licensed")  # fmt: skip
    for row in records.rows["stripe.invoice_lines"]:
        paid = row["amount"]
        records.add("stripe.invoices", id=row["invoice_id"], created=row["invoice_created"], currency="usd",
                    customer_id=f"cus_{row['subscription_id'].removeprefix('sub_')}", status="paid", subtotal=paid,
                    total=paid, amount_due=paid, amount_paid=paid, amount_remaining=0,
                    paid_at=row["period_start"])  # fmt: skip
    records.add("stripe.products", id="core", created=utc("2025-01-01"), name="Inopsio", active=True)
    records.add("hubspot.contacts", id="l1", created_at=utc("2026-02-01"), company_id="c", company_ids=["c"])
    return records


@pytest.mark.postgres
@pytest.mark.slow
def test_postgres_gives_the_upgrades_of_duckdb(upgrades: Records, postgres_url: str) -> None:
    duckdb, postgres = open_backend("duckdb"), open_backend("postgres", postgres_url)
    with FactTables(upgrades, COMPANY, duckdb) as one, FactTables(upgrades, COMPANY, postgres) as other:
        compare_facts(one, other, FACTS)
        upgraded = {row["customer_id"]: row["upgraded_at"] for row in one["free_account"].to_pyarrow().to_pylist()}
        assert (upgraded["a"] is None, upgraded["b"] is None) == (False, True)
    duckdb.disconnect()
    postgres.disconnect()

"""MRR from records written by hand: what each kind of record at Stripe says, and what it does not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kpi_pipeline.errors import FactError
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline_tests.facts.records import utc
from kpi_pipeline_tests.recurring.cases import CASES, Customer, account, catalogue
from kpi_pipeline_tests.recurring.subscribers import Company


@pytest.fixture(scope="module")
def rows(backend: Any) -> list[dict[str, Any]]:
    """The fact of an account with all cases as customers."""
    with FactTables(account(), Company(), backend) as tables:
        found: list[dict[str, Any]] = tables.table("mrr_change").to_pyarrow().to_pylist()
    return found


@pytest.mark.parametrize("name", CASES)
def test_what_records_say_of_revenue(name: str, rows: list[dict[str, Any]]) -> None:
    summed: dict[str, int] = defaultdict(int)
    for row in rows:
        if row["customer_id"] == name:
            summed[f"{utc('1970-01-01') + timedelta(milliseconds=row['changed_at']):%Y-%m-%d %H:%M}"] += row[
                "delta_minor"
            ]
    assert sorted(summed.items()) == CASES[name][1]


def test_customers_of_one_company_are_one_those_deleted_by_now_included(rows: list[dict[str, Any]]) -> None:
    assert sorted(row["delta_minor"] for row in rows if row["customer_id"] == "77") == [5_000, 10_000]
    assert not [row for row in rows if row["customer_id"] in ("gone", "branch")]


def test_products_have_their_name_and_the_group_that_their_metadata_gives(rows: list[dict[str, Any]]) -> None:
    named = {row["customer_id"]: (row["product"], row["product_group"]) for row in rows}
    assert named["other product"] == ("Archive", None)
    assert named["20 % off"] == ("Portal", "ai")


def test_each_change_says_which_subscription_made_it_or_that_rates_did(rows: list[dict[str, Any]]) -> None:
    made = {(row["reason"], row["subscription_id"]) for row in rows if row["customer_id"] == "dollars"}
    assert made == {("subscription", "sub_dollars"), ("fx", None)}


@pytest.mark.parametrize(
    ("write", "match"),
    [
        (lambda c: [c.month().discounted("10 %") for _ in range(4)], "4 discounts at once"),
        (lambda c: c.month().discounted("GONE"), "no longer lists the coupons GONE"),
        (
            lambda c: c.month(1_999, "gross", inclusive_tax_rate_id="txr_lost"),
            "rates that Stripe does not list: txr_lost",
        ),
        (
            lambda c: c.subscribed(currency="gbp").billed("2026-02-10", "2026-03-10", 10_000),
            "no exchange rate for GBP on 2026-01-31",
        ),
    ],
)
def test_what_cannot_be_computed_is_named(backend: Any, write: Callable[[Customer], Any], match: str) -> None:
    records = catalogue()
    write(Customer(records, "cus"))
    with FactTables(records, Company(), backend) as tables, pytest.raises(FactError, match=match):
        tables.table("mrr_change")

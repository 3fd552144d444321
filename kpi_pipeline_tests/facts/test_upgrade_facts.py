"""Leads that try, free plans that come to pay: by hand-made revenue, trials and invoice lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from ibis.expr.types import Table

from kpi_pipeline.facts.spec import FACTS
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.schemas.facts import MODELS
from kpi_pipeline_tests.facts.records import Company, Records, Settings, ms, utc

Rows = list[dict[str, Any]]
TYPES = {"int64": pa.int64(), "string": pa.string(), "boolean": pa.bool_()}
COMPANY = Company(
    id="inopsio",
    zone="UTC",
    currency="USD",
    sources={
        "stripe": Settings({"company_metadata": "organisation_id", "product_group_metadata": "group"}),
        "hubspot": Settings({"qualified_stage": "salesqualifiedlead"}),
        "registers": Settings({}),
    },
)


class Given(FactTables):
    """Facts of which some are given as rows, so that a test tells only what the others turn on."""

    def __init__(self, records: Records, backend: Any, **given: Rows) -> None:
        super().__init__(records, COMPANY, backend)
        self._given = {name: self._made(name, rows) for name, rows in given.items()}

    def table(self, name: str) -> Table:
        return self._given[name] if name in self._given else super().table(name)

    def _made(self, name: str, rows: Rows) -> Table:
        schema = pa.schema([(column, TYPES[spec.type]) for column, spec in FACTS[name].columns.items()])
        return self.backend.create_table(
            f"given_{name}_{next(Records.counter)}", pa.Table.from_pylist(rows, schema=schema), temp=True
        )


def read(tables: FactTables, name: str) -> Rows:
    frame = pl.DataFrame(tables.table(name).to_pyarrow())
    MODELS[name].validate(frame)
    return frame.sort(frame.columns, nulls_last=True).to_dicts()


def revenue(*changes: tuple[str, str, int]) -> Rows:
    return [
        {"change_id": str(number), "customer_id": who, "changed_at": ms(at), "delta_minor": delta, "reason": "new"}
        for number, (who, at, delta) in enumerate(changes)
    ]


def on_free_plan(records: Records, customer: str, *periods: tuple[str, str], ended: str | None = None) -> None:
    """A subscription of a customer, with an invoice line at the free price for each period."""
    if not records.rows["stripe.prices"]:
        for price, amount in (("free", Decimal(0)), ("team", Decimal(24900))):
            records.add("stripe.prices", id=price, created=utc("2025-01-01"), product_id="core", active=True,
                        currency="usd", type="recurring", unit_amount_decimal=amount, interval="month",
                        interval_count=1, usage_type="licensed", livemode=True)  # fmt: skip
    records.add("stripe.customers", id=f"cus_{customer}", created=utc("2025-01-01"), livemode=True,
                organisation_id=customer)  # fmt: skip
    records.add("stripe.subscriptions", id=f"sub_{customer}", created=utc(periods[0][0]), customer_id=f"cus_{customer}",
                status="active", currency="usd", start_date=utc(periods[0][0]),
                ended_at=None if ended is None else utc(ended), item_ids=[f"si_{customer}"], livemode=True)  # fmt: skip
    for number, (start, end) in enumerate(periods):
        line(records, customer, number, "free", start, end)


def line(records: Records, customer: str, number: int, price: str, start: str, end: str) -> None:
    records.add("stripe.invoice_lines", invoice_id=f"in_{customer}_{number}", id=f"il_{customer}_{number}",
                invoice_created=utc(start), subscription_id=f"sub_{customer}", subscription_item_id=f"si_{customer}",
                price_id=price, product_id="core", currency="usd", amount=0, discount_amount=0, tax_amount=0,
                quantity=1, proration=False, period_start=utc(start), period_end=utc(end))  # fmt: skip


def test_a_free_account_upgrades_with_its_first_revenue(records: Records, duckdb: Any) -> None:
    """b paid for something else when its free plan began; c did before that, and again later."""
    for customer in "abcd":
        on_free_plan(records, customer, ("2026-02-10", "2026-03-10"), ("2026-03-10", "2026-04-10"))
    paid = revenue(
        ("a", "2026-03-20", 9900), ("a", "2026-04-20", 100), ("b", "2026-01-01", 9900),
        ("c", "2026-01-01", 9900), ("c", "2026-01-20", -9900), ("c", "2026-05-01", 9900),
    )  # fmt: skip
    rows = read(Given(records, duckdb, mrr_change=paid), "free_account")
    assert rows == [
        {"customer_id": "a", "free_from_at": ms("2026-02-10"), "upgraded_at": ms("2026-03-20")},
        {"customer_id": "c", "free_from_at": ms("2026-02-10"), "upgraded_at": ms("2026-05-01")},
        {"customer_id": "d", "free_from_at": ms("2026-02-10"), "upgraded_at": None},
    ]


def test_a_trial_of_a_paid_plan_is_not_free(records: Records, duckdb: Any) -> None:
    on_free_plan(records, "a", ("2026-02-10", "2026-03-10"))
    records.rows["stripe.invoice_lines"].clear()
    line(records, "a", 0, "team", "2026-02-10", "2026-02-24")
    assert read(Given(records, duckdb, mrr_change=[]), "free_account") == []


def test_who_is_free_as_a_month_begins_and_pays_in_it(records: Records, duckdb: Any) -> None:
    """a upgrades on 10 March and stops on the 20th; its free period runs on, but it pays, so April is no free month."""
    on_free_plan(records, "a", ("2026-02-10", "2026-03-10"), ("2026-03-10", "2026-04-10"))
    paid = revenue(("a", "2026-03-10", 9900), ("a", "2026-03-20", -9900), ("a", "2026-03-25", 5000))
    rows = read(Given(records, duckdb, mrr_change=paid), "free_month")
    march = {"customer_id": "a", "month_starts_at": ms("2026-03-01")}
    assert rows == [
        {**march, "paid_from_at": ms("2026-03-10"), "paid_until_at": ms("2026-03-20")},
        {**march, "paid_from_at": ms("2026-03-25"), "paid_until_at": None},
    ]


@pytest.mark.parametrize(
    ("ended", "months"), [(None, ["2026-03-01", "2026-04-01"]), ("2026-04-01", ["2026-03-01"]), ("2026-03-01", [])]
)
def test_a_free_plan_ends_with_its_subscription(
    records: Records, duckdb: Any, ended: str | None, months: list[str]
) -> None:
    """The first instant of a month at which it ended is not free any more."""
    on_free_plan(records, "a", ("2026-02-10", "2026-03-10"), ("2026-03-10", "2026-04-10"), ended=ended)
    rows = read(Given(records, duckdb, mrr_change=[]), "free_month")
    assert [(row["month_starts_at"], row["paid_from_at"]) for row in rows] == [(ms(month), None) for month in months]


def test_revenue_that_begins_with_the_month_is_an_upgrade_of_it(records: Records, duckdb: Any) -> None:
    on_free_plan(records, "a", ("2026-02-10", "2026-03-10"))
    rows = read(Given(records, duckdb, mrr_change=revenue(("a", "2026-03-01", 9900))), "free_month")
    assert [(row["month_starts_at"], row["paid_from_at"]) for row in rows] == [(ms("2026-03-01"), ms("2026-03-01"))]


def test_a_lead_s_trial_is_the_first_of_its_company_after_it(records: Records, duckdb: Any) -> None:
    """Two contacts of company 7, one of company 8 without a trial, one of none."""
    for contact, company in (("early", "7"), ("late", "7"), ("other", "8"), ("alone", None)):
        records.add("hubspot.contacts", id=contact, created_at=utc("2026-02-01"), company_id=company,
                    company_ids=[] if company is None else [company])  # fmt: skip
    leads = [
        {"lead_id": contact, "created_at": ms(at)}
        for contact, at in (
            ("early", "2026-02-01"), ("late", "2026-02-20"), ("other", "2026-02-01"), ("alone", "2026-02-01")
        )
    ]  # fmt: skip
    trials = [
        {"subscription_id": name, "customer_id": "7", "started_at": ms(at), "ended_at": ms(at), "repeat": False}
        for name, at in (("before", "2026-01-20"), ("first", "2026-02-10"), ("second", "2026-02-20"))
    ]
    rows = read(Given(records, duckdb, lead=leads, subscription_trial=trials), "lead_trial")
    assert {row["lead_id"]: (row["subscription_id"], row["trial_started_at"]) for row in rows} == {
        "early": ("first", ms("2026-02-10")),
        "late": ("second", ms("2026-02-20")),
        "other": (None, None),
        "alone": (None, None),
    }

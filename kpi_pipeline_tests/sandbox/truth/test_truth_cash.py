"""Runway, recounted by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from kpi_pipeline.sandbox.truth import cash
from kpi_pipeline.sandbox.world.model import LedgerEntry

DAY = date(2025, 11, 12)


def enter(tiny: Any, day: date, kind: str, amount: str, **more: Any) -> None:
    entered = more.get("entered_at", datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    tiny.world.ledger.append(
        LedgerEntry(
            str(len(tiny.world.ledger)), day, more.get("account", "bank"), kind, "x", Decimal(amount), "EUR",
            more.get("one_off", False), more.get("restricted", False), "h", entered,
        )
    )  # fmt: skip


@pytest.fixture
def books(tiny: Any) -> Any:
    enter(tiny, date(2025, 11, 3), "balance", "50000.00")
    enter(tiny, date(2025, 11, 10), "balance", "60000.30")
    enter(tiny, date(2025, 11, 17), "balance", "1.00")  # after the day
    enter(tiny, date(2025, 11, 10), "balance", "99000.00", account="vat", restricted=True)
    enter(tiny, date(2025, 10, 6), "balance", "5000.00", account="savings")
    for month, amount in ((7, "77777"), (8, "10000.00"), (9, "20000.00"), (10, "30000.10"), (11, "88888")):
        enter(tiny, date(2025, month, 25), "outflow", amount)
    enter(tiny, date(2025, 9, 17), "outflow", "40000.00", one_off=True)
    enter(tiny, date(2025, 8, 27), "inflow", "6000.10")
    return tiny


def test_runway_is_spendable_cash_over_the_mean_of_three_complete_months(books: Any) -> None:
    assert books.value(cash.values, "cash_available", DAY).value == Decimal("65000.30")
    gross = books.value(cash.values, "gross_burn_per_month", DAY)
    assert (gross.numerator, gross.denominator) == (6_000_010, 3)
    runway = books.value(cash.values, "cash_runway_months", DAY)
    assert runway.n == min(books.value(cash.values, "cash_available", DAY).n, gross.n) > 0
    assert abs(runway.value - Decimal(3) * Decimal("65000.30") / Decimal("60000.10")) < Decimal("1e-20")


def test_net_burn_takes_inflow_into_account(books: Any) -> None:
    assert books.value(cash.values, "net_burn_per_month", DAY).numerator == 5_400_000
    net = books.value(cash.values, "net_burn_runway", DAY)
    assert abs(net.value - Decimal("65000.30") / 18_000) < Decimal("1e-20")


def test_who_earns_more_than_is_spent_burns_nothing(books: Any) -> None:
    enter(books, date(2025, 10, 1), "inflow", "54000.00")
    net = books.value(cash.values, "net_burn_runway", DAY)
    assert (net.value, net.reason) == (None, "no_burn")


def test_a_month_without_costs_gives_no_runway(books: Any) -> None:
    assert books.value(cash.values, "cash_runway_months", date(2025, 9, 30)).value is None
    assert books.value(cash.values, "net_burn_runway", date(2025, 9, 30)).reason is None


def test_before_the_first_balance_nothing_is_known(books: Any) -> None:
    assert books.value(cash.values, "cash_available", date(2025, 10, 5)).value is None


def test_an_entry_counts_for_its_day_once_it_has_been_entered(tiny: Any) -> None:
    enter(tiny, date(2025, 11, 3), "balance", "100.00")
    enter(tiny, date(2025, 11, 10), "balance", "200.00", entered_at=datetime(2025, 11, 20, tzinfo=UTC))
    early, late = datetime(2025, 11, 19, tzinfo=UTC), datetime(2025, 11, 21, tzinfo=UTC)
    assert tiny.value(cash.values, "cash_available", DAY, early).value == 100
    assert tiny.value(cash.values, "cash_available", DAY, late).value == 200

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_pipeline.errors import FactError
from kpi_pipeline.facts.arithmetic import quotient_half_up
from kpi_pipeline.facts.local_time import day_number
from kpi_pipeline_tests.facts.builders import ledger, rate
from kpi_pipeline_tests.facts.records import Company, Records, day, ms, utc

Read = Callable[..., list[dict[str, Any]]]


def half_up(numerator: int, denominator: int) -> int:
    return int((Decimal(numerator) / Decimal(denominator)).quantize(Decimal(1), ROUND_HALF_UP))


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(-(10**15), 10**15), st.integers(1, 2_000_000_000)), min_size=1, max_size=50))
def test_quotients_round_halves_away_from_zero_like_decimal(pairs: list[tuple[int, int]]) -> None:
    t = ibis.memtable({"n": [n for n, _ in pairs], "d": [d for _, d in pairs]})
    got = t.select(q=quotient_half_up(t.n, t.d)).to_pyarrow()["q"].to_pylist()
    assert got == [half_up(n, d) for n, d in pairs]


def test_exact_halves_go_up() -> None:
    t = ibis.memtable({"n": [1, 3, -1, -3, 1_000_000_000_000_001], "d": [2, 2, 2, 2, 2]})
    assert t.select(q=quotient_half_up(t.n, t.d)).to_pyarrow()["q"].to_pylist() == [1, 2, -1, -2, 500_000_000_000_001]


def test_a_rate_holds_until_the_next_fixing_and_at_most_seven_days(records: Records, rows_of: Read) -> None:
    rate(records, "2026-05-01", "GBP", 850_000)
    rate(records, "2026-05-04", "GBP", 860_000)
    spans = [
        (row["from_day"] - day_number(day("2026-05-01")), row["to_day"] - row["from_day"]) for row in rows_of("fx_rate")
    ]
    assert spans == [(0, 3), (3, 8)]


def test_a_foreign_amount_uses_the_rate_of_its_day_or_of_up_to_seven_days_before(
    records: Records, rows_of: Read
) -> None:
    rate(records, "2026-05-01", "GBP", 850_000)
    rate(records, "2026-05-01", "JPY", 163_450_000)
    rate(records, "2026-05-01", "KWD", 333_300)
    ledger(records, "friday", "2026-05-01", 10_000, "GBP")
    ledger(records, "a week later", "2026-05-08", 10_000, "GBP")
    ledger(records, "euro", "2026-01-01", 10_000, "EUR", restricted=True)
    ledger(records, "yen", "2026-05-02", 10_000, "JPY")
    ledger(records, "dinar", "2026-05-02", 10_000, "KWD")
    amounts = {row["entry_id"]: row["amount_minor"] for row in rows_of("ledger_entry")}
    assert amounts == {
        "friday": 11_765,  # 100.00 / 0.85 = 117.647
        "a week later": 11_765,
        "euro": 10_000,
        "yen": 6_118,  # 10000 / 163.45 = 61.1808
        "dinar": 3_000,  # 10.000 / 0.3333 = 30.0030
    }


def test_half_a_cent_goes_up(records: Records, rows_of: Read) -> None:
    rate(records, "2026-05-01", "USD", 2_000_000)
    ledger(records, "half", "2026-05-01", 1_001, "USD")
    ledger(records, "minus half", "2026-05-01", -1_001, "USD")
    assert {row["entry_id"]: row["amount_minor"] for row in rows_of("ledger_entry")} == {
        "half": 501,
        "minus half": -501,
    }


def test_a_company_that_reports_in_dollars_converts_through_the_euro(records: Records, rows_of: Read) -> None:
    rate(records, "2026-05-01", "GBP", 850_000)
    rate(records, "2026-05-01", "USD", 1_100_000)
    ledger(records, "pounds", "2026-05-01", 10_000, "GBP")
    ledger(records, "euros", "2026-05-01", 10_000, "EUR")
    ledger(records, "dollars", "2026-05-01", 10_000, "USD")
    amounts = {row["entry_id"]: row["amount_minor"] for row in rows_of("ledger_entry", Company(currency="USD"))}
    assert amounts == {"pounds": 12_941, "euros": 11_000, "dollars": 10_000}


def test_a_missing_rate_is_an_error_that_names_currency_and_day(records: Records, rows_of: Read) -> None:
    rate(records, "2026-05-01", "GBP", 850_000)
    ledger(records, "too late", "2026-05-09", 10_000, "GBP")
    with pytest.raises(FactError, match=r"no exchange rate for GBP on 2026-05-09, nor in the seven days before"):
        rows_of("ledger_entry")


def test_the_ledger_keeps_its_words(records: Records, rows_of: Read) -> None:
    words = {"kind": "outflow", "category": "payroll", "entered_by": "ann", "entered_at": utc("2026-05-02 10:00")}
    ledger(records, "e1", "2026-05-01", 5_000, "EUR", one_off=True, **words)
    assert rows_of("ledger_entry") == [
        {
            "entry_id": "e1",
            "day": day_number(day("2026-05-01")),
            "account": "main",
            "kind": "outflow",
            "category": "payroll",
            "amount_minor": 5_000,
            "one_off": True,
            "restricted": False,
            "entered_by": "ann",
            "entered_at": ms("2026-05-02 10:00"),
        }
    ]

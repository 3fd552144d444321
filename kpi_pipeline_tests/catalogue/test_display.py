"""Numbers, money, percentages, thresholds and days as Dutch and English readers expect them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kpi_pipeline.catalogue.display import (
    STATUS,
    cadence_text,
    count_text,
    day_text,
    instant_text,
    sparkline,
    status_text,
    threshold_text,
    value_text,
)
from kpi_pipeline.catalogue.model import Threshold
from kpi_pipeline.metrics.rating import STATUSES
from kpi_pipeline_tests.catalogue.conftest import shipped


@pytest.mark.parametrize(
    ("value", "unit", "nl", "en"),
    [
        ("32.44", "percent", "32,4%", "32.4%"),
        ("32.45", "percent", "32,5%", "32.5%"),
        ("-0.05", "percent", "−0,1%", "−0.1%"),
        ("0", "percent", "0,0%", "0.0%"),
        ("0.042", "percent", "0,04%", "0.04%"),
        ("99.96", "percent", "99,96%", "99.96%"),
        ("99.9954", "percent", "99,995%", "99.995%"),
        ("99.94", "percent", "99,9%", "99.9%"),
        ("99.99999", "percent", "100,0%", "100.0%"),
        ("100.04", "percent", "100,0%", "100.0%"),
        ("-0.0096", "percent", "−0,010%", "−0.010%"),
        ("0.4", "count", "0,4", "0.4"),
        ("0.00001", "percent", "0,0%", "0.0%"),
        ("12345.678", "hours", "12.345,7 uur", "12,345.7 hours"),
        ("65.85", "points", "66 punten", "66 points"),
        ("204000", "ms", "204.000 ms", "204,000 ms"),
        ("1.005", "ratio", "1,01", "1.01"),
        ("1849.5", "EUR", "€ 1.850", "€ 1,850"),
        ("99.99", "EUR", "€ 99,99", "€ 99.99"),
        ("99.996", "EUR", "€ 100", "€ 100"),
        ("0.5", "EUR", "€ 0,50", "€ 0.50"),
        ("-1200", "EUR", "−€ 1.200", "−€ 1,200"),
        ("1234567.89", "USD", "US$ 1.234.568", "US$ 1,234,568"),
    ],
)
def test_a_value_is_written_with_its_unit(value: str, unit: str, nl: str, en: str) -> None:
    found = [value_text(Decimal(value), unit, language).replace("\xa0", " ") for language in ("nl", "en")]
    assert found == [nl, en]


@pytest.mark.parametrize(
    ("value", "unit", "apart_from", "text"),
    [
        ("0.0825", "percent", ["0.1"], "0.08%"),
        ("0.0978", "percent", ["0.1"], "0.098%"),
        ("99.93", "percent", ["99.9"], "99.93%"),
        ("99.9", "percent", ["99.9"], "99.9%"),
        ("99.90001", "percent", ["99.9"], "99.9%"),
        ("24.04", "percent", ["32", "28", "24"], "24.04%"),
        ("2.04", "hours", ["2"], "2.04 hours"),
        ("199.6", "ms", ["200"], "199.6 ms"),
        ("99999.6", "USD", ["100000"], "US$ 99,999.60"),
        ("100000", "USD", ["100000"], "US$ 100,000"),
    ],
)
def test_a_value_is_not_written_as_a_threshold_that_it_is_not(
    value: str, unit: str, apart_from: list[str], text: str
) -> None:
    found = value_text(Decimal(value), unit, "en", apart_from=[Decimal(each) for each in apart_from])
    assert found.replace("\xa0", " ") == text


@pytest.mark.parametrize(
    ("reason", "nl", "en"),
    [
        (None, "–", "–"),
        ("no_such_reason", "–", "–"),
        ("nothing_waited", "niets wachtte", "nothing waited"),
        ("none_open", "geen open", "none open"),
        ("no_burn", "∞ (geen netto uitgaven)", "∞ (no net burn)"),
    ],
)
def test_no_value_is_a_dash_or_the_reason_and_never_zero(reason: str | None, nl: str, en: str) -> None:
    assert [value_text(None, "months", language, reason=reason) for language in ("nl", "en")] == [nl, en]
    assert value_text(Decimal(5), "months", "en", reason=reason) == "5.0 months"


@pytest.mark.parametrize(
    ("op", "value", "unit", "nl", "en"),
    [
        (">=", "99.95", "percent", "≥ 99,95%", "≥ 99.95%"),
        ("<", "28", "percent", "< 28%", "< 28%"),
        ("<=", "1.5", "hours", "≤ 1,5 uur", "≤ 1.5 hours"),
        (">", "900000", "ms", "> 900.000 ms", "> 900,000 ms"),
        (">=", "1850", "EUR", "≥ € 1.850", "≥ € 1,850"),
        ("<", "1850.50", "EUR", "< € 1.850,50", "< € 1,850.50"),
        (">", "0.75", "ratio", "> 0,75", "> 0.75"),
    ],
)
def test_a_threshold_is_written_as_printed_and_never_rounded(op: str, value: str, unit: str, nl: str, en: str) -> None:
    threshold = Threshold(op=op, value=Decimal(value))  # type: ignore[arg-type]
    found = [threshold_text(threshold, unit, language).replace("\xa0", " ") for language in ("nl", "en")]
    assert found == [nl, en]
    assert threshold_text(None, unit, "nl") == "–"


def test_every_status_has_a_word_in_both_languages_and_a_glyph_of_its_own() -> None:
    assert tuple(STATUS) == STATUSES
    assert len({words["glyph"] for words in STATUS.values()}) == len(STATUS)
    for status in STATUS:
        for language in ("nl", "en"):
            glyph, word = status_text(status, language).split(" ", 1)
            assert (len(glyph), word.isascii()) == (1, True)


def test_days_instants_and_counts() -> None:
    assert day_text(date(2027, 1, 1), "nl") == "1 januari 2027"
    assert day_text(date(2027, 1, 1), "en") == "1 January 2027"
    assert instant_text(datetime(2026, 11, 2, 6, 5, tzinfo=UTC), "nl") == "2 nov 2026 06:05"
    assert [count_text(1234567, language) for language in ("nl", "en")] == ["1.234.567", "1,234,567"]
    assert count_text(None, "nl") == "–"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█"),
        ([3, None, 1], "█ ▁"),
        ([5, 5, 5], "▄▄▄"),
        ([-1, 0, 1], "▁▄█"),
        ([None, None], ""),
        ([], ""),
    ],
)
def test_a_sparkline_runs_from_low_to_high_and_keeps_gaps(values: list[int | None], text: str) -> None:
    assert sparkline([None if value is None else Decimal(value) for value in values]) == text


@pytest.mark.parametrize(
    ("cadence", "nl", "en"),
    [("every 6 hours", "elke 6 uur", "every 6 hours"), ("quarterly", "elk kwartaal", "quarterly")],
)
def test_how_often_is_said_in_the_reader_s_language(cadence: str, nl: str, en: str) -> None:
    assert (cadence_text(cadence, "nl"), cadence_text(cadence, "en")) == (nl, en)
    assert cadence_text("elke oneven week", "nl") == "elke oneven week"


def test_no_dutch_reader_finds_an_english_word_for_how_often() -> None:
    dutch = [each for each in shipped()[0].companies.values() if each.language == "nl"]
    said = {kpi.cadence for company in dutch for kpi in company.kpis.values()}
    assert len(said) > 3
    assert {each for each in said if cadence_text(each, "nl") == each} == set()

"""Windows: the words, the days they see, and how they partition time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.metrics.spine import DAY_MS, Spine, midnight_ms, zone_stretches
from kpi_pipeline.metrics.windows import Shape, Window, add_months, next_period_start, parse, period_start

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 22, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "window"),
    [
        ("rolling 30 days", Window(Shape.DAYS, 30)),
        ("rolling  1 day", Window(Shape.DAYS, 1)),
        ("rolling 30 days ending 30 days ago", Window(Shape.DAYS, 30, lag_days=30)),
        ("rolling 2592000 seconds", Window(Shape.SECONDS, 2_592_000)),
        ("calendar week", Window(Shape.CALENDAR, unit="week")),
        ("calendar fortnight", Window(Shape.CALENDAR, unit="fortnight")),
        ("last 3 complete months", Window(Shape.COMPLETE_MONTHS, 3)),
        ("from 2026-11-16 to 2026-11-22", Window(Shape.FIXED, span=(date(2026, 11, 16), date(2026, 11, 22)))),
        ("at day end", Window(Shape.INSTANT)),
    ],
)
def test_words_mean_a_window(words: str, window: Window) -> None:
    assert parse(words) == window


@pytest.mark.parametrize("words", ["", "rolling month", "rolling -3 days", "calendar decade", "30 days"])
def test_other_words_are_refused_with_examples(words: str) -> None:
    with pytest.raises(ValueError, match="is none of 'rolling 30 days'"):
        parse(words)


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(ValueError, match="is empty"):
        parse("rolling 0 days")
    with pytest.raises(ValueError, match="from 2026-11-22 to 2026-11-16 ends before it begins"):
        parse("from 2026-11-22 to 2026-11-16")


@pytest.mark.parametrize(
    ("words", "day", "first", "end"),
    [
        ("rolling 30 days", "2026-03-01", "2026-01-31", "2026-03-02"),
        ("rolling 30 days ending 30 days ago", "2026-03-01", "2026-01-01", "2026-01-31"),
        ("calendar day", "2026-03-29", "2026-03-29", "2026-03-30"),
        ("calendar week", "2027-01-03", "2026-12-28", "2027-01-04"),
        ("calendar fortnight", "2026-11-16", "2026-11-09", "2026-11-17"),
        ("calendar fortnight", "2026-11-23", "2026-11-23", "2026-11-24"),
        ("from 2026-11-16 to 2026-11-22", "2026-11-10", "2026-11-11", "2026-11-11"),
        ("from 2026-11-16 to 2026-11-22", "2026-11-18", "2026-11-16", "2026-11-19"),
        ("from 2026-11-16 to 2026-11-22", "2026-12-25", "2026-11-16", "2026-11-23"),
        ("calendar month", "2024-02-29", "2024-02-01", "2024-03-01"),
        ("calendar quarter", "2026-11-22", "2026-10-01", "2026-11-23"),
        ("calendar year", "2026-11-22", "2026-01-01", "2026-11-23"),
        ("last 3 complete months", "2026-02-15", "2025-11-01", "2026-02-01"),
        ("at day end", "2026-02-15", "2026-02-15", "2026-02-16"),
    ],
)
def test_first_day_and_end_of_a_window(words: str, day: str, first: str, end: str) -> None:
    window = parse(words)
    assert window.first_day(date.fromisoformat(day)) == date.fromisoformat(first)
    assert window.end_day(date.fromisoformat(day)) == date.fromisoformat(end)


def test_a_calendar_period_is_complete_on_its_last_day_only() -> None:
    assert parse("calendar week").is_complete(date(2026, 11, 22))
    assert not parse("calendar week").is_complete(date(2026, 11, 21))
    assert parse("calendar quarter").is_complete(date(2026, 9, 30))
    assert not parse("calendar month").is_complete(date(2026, 2, 27))
    assert parse("calendar fortnight").is_complete(date(2026, 11, 22))
    assert not parse("calendar fortnight").is_complete(date(2026, 11, 15))
    assert [parse("from 2026-11-16 to 2026-11-22").is_complete(date(2026, 11, d)) for d in (21, 22, 23)] == [
        False,
        True,
        True,
    ]
    assert parse("rolling 30 days").is_complete(date(2026, 2, 27))


@pytest.mark.parametrize("unit", ["day", "week", "fortnight", "month", "quarter", "year"])
def test_calendar_periods_partition_time(unit: str) -> None:
    day = date(2023, 12, 1)
    for _ in range(800):
        start, after = period_start(day, unit), next_period_start(day, unit)
        assert start <= day < after
        assert period_start(after, unit) == after
        assert next_period_start(start, unit) == after
        day += timedelta(days=1)


def test_months_are_added_across_years() -> None:
    assert add_months(date(2026, 2, 1), -3) == date(2025, 11, 1)
    assert add_months(date(2026, 12, 1), 1) == date(2027, 1, 1)


def test_business_days_follow_local_midnights_and_end_now() -> None:
    spine = Spine(
        date(2026, 11, 21), date(2026, 11, 24), parse("calendar month"), zone=AMSTERDAM, now=NOW, settle=timedelta(14)
    )
    past, running = spine.days
    assert (past.day, past.is_over, past.closed, past.provisional) == (date(2026, 11, 21), True, False, True)
    assert running.as_of_ms == running.cut_ms == spine.now_ms
    assert past.cut_ms == spine.now_ms
    assert running.window_start_ms == midnight_ms(date(2026, 11, 1), AMSTERDAM)


def test_days_of_the_clock_change_have_23_and_25_hours() -> None:
    spring = midnight_ms(date(2026, 3, 30), AMSTERDAM) - midnight_ms(date(2026, 3, 29), AMSTERDAM)
    autumn = midnight_ms(date(2026, 10, 26), AMSTERDAM) - midnight_ms(date(2026, 10, 25), AMSTERDAM)
    assert (spring, autumn) == (23 * 3_600_000, 25 * 3_600_000)


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "UTC", "Australia/Lord_Howe", "America/St_Johns"])
def test_offsets_change_exactly_when_the_zone_says(zone: str) -> None:
    info = ZoneInfo(zone)
    first, last = 20_000, 20_800
    stretches = zone_stretches(info, first, last)
    start = first * DAY_MS
    for until, offset in stretches:
        for instant in (start, until - 1_000):
            local = datetime.fromtimestamp(instant // 1_000, info)
            assert local.utcoffset() == timedelta(milliseconds=offset)
        start = until
    assert start == last * DAY_MS

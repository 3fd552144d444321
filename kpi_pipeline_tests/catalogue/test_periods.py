"""Periods by their names: ISO weeks that no language shifts, four weeks that no year shifts, and due hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_pipeline.catalogue.periods import (
    Due,
    Periods,
    last_day,
    newest_due,
    parse_due,
    parse_periods,
    ready_at,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
EVERY = ("day", "week", "4 weeks from 2025-12-29", "month", "quarter", "year")


def periods(text: str) -> Periods:
    found = parse_periods(text)
    assert isinstance(found, Periods)
    return found


def due(text: str) -> Due:
    found = parse_due(text)
    assert isinstance(found, Due)
    return found


@pytest.mark.parametrize(
    ("every", "day", "name", "first", "last"),
    [
        ("day", date(2026, 11, 21), "2026-11-21", date(2026, 11, 21), date(2026, 11, 21)),
        ("week", date(2026, 11, 22), "2026-W47", date(2026, 11, 16), date(2026, 11, 22)),
        ("week", date(2027, 1, 1), "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("week", date(2024, 12, 30), "2025-W01", date(2024, 12, 30), date(2025, 1, 5)),
        ("4 weeks from 2025-12-29", date(2026, 11, 29), "2026-W45-W48", date(2026, 11, 2), date(2026, 11, 29)),
        ("4 weeks from 2025-12-29", date(2027, 1, 1), "2026-W53-W03", date(2026, 12, 28), date(2027, 1, 24)),
        ("4 weeks from 2025-12-29", date(2025, 12, 28), "2025-W49-W52", date(2025, 12, 1), date(2025, 12, 28)),
        ("month", date(2026, 2, 28), "2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("month", date(2028, 2, 1), "2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("quarter", date(2026, 12, 31), "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("year", date(2026, 6, 1), "2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-10-26/2026-11-22", date(1999, 1, 1), "2026-10-26_2026-11-22", date(2026, 10, 26), date(2026, 11, 22)),
    ],
)
def test_a_day_lies_in_one_period(every: str, day: date, name: str, first: date, last: date) -> None:
    found = periods(every).containing(day)
    assert (found.name, found.first, found.last) == (name, first, last)
    assert periods(every).named(name) == found


@given(every=st.sampled_from(EVERY), day=st.dates(date(2000, 1, 10), date(2080, 1, 1)))
@settings(max_examples=200, deadline=None)
def test_periods_follow_one_another_without_gap_or_overlap(every: str, day: date) -> None:
    found = periods(every)
    this = found.containing(day)
    assert this.first <= day <= this.last
    assert found.after(this).first == this.last + timedelta(days=1)
    assert found.before(found.after(this)) == this
    assert found.named(this.name) == this
    assert parse_periods(str(found)) == found


@pytest.mark.parametrize(
    ("every", "name", "says"),
    [
        ("week", "2026-W54", "write a period as 2026-W47"),
        ("week", "2026-47", "write a period as 2026-W47"),
        ("week", "2027-W53", "near it is 2028-W01|write a period"),
        ("month", "2026-13", "write a period as 2026-11"),
        ("quarter", "2026-Q5", "write a period as 2026-Q4"),
        ("4 weeks from 2025-12-29", "2026-W46-W49", "near it is 2026-W45-W48"),
        ("2026-10-26/2026-11-22", "2026-10", "there is only 2026-10-26_2026-11-22"),
    ],
)
def test_a_name_that_is_no_period_says_how_they_are_written(every: str, name: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        periods(every).named(name)


@pytest.mark.parametrize(
    "text", ["fortnight", "4 weeks", "4 weeks from 2026-01-01", "2026-11-22/2026-10-26", "13 weeks"]
)
def test_what_is_no_row_of_periods_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write day, week|no Monday|ends before"):
        parse_periods(text)


@pytest.mark.parametrize("text", ["8:00", "mon 24:00", "day 0 08:00", "moon 08:00", "day 5"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write '08:00'"):
        parse_due(text)


@pytest.mark.parametrize(
    ("every", "when", "running", "name", "at", "until"),
    [
        ("day", "07:00", False, "2026-11-21", "2026-11-22T07:00:00+01:00", date(2026, 11, 21)),
        ("week", "mon 08:00", False, "2026-W47", "2026-11-23T08:00:00+01:00", date(2026, 11, 22)),
        ("week", "wed 08:00", True, "2026-W47", "2026-11-18T08:00:00+01:00", date(2026, 11, 17)),
        ("week", "fri 08:00", True, "2026-W47", "2026-11-20T08:00:00+01:00", date(2026, 11, 19)),
        ("month", "day 3 08:00", False, "2026-02", "2026-03-03T08:00:00+01:00", date(2026, 2, 28)),
        ("month", "day 3 08:00", False, "2026-06", "2026-07-03T08:00:00+02:00", date(2026, 6, 30)),
        ("year", "day 20 09:00", False, "2026", "2027-01-20T09:00:00+01:00", date(2026, 12, 31)),
    ],
)
def test_a_report_is_due_at_a_local_time(every: str, when: str, running: bool, name: str, at: str, until: date) -> None:
    period = periods(every).named(name)
    assert ready_at(period, due(when), AMSTERDAM, running=running).isoformat() == at
    assert last_day(period, due(when), AMSTERDAM, running=running) == until
    assert str(due(when)) == when


def test_the_newest_due_period_is_the_one_whose_hour_has_come() -> None:
    weekly, monday = periods("week"), due("mon 08:00")
    eight = datetime(2026, 11, 23, 7, tzinfo=UTC)  # eight in Amsterdam
    before, at = (newest_due(weekly, monday, AMSTERDAM, eight + timedelta(seconds=each)) for each in (-1, 0))
    assert before is not None
    assert at is not None
    assert (before.name, at.name) == ("2026-W46", "2026-W47")


def test_what_happens_once_is_due_from_its_second_day_on() -> None:
    once, monday = periods("2026-10-26/2026-11-22"), due("mon 08:00")
    assert newest_due(once, monday, AMSTERDAM, datetime(2026, 10, 26, 12, tzinfo=UTC)) is None
    found = newest_due(once, monday, AMSTERDAM, datetime(2026, 10, 27, 12, tzinfo=UTC))
    assert found == once.containing(date(2026, 1, 1))

"""Local calendar days by integer arithmetic, the same on every engine.

Engines disagree about zone functions (names, ambiguous hours, even the zone data they ship), so a zone is reduced here
to its offset changes, taken once from Python's zone data, and expressions only compare and add int64 milliseconds.
Offsets are known for 2000-2050; before and after that the nearest one holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import ibis
from ibis.expr.types import IntegerValue, StringValue

DAY_MS = 86_400_000
EPOCH = date(1970, 1, 1)
_FIRST_YEAR, _LAST_YEAR = 2000, 2050


@dataclass(frozen=True, slots=True)
class Offsets:
    """A zone as data: `first` is its UTC offset before any change, `changes` holds (instant, offset from then on).

    Everything in milliseconds.
    """

    first: int
    changes: tuple[tuple[int, int], ...]


def day_number(day: date) -> int:
    """Days since 1970-01-01, the way facts write a local date."""
    return (day - EPOCH).days


def from_day_number(number: int) -> date:
    """The date of a count of days since 1970-01-01."""
    return EPOCH + timedelta(days=number)


@cache
def offsets(zone: str) -> Offsets:
    """All offset changes of an IANA zone from 2000 to 2050, to the second."""
    info = ZoneInfo(zone)

    def offset(second: int) -> int:
        shift = datetime.fromtimestamp(second, info).utcoffset()
        if shift is None:
            raise ValueError(f"{zone} has no offset at {second}")
        return shift.days * 86_400 + shift.seconds

    second = int(datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    last = int(datetime(_LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp())
    first = current = offset(second)
    changes: list[tuple[int, int]] = []
    while second < last:
        following = second + 86_400
        if offset(following) != current:
            low, high = second, following
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == current else (low, middle)
            current = offset(high)
            changes.append((high * 1_000, current * 1_000))
        second = following
    return Offsets(first * 1_000, tuple(changes))


def _walls(zone: Offsets) -> list[tuple[int, int]]:
    """The changes keyed by wall clock: a local time below the key still has the offset before the change.

    The larger of both offsets makes a skipped midnight fall on the change itself and a repeated one on its first
    occurrence.
    """
    before = [zone.first, *(after for _, after in zone.changes)]
    return [(at + max(old, new), new) for (at, new), old in zip(zone.changes, before, strict=False)]


def midnight_ms(day: date, zone: str) -> int:
    """The first instant of a local day, epoch milliseconds."""
    wall = day_number(day) * DAY_MS
    known = offsets(zone)
    offset = known.first
    for threshold, new in _walls(known):
        if wall < threshold:
            break
        offset = new
    return wall - offset


def local_day(instant: IntegerValue, zone: str) -> IntegerValue:
    """The local date of an instant (epoch ms) as days since 1970-01-01. Give it a plain column: it is repeated."""
    known = offsets(zone)
    # Floor division goes through a double on every engine; a quotient of 10^5 days keeps it far from a wrong floor.
    return (instant + _stepwise(instant, known.first, known.changes)) // DAY_MS


def local_midnight(day: IntegerValue, zone: str) -> IntegerValue:
    """The first instant (epoch ms) of a local date given as days since 1970-01-01. Give it a plain column."""
    known = offsets(zone)
    wall = day * DAY_MS
    return wall - _stepwise(wall, known.first, _walls(known))


def month_after(day: IntegerValue) -> IntegerValue:
    """The first of the month after that of a local date, all in days since 1970-01-01. Give it a plain column."""
    soon = day - _day_of_month(day) + 32
    return (soon - _day_of_month(soon) + 1).cast("int64")


def _day_of_month(day: IntegerValue) -> IntegerValue:
    """1 to 31. Hinnant's civil_from_days (see civil_day), from 1970 to 2100 where no century leaps."""
    march_day = (day + 719_468) % 146_097
    year = (march_day - march_day // 1_460 + march_day // 36_524 - march_day // 146_096) // 365
    day_of_year = march_day - (365 * year + year // 4 - year // 100)
    return day_of_year - (153 * ((5 * day_of_year + 2) // 153) + 2) // 5 + 1


def day_of_text(text: StringValue) -> IntegerValue:
    """'2026-05-16' → days since 1970-01-01; null for anything that is not a date written like that.

    Casting would stop the whole computation at one date that does not exist.
    """
    shaped = text.re_search(r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")
    written = ibis.ifelse(shaped, text, ibis.null("string"))
    year, month, day = (written.substr(at, length).cast("int64") for at, length in ((0, 4), (5, 2), (8, 2)))
    next_month = civil_day(year + ibis.ifelse(month == 12, 1, 0), month % 12 + 1, 1)
    number = civil_day(year, month, day)
    return ibis.ifelse(number < next_month, number, ibis.null("int64"))


def civil_day(year: IntegerValue, month: IntegerValue, day: Any) -> IntegerValue:
    """Days since 1970-01-01 of a proleptic Gregorian date: years counted from March, so that leap days come last.

    H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    """
    march_year = year - ibis.ifelse(month <= 2, 1, 0)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    leap_days = march_year // 4 - march_year // 100 + march_year // 400
    return (march_year * 365 + leap_days + day_of_year - 719_468).cast("int64")


def _stepwise(value: Any, first: int, steps: Sequence[tuple[int, int]]) -> Any:
    """A step function as a balanced tree of comparisons: seven of them for a hundred steps."""
    levels = [first, *(level for _, level in steps)]

    def between(low: int, high: int) -> Any:
        if low == high:
            return ibis.literal(levels[low], "int64")
        middle = (low + high) // 2
        threshold = ibis.literal(steps[middle][0], "int64")
        return ibis.ifelse(value < threshold, between(low, middle), between(middle + 1, high))

    return between(0, len(steps))

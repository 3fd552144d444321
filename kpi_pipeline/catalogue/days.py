"""Days and spans of days as people write them: 2026-12-25, or 2026-12-24/2027-01-02 with both ends in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator

DAYS = re.compile(r"(\d{4}-\d\d-\d\d)(?:/(\d{4}-\d\d-\d\d))?")


@dataclass(frozen=True, slots=True)
class DaySpan:
    """The local days from `first` to `last`, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first}/{self.last}"


def parse_day_span(raw: object) -> object:
    """'2026-12-24/2027-01-02', '2026-12-25' or a date → DaySpan; raises ValueError for anything else."""
    if isinstance(raw, date):
        return DaySpan(raw, raw)
    if not isinstance(raw, str):
        return raw
    match = DAYS.fullmatch(raw.strip())
    if match is None:
        raise ValueError(f"{raw!r}: write a day as 2026-12-25, or several as 2026-12-24/2027-01-02")
    first, last = date.fromisoformat(match[1]), date.fromisoformat(match[2] or match[1])
    if last < first:
        raise ValueError(f"{raw!r} ends before it begins")
    return DaySpan(first, last)


AnyDays = Annotated[DaySpan, BeforeValidator(parse_day_span)]

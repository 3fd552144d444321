"""Spans of time as people write them: '2 periods', '2 measurements', '1 working day', '3 days', '30 minutes'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator

Unit = Literal["periods", "measurements", "working_days", "working_hours", "days", "hours", "minutes"]
SPAN = re.compile(r"(\d+) (periods?|measurements?|working days?|working hours?|weeks?|days?|hours?|minutes?)")


@dataclass(frozen=True, slots=True)
class Span:
    """A number of units. Periods and measurements are counted, working time follows a calendar, the rest the clock."""

    amount: int
    unit: Unit

    @property
    def is_counted(self) -> bool:
        return self.unit in ("periods", "measurements")

    @property
    def elapsed(self) -> timedelta:
        """The length of a span of the clock; raises ValueError for one that is counted or follows a calendar."""
        if self.unit not in ("days", "hours", "minutes"):
            raise ValueError(f"{self} has no length without a calendar")
        return timedelta(**{self.unit: self.amount})

    def __str__(self) -> str:
        word = self.unit.replace("_", " ")
        return f"{self.amount} {word.removesuffix('s') if self.amount == 1 else word}"


def parse_any_span(raw: object) -> object:
    """'2 periods' → Span; a week is seven days. Raises ValueError with the forms there are."""
    if not isinstance(raw, str):
        return raw
    match = SPAN.fullmatch(raw.strip())
    if match is None:
        raise ValueError(
            f"{raw!r} is not a span like '2 periods', '2 measurements', '1 working day', '3 days' or '30 minutes'"
        )
    amount, unit = int(match[1]), match[2].rstrip("s").replace(" ", "_") + "s"
    if unit == "weeks":
        amount, unit = amount * 7, "days"
    return Span(amount, unit)  # type: ignore[arg-type]


AnySpan = Annotated[Span, BeforeValidator(parse_any_span)]

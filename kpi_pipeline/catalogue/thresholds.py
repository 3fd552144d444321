"""Targets and thresholds as printed, exact and dated: a past day is judged by what was in force on it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Annotated, Literal

from pydantic import BeforeValidator, ValidationInfo

from kpi_pipeline.catalogue.entry import Entry

OPERATORS = {">=": ge, "<=": le, ">": gt, "<": lt}
THRESHOLD = re.compile(r"(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)")
GRADED = re.compile(r"(>=|<=|>|<)\s*(.+)")


class Approval(Entry):
    """Who agreed to a target or threshold, and when."""

    by: str
    on: date


class Threshold(Entry):
    """A printed comparison such as '< 28', exact and strict as printed; compared unrounded.

    Of a graded KPI `value` is the rank of the `grade`.
    """

    op: Literal[">=", "<=", ">", "<"]
    value: Decimal
    grade: str = ""
    since: date | None = None
    approved_by: tuple[Approval, ...] = ()

    def holds(self, value: Decimal) -> bool:
        return bool(OPERATORS[self.op](value, self.value))

    @property
    def is_upper(self) -> bool:
        """Whether it holds of large values."""
        return self.op in (">", ">=")

    def covers(self, other: Threshold) -> bool:
        """Whether it holds wherever the other does: `< 28` covers `< 24` and itself."""
        if self.is_upper != other.is_upper:
            return False
        if self.value == other.value:
            return self.op in (">=", "<=") or other.op in (">", "<")
        return (self.value < other.value) == self.is_upper

    def meets(self, other: Threshold) -> bool:
        """Whether some value is on both: `< 28` meets `>= 27`, not `>= 28`."""
        if self.is_upper == other.is_upper:
            return True
        upper, lower = (self, other) if self.is_upper else (other, self)
        if upper.value == lower.value:
            return upper.op == ">=" and lower.op == "<="
        return upper.value < lower.value

    def __str__(self) -> str:
        return f"{self.op} {self.grade or self.value}"


def parse_thresholds(raw: object, info: ValidationInfo) -> object:
    """A printed comparison, or a list of dated ones, → tuple of Threshold mappings in order of `since`."""
    if raw is None:
        return ()
    if isinstance(raw, tuple) and all(isinstance(item, Threshold) for item in raw):
        return raw  # of an entry that was read already
    if isinstance(raw, str):
        raw = [{"is": raw}]
    if not isinstance(raw, list):
        raise ValueError("write it as printed, for example '>= 32', or as a list of {since, is, approved_by}")
    parsed = []
    for item in raw:
        if not isinstance(item, dict):
            raise ValueError(f"{item!r}: write each of several thresholds as {{since, is, approved_by}}")
        entry = dict(item)
        printed = str(entry.pop("is", "")).strip()
        parsed.append({**entry, **_comparison(printed, info.data.get("grades", ()))})
    starts = [item.get("since") for item in parsed]
    if any(start is None for start in starts[1:]):
        raise ValueError("only the first of several thresholds may lack `since`")
    dated = [start for start in starts if start is not None]
    if not all(isinstance(start, date) for start in dated):
        raise ValueError("`since` is a date such as 2026-01-01")
    if dated != sorted(set(dated)):
        raise ValueError("`since` dates must rise, each once: two thresholds cannot be in force on one day")
    return tuple(parsed)


def _comparison(text: str, grades: tuple[str, ...]) -> dict[str, object]:
    """'>= 32' → operator and value; of a graded KPI '>= Healthy' → the rank of the grade, worst first."""
    if grades:
        match = GRADED.fullmatch(text)
        if match is None or match[2] not in grades:
            raise ValueError(f"{text!r}: write a comparison with one of the grades {', '.join(grades)}")
        return {"op": match[1], "value": Decimal(grades.index(match[2])), "grade": match[2]}
    match = THRESHOLD.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r}: write a comparison as printed, for example '>= 32' or '< 28'")
    return {"op": match[1], "value": Decimal(match[2])}


Thresholds = Annotated[tuple[Threshold, ...], BeforeValidator(parse_thresholds)]


def in_force(thresholds: tuple[Threshold, ...], day: date) -> Threshold | None:
    """The threshold a past day is judged by: the last one whose `since` is not after that day."""
    valid = [item for item in thresholds if item.since is None or item.since <= day]
    return valid[-1] if valid else None

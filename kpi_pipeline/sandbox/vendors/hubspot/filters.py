"""Search filters: read, checked and turned into a test of one row or a range of an indexed property."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kpi_pipeline.sandbox.vendors.hubspot.errors import invalid
from kpi_pipeline.sandbox.vendors.hubspot.kinds import Kind, Property
from kpi_pipeline.sandbox.vendors.hubspot.text import milliseconds

MAX_GROUPS, MAX_PER_GROUP, MAX_FILTERS = 5, 6, 18
ONE_VALUE = ("EQ", "NEQ", "LT", "LTE", "GT", "GTE", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN")
MANY_VALUES = ("IN", "NOT_IN")
NO_VALUE = ("HAS_PROPERTY", "NOT_HAS_PROPERTY")
RANGES = ("EQ", "LT", "LTE", "GT", "GTE", "BETWEEN")
UNBOUNDED = (float("-inf"), float("inf"))

Test = Callable[[Any, datetime], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """`values` are comparable: milliseconds for times, numbers for numbers, else text."""

    name: str
    known: Property
    operator: str
    values: tuple[Any, ...]

    def bounds(self) -> tuple[float, float] | None:
        """Lowest and highest whole value that passes, both inclusive; None when that is not a range."""
        low, high = UNBOUNDED
        if self.operator == "BETWEEN":
            low, high = self.values
        elif self.operator in ("GT", "GTE", "EQ"):
            low = self.values[0] + (self.operator == "GT")
        if self.operator in ("LT", "LTE", "EQ"):
            high = self.values[0] - (self.operator == "LT")
        return (low, high) if self.operator in RANGES else None

    def test(self, row: Any, now: datetime) -> bool:
        """Whether a row passes. A row without a value passes no comparison, NEQ and NOT_IN included."""
        raw = self.known.read(row, now)
        if self.operator in NO_VALUE:
            return (raw not in (None, "")) == (self.operator == "HAS_PROPERTY")
        if raw in (None, ""):
            return False
        if "CONTAINS_TOKEN" in self.operator:
            tokens = raw.lower().replace("@", " ").split()
            held = any(fnmatch.fnmatchcase(token, str(self.values[0]).lower()) for token in (*tokens, raw.lower()))
            return held == (self.operator == "CONTAINS_TOKEN")
        value = comparable(self.known.type, raw)
        if self.operator in RANGES and self.operator != "EQ":
            return bool(_compare(self.operator, value, self.values))
        return (value in self.values) == (self.operator in ("EQ", "IN"))


def parse(kind: Kind, groups: Sequence[Mapping[str, Any]]) -> list[list[Filter]]:
    """The filter groups (any of which must pass) of a search. Refuses what HubSpot refuses."""
    if len(groups) > MAX_GROUPS:
        raise invalid(f"There may be at most {MAX_GROUPS} filterGroups, but there were {len(groups)}.")
    found = [[_filter(kind, each) for each in group.get("filters", ())] for group in groups]
    if any(len(group) > MAX_PER_GROUP for group in found) or sum(map(len, found)) > MAX_FILTERS:
        raise invalid(f"There may be at most {MAX_PER_GROUP} filters in a group and {MAX_FILTERS} in all.")
    return found


def comparable(type_name: str, raw: str) -> Any:
    """A value as something to compare. Raises ValueError for a text that is no value of the type."""
    if type_name == "datetime" or type_name == "date":
        if raw.lstrip("-").isdigit():
            return int(raw)
        parsed = datetime.fromisoformat(raw)
        return milliseconds(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))
    if type_name == "number":
        return int(raw) if raw.lstrip("-").isdigit() else float(raw)
    return raw


def _filter(kind: Kind, given: Mapping[str, Any]) -> Filter:
    name, operator = str(given.get("propertyName")), str(given.get("operator"))
    known = kind.property(name)
    if known is None:
        raise invalid(f"There is no property {name!r} on {kind.name}.")
    if operator in NO_VALUE:
        return Filter(name, known, operator, ())
    if operator == "BETWEEN":
        raw = [given.get("value"), given.get("highValue")]
    elif operator in MANY_VALUES:
        raw = list(given.get("values") or [None])
    elif operator in ONE_VALUE:
        raw = [given.get("value")]
    else:
        raise invalid(f"{operator!r} is not an operator.")
    if any(value is None for value in raw):
        raise invalid(f"{operator} on {name} needs a value{'s' if operator in MANY_VALUES else ''}.")
    if "TOKEN" in operator:
        return Filter(name, known, operator, (str(raw[0]),))
    try:
        return Filter(name, known, operator, tuple(comparable(known.type, str(value)) for value in raw))
    except ValueError as error:
        raise invalid(f"{raw!r} is no value for the {known.type} property {name}.") from error


def _compare(operator: str, value: Any, values: Sequence[Any]) -> bool:
    if operator == "BETWEEN":
        return bool(values[0] <= value <= values[1])
    if operator in ("LT", "LTE"):
        return bool(value < values[0] or (operator == "LTE" and value == values[0]))
    return bool(value > values[0] or (operator == "GTE" and value == values[0]))

"""Linear's filters and pages over plain records."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import ge, gt, le, lt
from typing import Any

from kpi_pipeline.sandbox.vendors.wire import instant, iso_milliseconds

Record = Mapping[str, Any]
Args = Mapping[str, Any]

FIRST = 50
MOST = 250
_DURATION = re.compile(r"([+-]?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


class BadArgument(ValueError):
    """An argument that Linear answers with an "Argument Validation Error"."""


def instant_or_duration(text: Any) -> str | timedelta:
    """A DateTimeOrDuration: an instant as text in Linear's own format, or how far from now. Raises ValueError."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return iso_milliseconds(instant(str(text)))
    sign, *numbers = found.groups()
    years, months, weeks, days, hours, minutes, seconds = (int(number or 0) for number in numbers)
    days += 365 * years + 30 * months + 7 * weeks
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -span if sign == "-" else span


def absolute(condition: Any, now: datetime) -> Any:
    """The filter with durations made into instants, and without parts that are null (a null part filters nothing)."""
    if isinstance(condition, timedelta):
        return iso_milliseconds(now + condition)
    if isinstance(condition, Mapping):
        return {name: absolute(part, now) for name, part in condition.items() if part is not None}
    if isinstance(condition, list):
        return [absolute(part, now) for part in condition]
    return condition


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, operand: value is not None and compare(value, operand)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, operand: bool(value == operand),
    "neq": lambda value, operand: bool(value != operand),
    "in": lambda value, operand: value in operand,
    "nin": lambda value, operand: value not in operand,
    "lt": _compared(lt),
    "lte": _compared(le),
    "gt": _compared(gt),
    "gte": _compared(ge),
    "eqIgnoreCase": lambda value, operand: str(value).lower() == operand.lower(),
    "neqIgnoreCase": lambda value, operand: str(value).lower() != operand.lower(),
    "startsWith": lambda value, operand: str(value).startswith(operand),
    "endsWith": lambda value, operand: str(value).endswith(operand),
    "contains": lambda value, operand: operand in str(value),
    "containsIgnoreCase": lambda value, operand: operand.lower() in str(value).lower(),
    "null": lambda value, operand: (value is None) == operand,
}


def holds(value: Any, condition: Mapping[str, Any]) -> bool:
    """Whether a value (scalar, record or list of records) satisfies every part of a filter."""
    for name, operand in condition.items():
        if name == "and":
            good = all(holds(value, part) for part in operand)
        elif name == "or":
            good = any(holds(value, part) for part in operand)
        elif isinstance(value, list):
            good = _list_holds(value, name, operand)
        elif name in _OPERATORS:
            good = _OPERATORS[name](value, operand)
        else:
            good = value is not None and holds(value[name], operand)
        if not good:
            return False
    return True


def _list_holds(records: list[Any], name: str, operand: Any) -> bool:
    if name == "every":
        return all(holds(record, operand) for record in records)
    if name == "length":
        return holds(len(records), operand)
    return any(holds(record, operand if name == "some" else {name: operand}) for record in records)


def ordered(records: Sequence[Record], args: Args) -> tuple[list[Record], Callable[[str], tuple[int, int]]]:
    """Newest first by `orderBy` (createdAt without it), and where a cursor stands among them.

    The cursor is the record's id, its place is where the record is *now*: one that was updated while a client pages has
    moved to the top, as in Linear. Archived records only with includeArchived.
    """
    name = args.get("orderBy") or "createdAt"
    every = {record["id"]: (record[name], record["id"]) for record in records}
    shown = [record for record in records if args.get("includeArchived") or record["archivedAt"] is None]
    condition = args.get("filter") or {}
    chosen = sorted((r for r in shown if holds(r, condition)), key=lambda r: every[r["id"]], reverse=True)

    def stand(cursor: str) -> tuple[int, int]:
        if cursor not in every:
            raise BadArgument(f"no record with cursor {cursor}")
        mark = every[cursor]
        newer = sum(every[record["id"]] > mark for record in chosen)
        return newer, newer + any(record["id"] == cursor for record in chosen)

    return chosen, stand


def in_place(records: Sequence[Record]) -> Callable[[str], tuple[int, int]]:
    """Where a cursor stands in a list that has its own order."""

    def stand(cursor: str) -> tuple[int, int]:
        for index, record in enumerate(records):
            if record["id"] == cursor:
                return index, index + 1
        raise BadArgument(f"no record with cursor {cursor}")

    return stand


def connection(records: Sequence[Record], stand: Callable[[str], tuple[int, int]], args: Args) -> dict[str, Any]:
    """The page that first/after or last/before ask for. Raises BadArgument."""
    first, last = args.get("first"), args.get("last")
    for name, count in (("first", first), ("last", last)):
        if count is not None and not 1 <= count <= MOST:
            raise BadArgument(f"{name} must not be greater than {MOST} nor less than 1")
    start = stand(args["after"])[1] if args.get("after") else 0
    stop = stand(args["before"])[0] if args.get("before") else len(records)
    if last is not None:
        start = max(start, stop - last)
    else:
        stop = min(stop, start + (first or FIRST))
    nodes = list(records[start:stop])
    return {
        "nodes": nodes,
        "pageInfo": {
            "hasPreviousPage": start > 0,
            "hasNextPage": stop < len(records),
            "startCursor": nodes[0]["id"] if nodes else None,
            "endCursor": nodes[-1]["id"] if nodes else None,
        },
    }

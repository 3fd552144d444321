"""Stripe's list protocol: parameters, cursors by id, newest first, has_more and no total."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from kpi_pipeline.sandbox.context import Refused
from kpi_pipeline.sandbox.vendors.stripe.errors import bad_parameter, missing, unknown_parameter
from kpi_pipeline.sandbox.vendors.stripe.events import MAX_TYPES
from kpi_pipeline.sandbox.vendors.stripe.shelf import Shelf, Value

PAGING = ("limit", "starting_after", "ending_before", "expand")
SIDES = ("gt", "gte", "lt", "lte")
MAX_LIMIT, DEFAULT_LIMIT = 100, 10
NAME = re.compile(r"([a-z_]+)(?:\[([a-z_0-9]*)\])?$")

Params = dict[str, Value]


def parse(pairs: Sequence[tuple[str, str]]) -> Params:
    """`a=1`, `a[gte]=1`, `a[]=1&a[]=2` and `a[0]=1` as text, a mapping or a list. Refuses other names."""
    found: Params = {}
    for name, value in pairs:
        match = NAME.match(name)
        if match is None:
            raise unknown_parameter(name)
        base, part = match.groups()
        if part is None:
            found[base] = value
        elif part == "" or part.isdigit():
            found.setdefault(base, []).append(value)
        else:
            found.setdefault(base, {})[part] = value
    return found


def page(shelf: Shelf, params: Params, now: datetime) -> tuple[list[Any], bool]:
    """The rows of one page, newest first, and whether more follow in the direction of paging."""
    _check_names(shelf, params)
    limit = whole(params.get("limit", str(DEFAULT_LIMIT)), "limit")
    if not 1 <= limit <= MAX_LIMIT:
        bound = "greater than or equal to 1" if limit < 1 else f"less than or equal to {MAX_LIMIT}"
        words = f"This value must be {bound} (it currently is '{limit}')."
        raise bad_parameter(words, "limit", "parameter_invalid_integer")
    rows = list(_first(_wanted(shelf, params, now), limit + 1))
    found, more = rows[:limit], len(rows) > limit
    return (found[::-1] if "ending_before" in params else found), more


def page_of(rows: Sequence[dict[str, Any]], params: Params, allowed: tuple[str, ...] = ()) -> tuple[list[Any], bool]:
    """A page of a short list that is ready made (invoice lines, subscription items), in its own order."""
    for name in params:
        if name not in (*PAGING, *allowed):
            raise unknown_parameter(name)
    limit = whole(params.get("limit", str(DEFAULT_LIMIT)), "limit")
    ids = [row["id"] for row in rows]
    for param in ("starting_after", "ending_before"):
        if param in params and params[param] not in ids:
            raise Refused(missing("object", params[param], param, 400))
    if "ending_before" in params:
        end = ids.index(params["ending_before"])
        return list(rows[max(0, end - limit) : end]), end > limit
    start = ids.index(params["starting_after"]) + 1 if "starting_after" in params else 0
    return list(rows[start : start + limit]), len(rows) > start + limit


def whole(text: str, param: str) -> int:
    """A whole number. Refuses other text as Stripe does."""
    if not re.fullmatch(r"-?\d+", text):
        raise bad_parameter(f"Invalid integer: {text}", param, "parameter_invalid_integer")
    return int(text)


def _check_names(shelf: Shelf, params: Params) -> None:
    for name, value in params.items():
        if name not in PAGING and name != "created" and name not in shelf.filters and name not in shelf.spans:
            raise unknown_parameter(name)
        if (name == "created" or name in shelf.spans) and isinstance(value, dict):
            for side in value:
                if side not in SIDES:
                    raise unknown_parameter(f"{name}[{side}]")
    if "starting_after" in params and "ending_before" in params:
        words = "You may only specify one of these parameters: ending_before, starting_after."
        raise bad_parameter(words, "ending_before")
    if len(params.get("types", ())) > MAX_TYPES:
        raise bad_parameter(f"You may only specify up to {MAX_TYPES} types.", "types")


def _wanted(shelf: Shelf, params: Params, now: datetime) -> Iterator[Any]:
    """Rows that exist, are not deleted and pass every filter, in the direction of paging."""
    low, high = _created_range(shelf, params, now)
    tests = [(shelf.filters[name], value) for name, value in params.items() if name in shelf.filters]
    spans = [(shelf.spans[name], *_bounds(value, name)) for name, value in params.items() if name in shelf.spans]
    defaults = [test for name, test in shelf.by_default.items() if name not in params]
    if "ending_before" in params:
        places: range = range(max(low, _place(shelf, params["ending_before"], "ending_before", now) + 1), high)
    else:
        end = _place(shelf, params["starting_after"], "starting_after", now) if "starting_after" in params else high
        places = range(min(end, high) - 1, low - 1, -1)
    for at in places:
        row = shelf.rows[at]
        if shelf.deleted(row, now) or not all(test(row, value, now) for test, value in tests):
            continue
        if all(test(row, now) for test in defaults) and all(_within(span(row, now), lo, hi) for span, lo, hi in spans):
            yield row


def _created_range(shelf: Shelf, params: Params, now: datetime) -> tuple[int, int]:
    lowest, highest = _bounds(params.get("created", {}), "created")
    low = bisect_left(shelf.created, max(shelf.since(now), lowest))
    high = min(shelf.known(now), bisect_right(shelf.created, highest))
    return low, max(low, high)


def _bounds(value: Value, name: str) -> tuple[float, float]:
    """Lowest and highest unix second, both inclusive."""
    if isinstance(value, str):
        exact = whole(value, name)
        return exact, exact
    low, high = float("-inf"), float("inf")
    for side, text in value.items():
        bound = whole(text, f"{name}[{side}]")
        if side.startswith("gt"):
            low = max(low, bound + (side == "gt"))
        else:
            high = min(high, bound - (side == "lt"))
    return low, high


def _within(value: int | None, low: float, high: float) -> bool:
    return value is not None and low <= value <= high


def _place(shelf: Shelf, object_id: str, param: str, now: datetime) -> int:
    if shelf.find(object_id, now) is None:
        raise Refused(missing(shelf.object, object_id, param, 400))
    return shelf.position[object_id]


def _first(rows: Iterator[Any], count: int) -> Iterator[Any]:
    for _, row in zip(range(count), rows, strict=False):
        yield row

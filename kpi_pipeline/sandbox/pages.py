"""Page faults: what goes wrong with rows, cursors and counts of a page, for any vendor that declares its Envelope."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from kpi_pipeline.sandbox.context import Envelope

Place = tuple[dict[str, Any], str]


def places(body: Any, dotted: str) -> Iterator[Place]:
    """(container, key) of each spot that the dotted place names and that exists."""
    head, _, rest = dotted.partition(".")
    if not isinstance(body, dict):
        return
    for key in list(body) if head == "*" else [head]:
        if key not in body:
            continue
        if rest:
            yield from places(body[key], rest)
        else:
            yield body, key


def has_rows(body: Any, envelope: Envelope) -> bool:
    return any(isinstance(holder[key], list) for holder, key in places(body, envelope.rows))


def alter(
    kind: str, body: dict[str, Any], previous: dict[str, Any] | None, envelope: Envelope, params: Mapping[str, Any]
) -> dict[str, Any]:
    """The page with one fault in it; `previous` is the page of the same path that was sent before, if any.

    Raises ValueError when the vendor's protocol has no such place.
    """
    changed = deepcopy(body)
    if kind == "repeated_cursor":
        return changed if previous is None else deepcopy(previous)
    if kind in ("duplicate_page", "shifted_page", "empty_page_with_more"):
        for holder, key in places(changed, envelope.rows):
            holder[key] = _rows(kind, holder[key], _same_rows(previous, envelope))
        if kind == "empty_page_with_more" and envelope.more:
            _set(changed, envelope.more, lambda _: True)
    elif kind == "foreign_next" and not envelope.link_header:
        _set(changed, _need(envelope.next_url, kind), lambda _: foreign(params))
    elif kind == "wrong_count":
        _set(changed, _need(envelope.count, kind), lambda n: n + int(params.get("by", 7)))
    elif kind != "foreign_next":
        for holder, key in places(changed, envelope.rows):
            for row in holder[key]:
                _drift(kind, row, envelope, params)
    return changed


def foreign(params: Mapping[str, Any]) -> str:
    """An address that is not the vendor's."""
    return str(params.get("url", "http://203.0.113.9/stolen?after=1"))


def check(kind: str, envelope: Envelope | None, params: Mapping[str, Any]) -> None:
    """Raise ValueError when a vendor with this envelope cannot have this fault."""
    if envelope is None:
        raise ValueError(f"this vendor sends no pages, so it cannot have {kind}")
    alter(kind, {}, None, envelope, params)
    if kind in ("unknown_enum", "missing_field", "number_as_string"):
        _drift(kind, {}, envelope, params)


def _rows(kind: str, rows: list[Any], before: list[Any]) -> list[Any]:
    if kind == "duplicate_page":
        return rows + deepcopy(rows)
    if kind == "shifted_page":
        return before[-1:] + rows
    return []


def _same_rows(previous: dict[str, Any] | None, envelope: Envelope) -> list[Any]:
    return [row for holder, key in places(previous, envelope.rows) for row in holder[key]]


def _drift(kind: str, row: dict[str, Any], envelope: Envelope, params: Mapping[str, Any]) -> None:
    field = params.get("field")
    if kind == "new_field":
        row[str(field or "introduced_today")] = {"nested": [1, "two"]}
    elif kind == "unknown_enum":
        value = str(params.get("value", "introduced_today"))
        _set(row, str(field or _need(envelope.enum, kind)), lambda _: value)
    elif kind == "missing_field":
        for holder, key in places(row, str(field or _need(envelope.field, kind))):
            del holder[key]
    elif kind == "number_as_string":
        _set(row, str(field or _need(envelope.number, kind)), _other_type)


def _other_type(value: Any) -> Any:
    if isinstance(value, str):
        return int(value) if value.lstrip("-").isdigit() else value
    return value if value is None or isinstance(value, bool) else str(value)


def _set(body: dict[str, Any], dotted: str, new: Callable[[Any], Any]) -> None:
    for holder, key in places(body, dotted):
        holder[key] = new(holder[key])


def _need(place: str | None, kind: str) -> str:
    if place is None:
        raise ValueError(f"this vendor's pages have nothing that {kind} could change")
    return place

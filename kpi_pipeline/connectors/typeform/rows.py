"""Typeform's JSON as flat rows: the fields of a form, the responses of a page, the answers in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

NEVER = "0001-01-01T00:00:00Z"  # Go's zero time: sent as submitted_at of a response that was not submitted
Row = dict[str, Any]


def fields(items: Sequence[Mapping[str, Any]], group_ref: str | None = None) -> Iterator[Row]:
    """Every question, those inside groups and matrices too, each with the ref of the group it is in."""
    for item in items:
        inner = item.get("properties", {}).get("fields", ())
        yield {**{name: value for name, value in item.items() if name != "validations"}, "group_ref": group_ref}
        yield from fields(inner, item.get("ref"))


def response(item: Mapping[str, Any]) -> Row:
    """A response without its answers; `at` is its instant for windows: submitted, or landed if it never was."""
    row = {name: value for name, value in item.items() if name not in ("answers", "variables")}
    row["at"] = at(item)
    if row.get("submitted_at") == NEVER:
        row["submitted_at"] = None
    return row


def at(item: Mapping[str, Any]) -> str | None:
    """None for a completed response without its submitted_at, which is a fault, not a visit that was left half-way."""
    submitted = item.get("submitted_at")
    instant: str | None = None if submitted == NEVER else submitted
    return item.get("landed_at") if instant is None and item.get("response_type") != "completed" else instant


def moment(item: Mapping[str, Any]) -> datetime | None:
    """`at` as an instant, None when it does not read as one: landing will say so."""
    try:
        return datetime.fromisoformat(at(item) or "")
    except (TypeError, ValueError):
        return None


def answers(item: Mapping[str, Any]) -> Iterator[Row]:
    """One row per answer. What people typed stays here: of a text, address, date or file only the length goes on."""
    for answer in item.get("answers") or ():
        field, kind = answer.get("field", {}), answer.get("type")
        value = answer.get(kind) if kind else None
        row: Row = {
            "token": item.get("token"),
            "response_type": item.get("response_type"),
            "at": at(item),
            "field_id": field.get("id"),
            "ref": field.get("ref"),
            "field_type": field.get("type"),
            "answer_type": kind,
        }
        if kind in ("number", "boolean"):
            row[kind] = value
        elif kind in ("choice", "choices") and isinstance(value, Mapping):
            row |= _chosen(value)
        elif isinstance(value, str):
            row["text_length"] = len(value)
        yield row


def _chosen(value: Mapping[str, Any]) -> Row:
    row: Row = {}
    if "label" in value:
        row["choice"] = value["label"]
    if "labels" in value:
        row["choices"] = value["labels"]
    if isinstance(value.get("other"), str):  # typed in, not chosen
        row["text_length"] = len(value["other"])
    return row

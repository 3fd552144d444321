"""How properties are read from a record of the world: constants, values that hold by now, stages entered and left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

from kpi_pipeline.sandbox.vendors.hubspot.kinds import Property, Read
from kpi_pipeline.sandbox.vendors.hubspot.text import iso
from kpi_pipeline.sandbox.world.model import Dated


def text(read: Callable[[Any], str | None]) -> Property:
    return Property("string", lambda row, _: read(row))


def choice(read: Read) -> Property:
    return Property("enumeration", read)


def instant(read: Read) -> Property:
    return Property("datetime", read)


def number(read: Read) -> Property:
    return Property("number", read)


def common(created: str, modified: str) -> dict[str, Property]:
    """The properties that every object has."""

    def last_change(row: Any, now: datetime) -> str:
        return iso(max((at for at in row.modified if at <= now), default=row.created_at))

    return {
        "hs_object_id": number(lambda row, _: str(row.id)),
        created: instant(lambda row, _: iso(row.created_at)),
        modified: instant(last_change),
    }


def current(dated: Callable[[Any], Dated]) -> Read:
    """The value that holds by now."""

    def read(row: Any, now: datetime) -> str | None:
        value = None
        for name, at in dated(row):
            if at <= now:
                value = name
        return value

    return read


def custom(rows: Iterable[Any]) -> dict[str, Property]:
    """The properties that the account has added to a kind of object: those that any of its records ever has."""

    def own(name: str) -> Property:
        def dated(row: Any) -> Dated:
            found: Dated = row.custom.get(name, ())
            return found

        return Property("string", current(dated))

    return {name: own(name) for name in sorted({name for row in rows for name in row.custom})}


def entered(dated: Callable[[Any], Dated]) -> Callable[[str], Read]:
    """When a stage was entered, the latest time when it was entered more than once."""

    def family(stage: str) -> Read:
        def read(row: Any, now: datetime) -> str | None:
            times = [at for name, at in dated(row) if name == stage and at <= now]
            return iso(times[-1]) if times else None

        return read

    return family


def exited(dated: Callable[[Any], Dated]) -> Callable[[str], Read]:
    """When a stage was left, the latest time; null while the record is in it."""

    def family(stage: str) -> Read:
        def read(row: Any, now: datetime) -> str | None:
            steps = [(name, at) for name, at in dated(row) if at <= now]
            left = [after for (name, _), (_, after) in pairwise(steps) if name == stage]
            return iso(left[-1]) if left and steps[-1][0] != stage else None

        return read

    return family

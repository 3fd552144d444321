"""What a company's settings say about its tables: which table is which stream, and which column is which of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kpi_pipeline.errors import SettingsError

_FIELDS = {"table", "columns", "cursor", "instants", "zone"}
_INSTANTS = ("iso", "s", "ms")
_SPAN = re.compile(r"(\d+) (second|minute)s?")
_SECONDS = {"second": 1, "minute": 60}
REMEDY = "Correct sources.sql.settings in company.yaml."


@dataclass(frozen=True, slots=True)
class Mapped:
    """One table. `columns` maps ours to theirs, None where they have none; those not named are called the same.

    `cursor` is their column that windows are cut on, None for the one mapped to our cursor. `instants` says what a
    number in a column of instants counts: seconds or milliseconds since 1970 ("iso": there are no numbers). `zone` is
    the time zone of instants that are written without one.
    """

    table: str
    columns: Mapping[str, str | None] = field(default_factory=dict)
    cursor: str | None = None
    instants: str = "iso"
    zone: str = "UTC"

    @property
    def schema(self) -> str | None:
        return self.table.rpartition(".")[0] or None

    @property
    def name(self) -> str:
        return self.table.rpartition(".")[2]

    def theirs(self, ours: str) -> str | None:
        return self.columns.get(ours, ours)


def tables(settings: Mapping[str, Any], known: tuple[str, ...]) -> dict[str, Mapped]:
    """Stream → table, from `tables`: {stream: {table, columns, cursor, instants, zone}}, or {stream: null} for a table
    that is called and built as the stream. Raises SettingsError naming all that is wrong."""
    found: dict[str, Mapped] = {}
    faults: list[str] = []
    for stream, entry in (settings.get("tables") or {}).items():
        own = {} if entry is None else entry
        if stream not in known:
            faults.append(f"there is no stream {stream!r}{meant(str(stream), known)}")
        elif not isinstance(own, Mapping):
            faults.append(f"{stream} is {type(own).__name__}, not a mapping")
        else:
            mapped = Mapped(
                table=str(own.get("table", stream)),
                columns=dict(own.get("columns") or {}),
                cursor=own.get("cursor"),
                instants=str(own.get("instants", settings.get("instants", "iso"))),
                zone=str(own.get("zone", settings.get("zone", "UTC"))),
            )
            faults += [f"{stream}: {fault}" for fault in _faults(own, mapped)]
            found[stream] = mapped
    if not found and not faults:
        faults.append("there is no `tables`")
    if faults:
        raise SettingsError("sql: reading the tables of the company's settings", "; ".join(faults), remedy=REMEDY)
    return found


def timeout_seconds(settings: Mapping[str, Any]) -> int:
    """`statement_timeout`, e.g. "2 minutes": how long the database may take for an answer, one minute if not said."""
    said = str(settings.get("statement_timeout", "1 minute"))
    match = _SPAN.fullmatch(said)
    if match is None or match[1] == "0":
        raise SettingsError(
            "sql: reading the statement_timeout of the company's settings",
            f"{said!r} is no span such as '30 seconds' or '2 minutes'",
            remedy=REMEDY,
        )
    return int(match[1]) * _SECONDS[match[2]]


def meant(word: str, known: tuple[str, ...] | list[str]) -> str:
    """What may have been meant by a name that is not known, for the end of a sentence."""
    close = get_close_matches(word, known, n=1, cutoff=0.5)
    others = f"; there are {', '.join(sorted(known)[:30])}" if known else ""
    return f", did you mean {close[0]!r}?{others}" if close else others


def _faults(own: Mapping[str, Any], mapped: Mapped) -> list[str]:
    faults = [f"{name!r} is not known{meant(str(name), sorted(_FIELDS))}" for name in sorted(set(own) - _FIELDS)]
    if mapped.instants not in _INSTANTS:
        faults.append(f"instants is {mapped.instants!r}, not one of {', '.join(_INSTANTS)}")
    try:
        ZoneInfo(mapped.zone)
    except (ZoneInfoNotFoundError, ValueError):
        faults.append(f"zone {mapped.zone!r} is no time zone")
    return faults

"""Registers: CSV and Excel files that people keep, behind a base URL, in a folder, or dropped into one."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from kpi_pipeline.connectors.base import Reading, Stream
from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.connectors.classify import OK, Reply, Verdict, by_status
from kpi_pipeline.connectors.http import Http
from kpi_pipeline.connectors.registers.cells import Cell, Notation
from kpi_pipeline.connectors.registers.comma_separated import DELIMITERS
from kpi_pipeline.connectors.registers.files import Merged, Register, files
from kpi_pipeline.connectors.registers.formats import FORMATS
from kpi_pipeline.connectors.registers.parse import Known, parse
from kpi_pipeline.errors import Issue, RegisterError, SettingsError
from kpi_pipeline.landing.page import Page, Proof, Window

ROWS_A_PAGE = 5_000
RATES = {"all": Rate(20)}  # ours, to be a polite reader
DECLARED = ("name", "file", "delimiter", "notation", "owner", "every")


def classify(reply: Reply) -> Verdict:
    """By status; a register is no JSON, and JSON or HTML in its place is somebody's error page."""
    if reply.status != 200:
        return by_status(reply)
    if reply.data is not None or reply.headers.get("Content-Type", "").startswith("text/html"):
        return Verdict("retry", f"HTTP 200 with {reply.headers.get('Content-Type', 'no content type')}, not CSV")
    length = reply.headers.get("Content-Length")
    if length is not None and "Content-Encoding" not in reply.headers and int(length) != len(reply.body):
        return Verdict("retry", f"HTTP 200 with {len(reply.body)} of {length} bytes")
    return OK


STREAMS = tuple(Stream("registers", name, read="snapshot") for name in FORMATS)


def connect(
    *,
    base_url: str,
    key: str | None,
    key_variable: str,
    settings: Mapping[str, Any],
    budget: Callable[[Mapping[str, Rate]], Budget],
    now: Callable[[], datetime],
    zone: ZoneInfo | None = None,
    drop: Path | None = None,
    known: Callable[[str], Known] = lambda _: {},
    **options: Any,
) -> Registers:
    """The registers below an http(s) address, with a bearer token where there is one, or in a folder (a path, file://)."""
    if not base_url.startswith(("http://", "https://")):
        folder = Path(base_url.removeprefix("file://"))
        return Registers(folder, settings, now=now, zone=zone, drop=drop, known=known)
    http = Http(
        "registers",
        base_url,
        auth={"Authorization": f"Bearer {key}"} if key else {},
        key_variable=key_variable,
        classify=classify,
        budget=budget(RATES),
        now=now,
        headers={"Accept": "text/csv"},
        **options,
    )
    return Registers(http, settings, now=now, zone=zone, drop=drop, known=known)


class Registers:
    """The registers of one company. `settings`: `files`, each a name in FORMATS or a mapping with keys of DECLARED.

    `place` is the folder that holds the files, or the connection to the address they are served from; `drop` a folder
    in which people leave further files. `zone` is that of instants without an offset. `known` gives, for the name of a
    register with a frozen baseline, the rows that were taken before, by key.
    """

    source = "registers"
    api_version = "csv"
    streams = STREAMS

    def __init__(
        self,
        place: Http | Path,
        settings: Mapping[str, Any],
        *,
        now: Callable[[], datetime],
        zone: ZoneInfo | None = None,
        drop: Path | None = None,
        known: Callable[[str], Known] = lambda _: {},
    ) -> None:
        self._place, self._now, self._registers = place, now, declared(settings)
        self._zone, self._drop, self._known = zone, drop, known
        self.streams = tuple(stream for stream in self.streams if stream.name in self._registers)

    def read(self, stream: Stream, window: Window) -> Reading:
        """The whole register as it is now, whatever the window. Raises RegisterError with every fault of the file."""
        return Reading(self._rows(self._registers[stream.name], window))

    def changes(self, stream: Stream, since: datetime, until: datetime) -> Reading | None:
        """None: every read holds the whole register, so what changed or vanished shows by itself."""
        del stream, since, until
        return None

    def close(self) -> None:
        if isinstance(self._place, Http):
            self._place.close()

    def _rows(self, register: Register, window: Window) -> Generator[Page, None, Proof]:
        now = self._now()
        records = self._records(register, now)
        for first in range(0, max(len(records), 1), ROWS_A_PAGE):
            rows = records[first : first + ROWS_A_PAGE]
            yield Page(orjson.dumps(rows), "", len(rows))
        return Proof("snapshot", len(records), min(window.end, now))

    def _records(self, register: Register, now: datetime) -> list[Mapping[str, Cell]]:
        known = self._known(register.form.name) if register.form.frozen else {}
        merged, issues = Merged(register.form), list[Issue]()
        for file, body in files(self._place, self._drop, register):
            try:
                merged.add(
                    file,
                    parse(
                        body,
                        register.form,
                        file=file,
                        delimiter=register.delimiter,
                        notation=register.notation,
                        now=now,
                        zone=self._zone,
                        known=known,
                    ),
                )
            except RegisterError as error:
                issues += error.issues
        merged.raise_any(issues)
        return merged.records


def declared(settings: Mapping[str, Any]) -> dict[str, Register]:
    """The registers that settings name. Raises SettingsError naming all that are wrong."""
    found: dict[str, Register] = {}
    faults = []
    for entry in settings.get("files", ()):
        own: dict[str, Any] = {"name": entry} if isinstance(entry, str) else dict(entry)
        form = FORMATS.get(own.get("name", ""))
        unknown = sorted(set(own) - set(DECLARED))
        if form is None:
            faults.append(f"there is no register {own.get('name')!r}; there are {', '.join(FORMATS)}")
        elif unknown:
            faults.append(f"{form.name} has {', '.join(unknown)}; known are {', '.join(DECLARED)}")
        elif own.get("notation", "nl") not in ("nl", "iso") or own.get("delimiter", ",") not in DELIMITERS:
            faults.append(f"{form.name}: the notation is nl or iso, the delimiter a comma, semicolon, tab or bar")
        else:
            notation: Notation = own.get("notation", form.notation)
            delimiter = own.get("delimiter", form.delimiter)
            found[form.name] = Register(form, own.get("file", f"{form.name}.csv"), delimiter, notation)
    if faults or not found:
        raise SettingsError(
            "registers: reading the files of the company's settings",
            "; ".join(faults) if faults else "there is no list `files`",
            remedy="Name the registers under sources.registers.settings.files in company.yaml.",
        )
    return found

"""Registers: CSV files that people keep, behind a base URL or in a folder."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from kpi_pipeline.connectors.base import Reading, Stream
from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.connectors.classify import OK, Reply, Verdict, by_status
from kpi_pipeline.connectors.http import Http
from kpi_pipeline.connectors.registers.cells import Notation
from kpi_pipeline.connectors.registers.formats import FORMATS, Format
from kpi_pipeline.connectors.registers.parse import parse
from kpi_pipeline.errors import SettingsError, SourceUnavailable
from kpi_pipeline.landing.page import Page, Proof, Window

ROWS_A_PAGE = 5_000
RATES = {"all": Rate(20)}  # ours, to be a polite reader


@dataclass(frozen=True, slots=True)
class Register:
    """A register of a company: its format, and what its file declares differently from it."""

    form: Format
    file: str
    delimiter: str
    notation: Notation


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
    **options: Any,
) -> Registers:
    """The registers below an http(s) address, with a bearer token where there is one, or in a folder (a path, file://)."""
    if not base_url.startswith(("http://", "https://")):
        return Registers(Path(base_url.removeprefix("file://")), settings, now=now)
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
    return Registers(http, settings, now=now)


class Registers:
    """The registers of one company. `settings`: `files`, each a name in FORMATS or {name, file, delimiter, notation}.

    `place` is the folder that holds the files, or the connection to the address they are served from.
    """

    source = "registers"
    api_version = "csv"
    streams = STREAMS

    def __init__(self, place: Http | Path, settings: Mapping[str, Any], *, now: Callable[[], datetime]) -> None:
        self._place, self._now, self._registers = place, now, _declared(settings)
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
        records = parse(
            self._bytes(register),
            register.form,
            file=register.file,
            delimiter=register.delimiter,
            notation=register.notation,
            now=now,
        )
        for first in range(0, max(len(records), 1), ROWS_A_PAGE):
            rows = records[first : first + ROWS_A_PAGE]
            yield Page(orjson.dumps(rows), "", len(rows))
        return Proof("snapshot", len(records), min(window.end, now))

    def _bytes(self, register: Register) -> bytes:
        doing = f"reading the register {register.file}"
        if isinstance(self._place, Http):
            return self._place.get(f"/{register.file}", doing=doing, success=lambda _: None).body
        try:
            return (self._place / register.file).read_bytes()
        except FileNotFoundError:
            raise SettingsError(
                f"registers: {doing}",
                f"there is no such file in {self._place}",
                remedy="Put the file there, or correct the base URL or the file name of this register.",
            ) from None
        except OSError as error:
            raise SourceUnavailable(
                f"registers: {doing}", f"{error.strerror} ({self._place})", remedy="See the folder and its permissions."
            ) from None


def _declared(settings: Mapping[str, Any]) -> dict[str, Register]:
    """The registers that settings name. Raises SettingsError naming all that are wrong."""
    found: dict[str, Register] = {}
    faults = []
    for entry in settings.get("files", ()):
        own: dict[str, Any] = {"name": entry} if isinstance(entry, str) else dict(entry)
        form = FORMATS.get(own.get("name", ""))
        unknown = sorted(set(own) - {"name", "file", "delimiter", "notation"})
        if form is None:
            faults.append(f"there is no register {own.get('name')!r}; there are {', '.join(FORMATS)}")
        elif unknown:
            faults.append(f"{form.name} has {', '.join(unknown)}; known are name, file, delimiter, notation")
        elif own.get("notation", "nl") not in ("nl", "iso") or own.get("delimiter", ",") not in (",", ";", "\t", "|"):
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

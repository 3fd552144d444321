"""What Mixpanel's raw export sends: a JSON object a line, and no count to hold it against."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from kpi_pipeline.landing.page import Page

PAGE_BYTES = 2_000_000
LONGEST = 4_000_000  # bytes of a line; Mixpanel takes events of up to 1 MB
EARLY = b"terminated early"  # a plain last line after a status of 200: github.com/mixpanel/mixpanel-utils/issues/5


def broken(file: BinaryIO) -> str | None:
    """Why an export is not whole, None if it is.

    It says nothing of its own length, so the end must be the end of a record: peers take a last line that cannot be
    parsed, or one that tells of an early end, for nothing, and lose what should have followed.
    """
    size = file.seek(0, os.SEEK_END)
    if not size:
        return None
    file.seek(max(0, size - LONGEST))
    last = file.read().rstrip(b"\n").rpartition(b"\n")[2]
    if _parsed(last) is not None:
        return None
    return "the export says that it was terminated early" if EARLY in last else "the last line is cut off"


def no_events(file: BinaryIO) -> str | None:
    """What is wrong with a body whose first line is no event; None if nothing is."""
    file.seek(0)
    first = file.readline(LONGEST)
    event = _parsed(first)
    if not first or (isinstance(event, dict) and isinstance(event.get("properties"), dict)):
        return None
    return "the body holds no events" + (f": {event['error']}" if isinstance(event, dict) and "error" in event else "")


def pages(file: BinaryIO, start_ms: int, end_ms: int) -> Iterator[Page]:
    """The events of [start, end) in pages, each a JSON array of the lines as they came.

    Lines end in a line feed and nothing else: other line breaks may stand inside a property.
    """
    file.seek(0)
    held: list[bytes] = []
    size = 0
    for line in file:
        at = _moment(line)
        if at is not None and not start_ms <= at < end_ms:
            continue
        held.append(line.rstrip(b"\n"))
        size += len(line)
        if size >= PAGE_BYTES:
            yield _page(held)
            held, size = [], 0
    if held:
        yield _page(held)


def _page(lines: list[bytes]) -> Page:
    return Page(b"[" + b",".join(lines) + b"]", "", len(lines))


def _moment(line: bytes) -> int | None:
    """When an event happened; None for one that landing is to judge."""
    event = _parsed(line)
    properties = event.get("properties") if isinstance(event, dict) else None
    at = properties.get("time") if isinstance(properties, dict) else None
    return at if isinstance(at, int) else None


def _parsed(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None

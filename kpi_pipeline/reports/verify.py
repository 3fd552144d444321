"""Archived report → everything about it that is no longer as it was, each named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kpi_pipeline.history import archive as history
from kpi_pipeline.history.archive import Entry
from kpi_pipeline.history.chain import START, exact, sha256
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.archive import Number, chain_json, numbers_of, software

Render = Callable[[Entry], bytes | None]
COMPARED = ("value", "numerator", "denominator", "n", "text")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was archived.

    `kind`: changed_byte, changed_number, changed_twin, missing_file, missing_link, missing_entry, changed_entry,
    broken_chain, not_archived, rendered_differently. `file` is the path, `entry` the number in the chain.
    """

    kind: str
    file: str
    message: str
    entry: int | None = None
    kpi: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and what was found; nothing found means that all of it is as it was.

    `again`: how many of the entries were made again from history and compared.
    """

    entries: int
    numbers: int
    again: int
    findings: tuple[Finding, ...]


def verify_company(store: HistoryStore, root: Path, company: str, render: Render | None = None) -> Verified:
    """Check the whole chain of a company, every file of it and every number against the database.

    `render` makes a report again from history as known then, None when nobody can; the bytes are compared as well.
    """
    found = history.entries(store, company)
    findings = [*_chain(found), *_chain_files(root, company, found)]
    made = 0
    for entry in found:
        findings += [*_files(root, entry), *_numbers(store, root, entry)]
        path = root / entry.file
        if not path.is_file():
            continue
        content, again = path.read_bytes(), None if render is None else render(entry)
        made += again is not None
        findings += [*_links(root, path, content, entry), *_rendered(content, again, entry)]
    return Verified(len(found), sum(entry.numbers for entry in found), made, tuple(findings))


def verify_file(store: HistoryStore, root: Path, path: Path, render: Render | None = None) -> Verified:
    """Check one report file, in the archive or a copy of it: its bytes, numbers, links and the chain of its company."""
    content = path.read_bytes() if path.is_file() else None
    known = history.entries_of(store, "" if content is None else sha256(content), path.name, _place(root, path))
    if not known:
        kind, message = ("missing_file", "there is no such file, and none was archived by this name")
        if content is not None:
            kind, message = ("not_archived", "no archived report has these bytes, this name or this place")
        return Verified(0, 0, 0, (Finding(kind, str(path), message),))
    entry = known[0]
    findings = [*_chain(history.entries(store, entry.company))]
    again = None
    if content is None:
        message = f"{entry.report} of {entry.period} is gone"
        findings.append(Finding("missing_file", str(path), message, entry.number))
    else:
        again = None if render is None else render(entry)
        findings += [*_bytes(path, content, again, entry), *_links(root, path, content, entry)]
        findings += _rendered(content, again, entry)
    is_archived = path.resolve() == (root / entry.file).resolve()
    findings += [each for each in _files(root, entry) if not (is_archived and each.file == entry.file)]
    return Verified(1, entry.numbers, int(again is not None), (*findings, *_numbers(store, root, entry)))


def _place(root: Path, path: Path) -> str:
    inside = path.resolve().is_relative_to(root.resolve())
    return path.resolve().relative_to(root.resolve()).as_posix() if inside else ""


def _chain(entries: Sequence[Entry]) -> Iterator[Finding]:
    previous, number = START, 0
    for entry in entries:
        for missing in range(number + 1, entry.number):
            yield Finding("missing_entry", entry.chain_file, f"entry {missing} is gone from the database", missing)
        if entry.number == number + 1 and entry.previous != previous:
            message = f"entry {entry.number} does not follow from entry {number}"
            yield Finding("broken_chain", entry.file, message, entry.number)
        if entry.linked(entry.previous).hash != entry.hash:
            message = f"entry {entry.number} was changed in the database"
            yield Finding("changed_entry", entry.file, message, entry.number)
        previous, number = entry.hash, entry.number


def _chain_files(root: Path, company: str, entries: Sequence[Entry]) -> Iterator[Finding]:
    known = {entry.number: entry for entry in entries}
    for entry in entries:
        path = root / entry.chain_file
        if not path.is_file():
            yield Finding("missing_file", entry.chain_file, f"the file of entry {entry.number} is gone", entry.number)
        elif path.read_bytes() != chain_json(entry):
            message = f"entry {entry.number} differs between the database and its file"
            yield Finding("changed_entry", entry.chain_file, message, entry.number)
    for path in sorted((root / company / "archive" / "chain").glob("*.json")):
        number = int(path.stem) if path.stem.isdigit() else 0
        if number not in known:
            message = f"entry {number} has a file but is gone from the database"
            yield Finding("missing_entry", path.relative_to(root).as_posix(), message, number)


def _files(root: Path, entry: Entry) -> Iterator[Finding]:
    label = f"{entry.report} of {entry.period}"
    if not (root / entry.file).is_file():
        yield Finding("missing_file", entry.file, f"{label} is gone", entry.number)
    else:
        content = (root / entry.file).read_bytes()
        if sha256(content) != entry.sha256:
            yield Finding("changed_byte", entry.file, f"{label}: its bytes are not those archived", entry.number)
    if not (root / entry.numbers_file).is_file():
        yield Finding("missing_file", entry.numbers_file, f"the numbers of {label} are gone", entry.number)


def _bytes(path: Path, content: bytes, again: bytes | None, entry: Entry) -> Iterator[Finding]:
    if sha256(content) == entry.sha256:
        return
    message = f"{entry.report} of {entry.period}: its bytes are not those archived ({_size(content, entry)})"
    if again is not None and sha256(again) == entry.sha256:
        message += f"; {first_difference(again, content)}"
    yield Finding("changed_byte", str(path), message, entry.number)


def _size(content: bytes, entry: Entry) -> str:
    difference = len(content) - entry.size
    return "as long as it was" if difference == 0 else f"{difference:+d} bytes"


def first_difference(was: bytes, now: bytes) -> str:
    """Where two versions of a text first differ, with what stood there and what stands there."""
    at = next((at for at, (left, right) in enumerate(zip(was, now, strict=False)) if left != right), None)
    if at is None:
        at = min(len(was), len(now))
    line = was.count(b"\n", 0, at) + 1
    start, end = max(0, at - 20), at + 20
    left, right = (content[start:end].decode(errors="replace").replace("\n", " ") for content in (was, now))
    return f"line {line}, byte {at}: …{left}… became …{right}…"


def _numbers(store: HistoryStore, root: Path, entry: Entry) -> Iterator[Finding]:
    path = root / entry.numbers_file
    if not path.is_file():
        return
    content = path.read_bytes()
    if sha256(content) != entry.numbers_sha256:
        message = f"the numbers of {entry.report} of {entry.period} are not those archived"
        yield Finding("changed_twin", entry.numbers_file, message, entry.number)
    groups: dict[tuple[str, str, datetime], list[Number]] = defaultdict(list)
    for number in numbers_of(content):
        groups[number.kpi, number.segment, number.known_at].append(number)
    for (kpi, segment, known_at), numbers in sorted(groups.items()):
        days = [number.day for number in numbers]
        series = store.series(entry.company, kpi, min(days), max(days), segment=segment, known_at=known_at)
        by_day = {row.day: Number.of(row, known_at) for row in series}
        for number in numbers:
            row = by_day.get(number.day, Number(kpi, number.day, known_at, None, segment=segment))
            changed = [
                f"{name} {_text(getattr(number, name))} in the report, {_text(getattr(row, name))} in the database"
                for name in COMPARED
                if getattr(number, name) != getattr(row, name)
            ]
            if changed:
                message = f"{kpi} of {number.day}: {'; '.join(changed)}"
                yield Finding("changed_number", entry.file, message, entry.number, kpi, number.day)


def _text(value: object) -> str:
    if value is None:
        return "nothing"
    return str(exact(value)) if isinstance(value, Decimal) else str(value)


def _rendered(content: bytes, again: bytes | None, entry: Entry) -> Iterator[Finding]:
    if again is None or again == content or sha256(content) != entry.sha256:
        return
    by = "" if entry.software == software() else "; this is another version of the software"
    message = f"made again from history as known then it differs{by}: {first_difference(content, again)}"
    yield Finding("rendered_differently", entry.file, message, entry.number)


class _Links(HTMLParser):
    """Addresses that a page leads to, and the places in it that others may lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "xlink:href") and value:
                self.found.append(value)
            if name in ("id", "name") and value:
                self.anchors.add(value)


def _links(root: Path, path: Path, content: bytes, entry: Entry) -> Iterator[Finding]:
    """Local addresses on a page that lead nowhere, seen from where the page is published."""
    if entry.format != "html":
        return
    parser = _Links()
    parser.feed(content.decode(errors="replace"))
    folder = (root / entry.place).parent if entry.place else path.parent
    for address in dict.fromkeys(parser.found):
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        target = unquote(parts.path)
        if target and not (folder / target).exists():
            yield Finding("missing_link", str(path), f"{address} leads nowhere", entry.number)
        if not target and parts.fragment and unquote(parts.fragment) not in parser.anchors:
            yield Finding("missing_link", str(path), f"{address} leads nowhere on the page", entry.number)

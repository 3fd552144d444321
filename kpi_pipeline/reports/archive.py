"""The archive of reports: bytes that stay as they were, the numbers they show, and a chain that nobody can mend unseen.

<root>/<company>/archive/<report>/<period>/<known at>-<hash>.<format>       the report
<root>/<company>/archive/<report>/<period>/<known at>-<hash>.<format>.json  its numbers
<root>/<company>/archive/chain/00000001.json                                one entry of the chain
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

import orjson

from kpi_pipeline.errors import StoreUnavailable, UsageError
from kpi_pipeline.history import archive as history
from kpi_pipeline.history.archive import Entry
from kpi_pipeline.history.chain import canonical, sha256
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.history.store import HistoryStore

PACKAGE = Path(__file__).parents[1]
MAKES_REPORTS = ("catalogue", "history", "metrics", "analytics", "reports")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a report shows it: the value of one KPI for one day, as known at an instant; None: no data."""

    kpi: str
    day: date
    known_at: datetime
    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    n: int | None = None
    text: str | None = None
    segment: str = ""

    @classmethod
    def of(cls, row: Recorded, known_at: datetime) -> Number:
        """What history says of a KPI and day, as known at an instant."""
        return cls(
            kpi=row.kpi,
            day=row.day,
            known_at=known_at,
            value=row.value,
            numerator=row.numerator,
            denominator=row.denominator,
            n=row.n,
            text=row.text_value,
            segment=row.segment,
        )


@dataclass(frozen=True, slots=True)
class Rendered:
    """A report ready to be kept: its bytes, and every number from history that they show.

    `report` and `period` name it (weekly_scorecard, 2026-W47), `format` is the file's ending. `known_at`: as of when it
    tells history. `declared` is the fingerprint of the company's files; `place` the path below the reports folder where
    it is published too, from which its links lead on.
    """

    company: str
    report: str
    period: str
    format: str
    known_at: datetime
    content: bytes
    numbers: tuple[Number, ...]
    declared: str = ""
    place: str = ""


def archive(store: HistoryStore, root: Path, rendered: Rendered, *, now: datetime) -> Entry:
    """Keep a report below `root` and in the chain of its company; the same bytes again give the entry there is.

    Raises UsageError for a name that cannot be a file's, StoreUnavailable when the folder or the database cannot be
    written; then no entry was made.
    """
    for name in (rendered.company, rendered.report, rendered.period, rendered.format):
        if not NAME.fullmatch(name):
            raise UsageError(
                f"archiving {rendered.report} of {rendered.company}",
                f"{name!r} cannot name a file",
                remedy="Use letters, digits, dot, dash and underscore",
            )
    digest, numbers = sha256(rendered.content), numbers_json(rendered)
    known = rendered.known_at.astimezone(UTC)
    name = f"{known:%Y%m%dT%H%M%SZ}-{digest[:12]}.{rendered.format}"
    entry = Entry(
        company=rendered.company,
        number=0,
        report=rendered.report,
        period=rendered.period,
        format=rendered.format,
        known_at=known,
        file=f"{rendered.company}/archive/{rendered.report}/{rendered.period}/{name}",
        place=rendered.place,
        sha256=digest,
        size=len(rendered.content),
        numbers_sha256=sha256(numbers),
        numbers=len(_once(rendered.numbers)),
        declared=rendered.declared,
        software=software(),
        recorded_at=now.astimezone(UTC),
    )
    _write_once(root / entry.file, rendered.content)
    _write_once(root / entry.numbers_file, numbers)

    def keep(wanted: Entry) -> Entry:
        path = root / wanted.chain_file
        if not path.exists():
            _write_once(path, chain_json(wanted))
        return Entry.from_mapping(orjson.loads(path.read_bytes()))

    return history.append(store, entry, keep)


def numbers_json(rendered: Rendered) -> bytes:
    """The JSON twin: what the report is, and its numbers in order of KPI, segment, day and instant, each once."""
    head = {name: getattr(rendered, name) for name in ("company", "report", "period", "format", "known_at")}
    numbers = [asdict(number) for number in _once(rendered.numbers)]
    return orjson.dumps(
        orjson.loads(canonical({**head, "numbers": numbers})), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )


def numbers_of(content: bytes) -> list[Number]:
    """The numbers of a twin."""

    def decimal(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    return [
        Number(
            **{
                **found,
                "day": date.fromisoformat(found["day"]),
                "known_at": datetime.fromisoformat(found["known_at"]),
                **{name: decimal(found[name]) for name in ("value", "numerator", "denominator")},
            }
        )
        for found in orjson.loads(content)["numbers"]
    ]


def chain_json(entry: Entry) -> bytes:
    return orjson.dumps(orjson.loads(canonical(asdict(entry))), option=orjson.OPT_INDENT_2)


@cache
def software() -> str:
    """Fingerprint of the code and templates that make reports, which tells a changed program from a changed number."""
    files = sorted(
        path
        for room in MAKES_REPORTS
        for path in (PACKAGE / room).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    )
    content = [f"{path.relative_to(PACKAGE).as_posix()} {sha256(path.read_bytes())}" for path in files]
    return sha256("\n".join(content).encode())[:16]


def _once(numbers: Iterable[Number]) -> list[Number]:
    return sorted(set(numbers), key=lambda each: (each.kpi, each.segment, each.day, each.known_at))


def _write_once(path: Path, content: bytes) -> None:
    """Write a file that never changes again, whole or not at all. A file that is there already is left alone."""
    if path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), 0o444)
            # A second name instead of a rename: whoever comes second finds the file there and leaves it as it is.
            with suppress(FileExistsError):
                os.link(file.name, path)
    except OSError as error:
        raise StoreUnavailable(
            f"archiving {path.name}",
            f"{path.parent}: {error.strerror}",
            remedy="Check that the folder exists, can be written and has space",
        ) from error

"""The list of archived reports: append-only, each entry chained to the one before it in its company."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, case, insert, or_, select

from kpi_pipeline.history.chain import START, link
from kpi_pipeline.history.database import answering, writing
from kpi_pipeline.history.evidence import archive_entry
from kpi_pipeline.history.store import HistoryStore


@dataclass(frozen=True, slots=True)
class Entry:
    """One archived report. `file` is its path below the reports folder; its numbers stand beside it in `file`.json.

    `known_at`: as of when it tells history. `place` is the path where it was published too, "" if nowhere. `declared`
    and `software` say by which company files and which version of this package it was made; `previous` and `hash` are
    the chain.
    """

    company: str
    number: int
    report: str
    period: str
    format: str
    known_at: datetime
    file: str
    place: str
    sha256: str
    size: int
    numbers_sha256: str
    numbers: int
    declared: str
    software: str
    recorded_at: datetime
    previous: str = START
    hash: str = ""

    @property
    def numbers_file(self) -> str:
        return f"{self.file}.json"

    @property
    def chain_file(self) -> str:
        return f"{self.company}/archive/chain/{self.number:08d}.json"

    def linked(self, previous: str) -> Entry:
        """This entry as the one after `previous`."""
        bare = replace(self, previous=previous, hash="")
        return replace(bare, hash=link(previous, {**asdict(bare), "hash": None}))

    @classmethod
    def from_mapping(cls, found: dict[str, Any]) -> Entry:
        instants = {name: datetime.fromisoformat(found[name]) for name in ("known_at", "recorded_at")}
        return cls(**{**found, **instants})


COLUMNS = tuple(field.name for field in fields(Entry))
Keep = Callable[[Entry], Entry]


def append(store: HistoryStore, entry: Entry, keep: Keep) -> Entry:
    """Add an entry at the end of its company's chain; the newest one of the same report stands if its bytes are equal.

    `keep` writes the chain's file and returns the entry that is in it: an entry whose file was written before a crash
    comes first, then this one. Raises StoreUnavailable.
    """
    with writing(store.engine, f"archiving {entry.report} of {entry.company}", entry.company) as connection:
        while True:
            last = _last(connection, entry.company)
            same = _newest(connection, entry)
            if same is not None and (same.sha256, same.numbers_sha256) == (entry.sha256, entry.numbers_sha256):
                return same
            number, previous = (1, START) if last is None else (last.number + 1, last.hash)
            wanted = replace(entry, number=number).linked(previous)
            kept = keep(wanted)
            connection.execute(insert(archive_entry).values(asdict(kept)))
            if kept == wanted:
                return kept


def entries(store: HistoryStore, company: str, *, report: str | None = None) -> list[Entry]:
    """Every entry of a company in order of its chain, or those of one report."""
    query = select(archive_entry).where(archive_entry.c.company == company).order_by(archive_entry.c.number)
    if report is not None:
        query = query.where(archive_entry.c.report == report)
    return _read(store, query, f"listing the archive of {company}")


def entries_of(store: HistoryStore, sha256: str, file_name: str, place: str) -> list[Entry]:
    """Entries of any company with these bytes, else of this file name, else published at this place or by this name.

    Those of one rank newest first; `place` is "" for a file outside the reports folder.
    """
    named, published = (
        column.endswith(f"/{file_name}", autoescape=True) for column in (archive_entry.c.file, archive_entry.c.place)
    )
    there = archive_entry.c.place == place
    rank = case((archive_entry.c.sha256 == sha256, 0), (named, 1), (there, 2), else_=3)
    query = (
        select(archive_entry)
        .where(or_(archive_entry.c.sha256 == sha256, named, published))
        .order_by(rank, archive_entry.c.recorded_at.desc(), archive_entry.c.number.desc())
    )
    return _read(store, query, f"looking up {file_name} in the archive")


def _last(connection: Connection, company: str) -> Entry | None:
    query = select(archive_entry).where(archive_entry.c.company == company)
    row = connection.execute(query.order_by(archive_entry.c.number.desc()).limit(1)).first()
    return None if row is None else _entry(row)


def _newest(connection: Connection, entry: Entry) -> Entry | None:
    query = select(archive_entry).where(
        *(archive_entry.c[name] == getattr(entry, name) for name in ("company", "report", "period", "format"))
    )
    row = connection.execute(query.order_by(archive_entry.c.number.desc()).limit(1)).first()
    return None if row is None else _entry(row)


def _read(store: HistoryStore, query: Select[Any], doing: str) -> list[Entry]:
    with answering(store.engine, doing), store.engine.connect() as connection:
        return [_entry(row) for row in connection.execute(query)]


def _entry(row: Row[Any]) -> Entry:
    return Entry(**{name: row._mapping[name] for name in COLUMNS})

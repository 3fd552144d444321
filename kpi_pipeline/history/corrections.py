"""The log of corrections: who changed what about a number, and why. Append-only; nobody's words are ever rewritten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select

from kpi_pipeline.history.database import answering, writing
from kpi_pipeline.history.evidence import correction
from kpi_pipeline.history.store import HistoryStore


@dataclass(frozen=True, slots=True)
class Correction:
    """What somebody said of the numbers of a KPI for the days from `first_day` to `last_day`.

    `reason`: what was wrong. `action`: what was done about it, so that it does not happen again; may be empty.
    """

    company: str
    kpi: str
    first_day: date
    last_day: date
    author: str
    reason: str
    action: str
    recorded_at: datetime
    number: int = 0

    def speaks_of(self, kpi: str, day: date) -> bool:
        return self.kpi == kpi and self.first_day <= day <= self.last_day


def add(store: HistoryStore, entry: Correction) -> Correction:
    """The entry as it was kept, with its number in the log of its company. Raises StoreUnavailable."""
    with writing(store.engine, f"keeping a correction of {entry.company}/{entry.kpi}", entry.company) as connection:
        last = connection.execute(
            select(func.max(correction.c.number)).where(correction.c.company == entry.company)
        ).scalar_one()
        kept = replace(entry, number=(last or 0) + 1)
        connection.execute(insert(correction).values(asdict(kept)))
    return kept


def corrections(store: HistoryStore, company: str, *, kpi: str | None = None) -> list[Correction]:
    """Every entry of a company, or of one of its KPIs, in the order in which they were made."""
    query = select(correction).where(correction.c.company == company).order_by(correction.c.number)
    if kpi is not None:
        query = query.where(correction.c.kpi == kpi)
    with answering(store.engine, f"reading the corrections of {company}"), store.engine.connect() as connection:
        return [_entry(row._mapping) for row in connection.execute(query)]


def speaking_of(entries: Iterable[Correction], kpi: str, day: date) -> list[Correction]:
    return [entry for entry in entries if entry.speaks_of(kpi, day)]


def markdown(title: str, head: Sequence[str], entries: Iterable[Correction]) -> str:
    """The log as a Markdown table under a title; that of more entries begins with that of fewer."""
    lines = [f"# {title}", "", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for each in entries:
        days = f"{each.first_day}" + ("" if each.last_day == each.first_day else f" – {each.last_day}")
        said = (each.author, each.kpi, each.reason, each.action)
        cells = (str(each.number), f"{each.recorded_at:%Y-%m-%d %H:%M}", days, *map(_cell, said))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Text as one cell: no line ends, and nothing that Markdown or HTML would take for its own."""
    plain = " ".join(text.split())
    for sign in "\\`*_{}[]<>|#":
        plain = plain.replace(sign, f"\\{sign}")
    return plain


def _entry(row: Any) -> Correction:
    return Correction(**{name: row[name] for name in Correction.__match_args__})

"""The run log: what every run did, step by step, append-only; as rows of the history and as a file of JSON lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import func, insert, select

from kpi_pipeline.history.database import answering, writing
from kpi_pipeline.history.evidence import batch, run_event
from kpi_pipeline.history.store import HistoryStore

STARTED, ENDED = "run started", "run ended"


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a run ("stripe charges", "fact payment", "kpi nps", "report"); or that it started or ended.

    `outcome`: started, ok, failed. `content` are the step's own numbers.
    """

    company: str
    run_id: str
    step: str
    outcome: str
    content: Mapping[str, Any]
    at: datetime
    id: int = 0


def write(store: HistoryStore, events: Iterable[Event]) -> None:
    """Append events of one company. Raises StoreUnavailable."""
    found = list(events)
    rows = [
        {
            "company": event.company,
            "run_id": event.run_id,
            "step": event.step[:160],
            "outcome": event.outcome,
            "content": dict(event.content),
            "at": event.at,
        }
        for event in found
    ]
    if found:
        company = found[0].company
        with writing(store.engine, f"writing the run log of {company}", company) as connection:
            connection.execute(insert(run_event), rows)


def events(
    store: HistoryStore, company: str, *, run_id: str | None = None, after: int = 0, newest: int | None = None
) -> list[Event]:
    """Events of a company in the order in which they were written: of one run, after an id, or the newest so many."""
    query = select(run_event).where(run_event.c.company == company, run_event.c.id > after)
    if run_id is not None:
        query = query.where(run_event.c.run_id.startswith(run_id, autoescape=True))
    order = query.order_by(run_event.c.id) if newest is None else query.order_by(run_event.c.id.desc()).limit(newest)
    with answering(store.engine, f"reading the run log of {company}"), store.engine.connect() as connection:
        found = [_event(row) for row in connection.execute(order)]
    return found if newest is None else found[::-1]


def recorded_by(store: HistoryStore, company: str, run_id: str) -> int:
    """How many observations a run recorded."""
    query = select(func.coalesce(func.sum(batch.c.rows), 0)).where(batch.c.company == company, batch.c.run_id == run_id)
    with answering(store.engine, f"counting what run {run_id} recorded"), store.engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def line(event: Event) -> bytes:
    """An event as one line of kpi-pipeline.log."""
    said = {
        "id": event.id,
        "at": event.at.isoformat(),
        "company": event.company,
        "run": event.run_id,
        "step": event.step,
        "outcome": event.outcome,
        **event.content,
    }
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)


def _event(row: Any) -> Event:
    return Event(row.company, row.run_id, row.step, row.outcome, row.content, row.at, row.id)

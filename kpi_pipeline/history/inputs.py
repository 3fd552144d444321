"""What runs computed from: the loads they saw, the rows of the facts they built, and the software they ran."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from kpi_pipeline.history.database import answering, writing
from kpi_pipeline.history.evidence import run_input
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.history.tables import load_receipt

STREAM, FACT, SOFTWARE = "stream", "fact", "software"
StreamId = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Load:
    """One load of a stream, as history keeps its receipt; `id` rises in the order in which runs came to see loads."""

    source: str
    stream: str
    run_id: str
    kind: str
    received: int
    written: int
    quarantined: int
    watermark: datetime | None
    observed_at: datetime
    newest: datetime | None
    proof: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class StreamState:
    """A stream as a run saw it: its loads up to `last_load`, how many records they wrote or put in quarantine, and the
    moment up to which live loads had proved it complete."""

    last_load: int
    loads: int
    records: int
    quarantined: int
    watermark: datetime | None
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class FactState:
    """A fact as a run built it: its rows, how many of them broke its schema, and which rules they broke."""

    rows: int
    failures: int
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunInputs:
    """Everything one run noted of what it computed from, and by which software and settings of the company."""

    run_id: str
    streams: Mapping[StreamId, StreamState]
    facts: Mapping[str, FactState]
    software: str | None
    settings: str | None


def save_loads(store: HistoryStore, company: str, loads: Sequence[Load], now: datetime) -> None:
    """Keep the receipts of loads that history does not know yet; again changes nothing."""
    if not loads:
        return
    known = _known(store, company, {(load.source, load.stream) for load in loads})
    rows = [
        {
            "company": company,
            **{name: getattr(load, name) for name in ("source", "stream", "run_id", "kind", "received", "written")},
            "quarantined": load.quarantined,
            "watermark": load.watermark,
            "content": {
                "observed_at": load.observed_at.isoformat(),
                "newest": None if load.newest is None else load.newest.isoformat(),
                "proof": load.proof,
            },
            "recorded_at": now,
        }
        for load in loads
        if (load.source, load.stream, load.run_id) not in known
    ]
    if not rows:
        return
    with writing(store.engine, f"saving {len(rows)} receipts of loads", company) as connection:
        connection.execute(_insert(store, load_receipt).on_conflict_do_nothing(), rows)


def save_inputs(
    store: HistoryStore, company: str, run_id: str, kind: str, states: Mapping[str, Any], now: datetime
) -> None:
    """Note what a run computes from, by name: a dataclass of this module, or a mapping. What is noted stays."""
    if not states:
        return
    rows = [
        {
            "company": company,
            "run_id": run_id,
            "kind": kind,
            "name": name,
            "content": _json(state),
            "recorded_at": now,
        }
        for name, state in states.items()
    ]
    with writing(store.engine, f"noting what run {run_id} computes from", company) as connection:
        connection.execute(_insert(store, run_input).on_conflict_do_nothing(), rows)


def inputs_of(store: HistoryStore, company: str, run_ids: Iterable[str]) -> dict[str, RunInputs]:
    """What these runs noted, by run; a run of before there were notes has none."""
    wanted = sorted(set(run_ids))
    found: dict[str, list[Any]] = {run_id: [] for run_id in wanted}
    with answering(store.engine, f"reading what runs of {company} computed from"), store.engine.connect() as connection:
        for start in range(0, len(wanted), 500):
            some = run_input.c.run_id.in_(wanted[start : start + 500])
            for row in connection.execute(select(run_input).where(run_input.c.company == company, some)):
                found[row.run_id].append(row)
    return {run_id: _inputs(run_id, rows) for run_id, rows in found.items()}


def loads_of(store: HistoryStore, company: str, streams: Iterable[StreamId]) -> dict[StreamId, list[Load]]:
    """Every load of these streams that history knows, in the order in which runs came to see them."""
    wanted = sorted(set(streams))
    found: dict[StreamId, list[Load]] = {stream: [] for stream in wanted}
    if not wanted:
        return found
    query = select(load_receipt).where(load_receipt.c.company == company, _any_of(wanted)).order_by(load_receipt.c.id)
    with answering(store.engine, f"reading the loads of {company}"), store.engine.connect() as connection:
        for row in connection.execute(query):
            found[row.source, row.stream].append(_load(row))
    return found


def last_loads(store: HistoryStore, company: str, streams: Iterable[StreamId]) -> dict[StreamId, int]:
    """The id of the newest load of each stream that history knows, 0 where it knows none."""
    wanted = sorted(set(streams))
    if not wanted:
        return {}
    query = (
        select(load_receipt.c.source, load_receipt.c.stream, func.max(load_receipt.c.id))
        .where(load_receipt.c.company == company, _any_of(wanted))
        .group_by(load_receipt.c.source, load_receipt.c.stream)
    )
    with answering(store.engine, f"reading the loads of {company}"), store.engine.connect() as connection:
        found = {(source, stream): number for source, stream, number in connection.execute(query)}
    return {stream: found.get(stream, 0) for stream in wanted}


def _any_of(streams: Sequence[StreamId]) -> Any:
    return or_(*(and_(load_receipt.c.source == source, load_receipt.c.stream == name) for source, name in streams))


def _known(store: HistoryStore, company: str, streams: set[StreamId]) -> set[tuple[str, str, str]]:
    query = select(load_receipt.c.source, load_receipt.c.stream, load_receipt.c.run_id).where(
        load_receipt.c.company == company, _any_of(sorted(streams))
    )
    with answering(store.engine, f"reading the loads of {company}"), store.engine.connect() as connection:
        return {(source, stream, run_id) for source, stream, run_id in connection.execute(query)}


def _load(row: Any) -> Load:
    newest = row.content.get("newest")
    return Load(
        source=row.source,
        stream=row.stream,
        run_id=row.run_id,
        kind=row.kind,
        received=row.received,
        written=row.written,
        quarantined=row.quarantined,
        watermark=row.watermark,
        observed_at=datetime.fromisoformat(row.content["observed_at"]),
        newest=None if newest is None else datetime.fromisoformat(newest),
        proof=row.content.get("proof", ""),
        id=row.id,
    )


def _inputs(run_id: str, rows: Sequence[Any]) -> RunInputs:
    streams: dict[StreamId, StreamState] = {}
    facts: dict[str, FactState] = {}
    software = settings = None
    for row in rows:
        content = row.content
        if row.kind == STREAM:
            source, _, stream = row.name.partition("/")
            instants = {
                name: None if content[name] is None else datetime.fromisoformat(content[name])
                for name in ("watermark", "newest")
            }
            streams[source, stream] = StreamState(**{**content, **instants})
        elif row.kind == FACT:
            facts[row.name] = FactState(content["rows"], content["failures"], tuple(content["rules"]))
        elif row.kind == SOFTWARE:
            software, settings = content["fingerprint"], content["settings"]
    return RunInputs(run_id, streams, facts, software, settings)


def _json(state: Any) -> dict[str, Any]:
    content = dict(state) if isinstance(state, Mapping) else asdict(state)
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in content.items()}


def _insert(store: HistoryStore, table: Any) -> Any:
    dialect = postgresql if store.engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)

"""The receipt of a number: by which definition, from which loads and facts, checked how, and where that is proved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from kpi_pipeline.history.chain import canonical, sha256
from kpi_pipeline.history.database import answering
from kpi_pipeline.history.inputs import FactState, RunInputs, StreamState, inputs_of
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.history.tables import definition, observation


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything that stands behind one recorded number.

    `formula` says the definition in words by language, `content` as it was declared, `defined_at` since when it counts.
    `streams` and `facts` are as the
    run saw them; None for a stream or fact that the run left no note of. `batch` and `digest` are where the chain of
    history holds the number, None for one of before there was a chain. `id` is the fingerprint of all of it.
    """

    id: str
    row: Recorded
    formula: Mapping[str, str]
    content: Mapping[str, Any]
    streams: Mapping[str, StreamState | None]
    facts: Mapping[str, FactState | None]
    software: str | None
    settings: str | None
    batch: int | None
    digest: str | None
    defined_at: datetime | None = None

    @property
    def rows_checked(self) -> int:
        return sum(state.rows for state in self.facts.values() if state is not None)

    @property
    def rows_failed(self) -> int:
        return sum(state.failures for state in self.facts.values() if state is not None)


def receipts(store: HistoryStore, company: str, rows: Sequence[Recorded]) -> list[Receipt]:
    """The receipts of numbers of one company, in the same order. Raises StoreUnavailable."""
    definitions = _definitions(store, company)
    runs = inputs_of(store, company, {row.run_id for row in rows})
    proofs = _proofs(store, company, rows)
    unknown: tuple[Mapping[str, Any], datetime | None] = ({}, None)
    found = []
    for row in rows:
        content, defined_at = definitions.get((row.kpi, row.definition_hash), unknown)
        found.append(_receipt(row, content, defined_at, runs[row.run_id], proofs.get(_key(row))))
    return found


def _receipt(
    row: Recorded,
    content: Mapping[str, Any],
    defined_at: datetime | None,
    run: RunInputs,
    proof: tuple[int, str] | None,
) -> Receipt:
    streams = {name: run.streams.get(_stream_id(name)) for name in content.get("streams", ())}
    facts = {name: run.facts.get(name) for name in content.get("facts", ())}
    batch, digest = (None, None) if proof is None else proof
    said = {
        "digest": digest,
        "definition": row.definition_hash,
        "inputs": row.input_hash,
        "streams": {name: None if state is None else _said(state) for name, state in streams.items()},
        "facts": {name: None if state is None else _said(state) for name, state in facts.items()},
        "software": run.software,
        "settings": run.settings,
    }
    return Receipt(
        id=sha256(canonical(said))[:16],
        row=row,
        formula=content.get("formula", {}),
        content=content,
        streams=streams,
        facts=facts,
        software=run.software,
        settings=run.settings,
        batch=batch,
        digest=digest,
        defined_at=defined_at,
    )


def _said(state: StreamState | FactState) -> dict[str, Any]:
    return {name: getattr(state, name) for name in type(state).__match_args__}


def _stream_id(name: str) -> tuple[str, str]:
    source, _, stream = name.partition("/")
    return source, stream


def _definitions(store: HistoryStore, company: str) -> dict[tuple[str, str], tuple[Mapping[str, Any], datetime]]:
    names = ("kpi", "definition_hash", "content", "first_used_at")
    query = select(*(definition.c[name] for name in names))
    with answering(store.engine, f"reading the definitions of {company}"), store.engine.connect() as connection:
        rows = connection.execute(query.where(definition.c.company == company)).all()
    return {(kpi, fingerprint): (content, since) for kpi, fingerprint, content, since in rows}


def _key(row: Any) -> tuple[Any, ...]:
    return row.kpi, row.segment, row.day, row.recorded_at


def _proofs(store: HistoryStore, company: str, rows: Iterable[Recorded]) -> dict[tuple[Any, ...], tuple[int, str]]:
    """Batch and digest of each row; one query a day and company, because a report shows many KPIs of few days."""
    found: dict[tuple[Any, ...], tuple[int, str]] = {}
    by_day: dict[Any, set[str]] = {}
    for row in rows:
        by_day.setdefault(row.day, set()).add(row.kpi)
    columns = [observation.c[name] for name in ("kpi", "segment", "day", "recorded_at", "batch", "digest")]
    with answering(store.engine, f"reading the proofs of {company}"), store.engine.connect() as connection:
        for day, kpis in by_day.items():
            query = select(*columns).where(
                observation.c.company == company, observation.c.kpi.in_(sorted(kpis)), observation.c.day == day
            )
            for each in connection.execute(query):
                if each.batch is not None:
                    found[_key(each)] = (each.batch, each.digest)
    return found

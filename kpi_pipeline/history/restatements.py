"""Numbers that changed after they had been final: what was reported, what is known now, and why they differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import select, tuple_

from kpi_pipeline.history.causes import CAUSES, Cause, causes
from kpi_pipeline.history.database import answering
from kpi_pipeline.history.inputs import StreamId, inputs_of, loads_of
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.history.store import HistoryStore, recorded
from kpi_pipeline.history.tables import definition, observation

# What `cause_of` says of a row whose numbers differ from those before it.
RESTATING = ("late_records", "definition")
CHUNK = 200
IsMaterial = Callable[[str, Decimal | None, Decimal | None], bool]


@dataclass(frozen=True, slots=True)
class Restatement:
    """A number that was reported as final and is another one now.

    `reported` and `now` are in the KPI's unit, None for no data; `delta` is their difference where both are numbers. Of
    a graded KPI they are ranks, and the words are in `reported_text` and `now_text`. `is_material`: by the KPI's own
    measure large enough to tell.
    """

    company: str
    kpi: str
    day: date
    segment: str
    reported: Decimal | None
    now: Decimal | None
    delta: Decimal | None
    reported_text: str | None
    now_text: str | None
    reported_status: str
    now_status: str
    reported_at: datetime
    restated_at: datetime
    causes: tuple[Cause, ...]
    is_material: bool


def restatements(
    store: HistoryStore,
    company: str,
    is_material: IsMaterial,
    *,
    kpi: str | None = None,
    since: datetime | None = None,
    known_at: datetime | None = None,
) -> list[Restatement]:
    """Every number of a company that was final and changed, in order of KPI and day.

    Reported is what was first final (the day over, the value not provisional), or with `since` what was known then; now
    is what is known at `known_at`. `is_material` is asked with the KPI and both values. Raises StoreUnavailable.
    """
    found = []
    for revisions in _revised(store, company, kpi, since, known_at):
        reported = _reported(revisions, since)
        if reported is None or _number(reported) == _number(revisions[-1]):
            continue
        found.append([row for row in revisions if row.recorded_at >= reported.recorded_at])
    streams = streams_by_definition(store, company)
    runs = inputs_of(store, company, {row.run_id for rows in found for row in rows})
    loads = loads_of(store, company, {each for one in streams.values() for each in one} if found else ())

    def why(rows: Sequence[Recorded]) -> tuple[Cause, ...]:
        steps = [(old, new) for old, new in pairwise(rows) if _number(old) != _number(new)]
        every = [
            cause
            for old, new in steps
            for cause in causes(old, new, runs, loads, streams.get((new.kpi, new.definition_hash), ()))
        ]
        return tuple(sorted(dict.fromkeys(every), key=lambda each: CAUSES.index(each.kind)))

    return [_restatement(rows, why(rows), is_material) for rows in found]


def streams_by_definition(store: HistoryStore, company: str) -> dict[tuple[str, str], tuple[StreamId, ...]]:
    """(KPI, fingerprint of its definition) → the streams it was computed from."""
    query = select(definition.c.kpi, definition.c.definition_hash, definition.c.content)
    with answering(store.engine, f"reading the definitions of {company}"), store.engine.connect() as connection:
        rows = connection.execute(query.where(definition.c.company == company)).all()
    return {(name, fingerprint): tuple(_stream_ids(content)) for name, fingerprint, content in rows}


def _stream_ids(content: Mapping[str, Any]) -> Iterable[StreamId]:
    for name in content.get("streams", ()):
        source, _, stream = name.partition("/")
        yield source, stream


def _revised(
    store: HistoryStore, company: str, kpi: str | None, since: datetime | None, known_at: datetime | None
) -> Iterable[list[Recorded]]:
    """Of each KPI and day that was restated its values up to `known_at`, oldest first; in order of KPI and day."""
    mine = [observation.c.company == company]
    if kpi is not None:
        mine.append(observation.c.kpi == kpi)
    if known_at is not None:
        mine.append(observation.c.recorded_at <= known_at)
    key = (observation.c.kpi, observation.c.segment, observation.c.day)
    candidates = select(*key).distinct().where(*mine, observation.c.cause.in_(RESTATING)).order_by(*key)
    if since is not None:
        candidates = candidates.where(observation.c.recorded_at > since)
    with answering(store.engine, f"reading what changed of {company}"), store.engine.connect() as connection:
        keys = [tuple(row) for row in connection.execute(candidates)]
        for start in range(0, len(keys), CHUNK):
            some = keys[start : start + CHUNK]
            days = [day for _, _, day in some]
            query = select(observation).where(
                *mine,
                observation.c.kpi.in_({name for name, _, _ in some}),
                observation.c.day.between(min(days), max(days)),
                tuple_(*key).in_(some),
            )
            rows: dict[tuple[Any, ...], list[Recorded]] = defaultdict(list)
            for row in connection.execute(query.order_by(observation.c.recorded_at)):
                rows[row.kpi, row.segment, row.day].append(recorded(row))
            yield from (rows[each] for each in some)


def _reported(revisions: Sequence[Recorded], since: datetime | None) -> Recorded | None:
    """What readers took for final: first of all, or at an instant."""
    if since is not None:
        known = [row for row in revisions if row.recorded_at <= since]
        return known[-1] if known and is_final(known[-1]) else None
    return next((row for row in revisions if is_final(row)), None)


def is_final(row: Recorded) -> bool:
    """Whether readers take a value for final: its day is over and it may not change by its definition."""
    return row.closed and not row.provisional and row.status != "stale"


def _number(row: Recorded) -> tuple[Decimal | None, str | None]:
    return row.value, row.text_value


def _restatement(rows: Sequence[Recorded], why: tuple[Cause, ...], is_material: IsMaterial) -> Restatement:
    old, new = rows[0], rows[-1]
    both = old.value is not None and new.value is not None
    return Restatement(
        company=new.company,
        kpi=new.kpi,
        day=new.day,
        segment=new.segment,
        reported=old.value,
        now=new.value,
        delta=new.value - old.value if both else None,  # type: ignore[operator]
        reported_text=old.text_value,
        now_text=new.text_value,
        reported_status=old.status,
        now_status=new.status,
        reported_at=old.recorded_at,
        restated_at=new.recorded_at,
        causes=why,
        is_material=old.status != new.status or is_material(new.kpi, old.value, new.value),
    )

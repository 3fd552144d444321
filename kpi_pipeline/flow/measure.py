"""One KPI with its companions → history: measure, judge, record, and evaluate its rules in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from kpi_pipeline.alerts.evaluate import Evaluation, evaluate
from kpi_pipeline.catalogue import Company, Kpi, Threshold, in_force
from kpi_pipeline.facts import sources
from kpi_pipeline.flow.sight import sight
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import Outcome
from kpi_pipeline.metrics import rating, words
from kpi_pipeline.metrics.engine import Measurement
from kpi_pipeline.metrics.uses import facts_of


@dataclass(frozen=True, slots=True)
class Measured:
    """What became of one KPI: its observations in order of day, and how many of them were news."""

    kpi: Kpi
    observations: tuple[Observation, ...]
    outcome: Outcome


def measure(
    workspace: Workspace, company: Company, kpis: Sequence[Kpi], first: date, last: date, *, run_id: str
) -> list[Measured]:
    """Measure these KPIs for every begun business day of [first, last] and record what is new.

    Raises StoreUnavailable when history cannot be written; then nothing of that KPI was recorded.
    """
    return [_measure(workspace, company, kpi, first, last, run_id) for kpi in kpis]


def _measure(workspace: Workspace, company: Company, kpi: Kpi, first: date, last: date, run_id: str) -> Measured:
    engine, history, now = workspace.engine(company), workspace.history, workspace.now
    facts = facts_of(kpi, company)
    streams = sources(facts, company.sources)
    seen = workspace.inputs(company)
    seen.note(streams, run_id)
    workspace.facts(company).materialise(facts)
    input_hash = seen.hash(streams)
    known_until = [(seen.watermark(stream), company.sources[stream[0]].late_after) for stream in streams]
    meaning = kpi.definition_hash
    observations = tuple(
        observation(kpi, measured, input_hash, meaning, stale=_is_stale(measured, known_until))
        for measured in engine.measure(kpi, first, last)
    )
    history.save_definition(company.id, kpi.id, meaning, kpi.version, content_of(company, kpi, facts, streams), now)
    judging = Evaluation(company, lambda kpi_id: sight(workspace, company, company.kpis[kpi_id]), now, run_id)
    outcome = history.record(observations, run_id=run_id, now=now, within=evaluate(judging, [kpi.id]))
    return Measured(kpi, observations, outcome)


def observation(kpi: Kpi, measured: Measurement, input_hash: str, meaning: str, *, stale: bool) -> Observation:
    """A measurement judged by what was in force on its day; `meaning` is the hash of the KPI's definition."""
    status = "stale" if stale else rating.rate(kpi, measured)
    return Observation(
        company=kpi.company,
        kpi=kpi.id,
        day=measured.day,
        segment=measured.segment,
        value=measured.value,
        text_value=measured.text,
        numerator=measured.numerator,
        denominator=measured.denominator,
        n=measured.n,
        status=status,
        reason=measured.reason,
        target=_text(in_force(kpi.target, measured.day)),
        warning=_text(in_force(kpi.warning, measured.day)),
        critical=_text(in_force(kpi.critical, measured.day)),
        period_start=measured.period_start,
        period_end=measured.period_end,
        closed=measured.closed,
        provisional=measured.provisional,
        definition_version=kpi.version,
        definition_hash=meaning,
        input_hash=input_hash,
    )


def content_of(company: Company, kpi: Kpi, facts: Sequence[str], streams: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The definition as it is kept with the numbers it gave: its formula in words too, and what it is computed from."""
    return {
        "name": dict(kpi.name),
        "formula": {language: words.describe(company, kpi, language) for language in words.LANGUAGES},
        "facts": list(facts),
        "streams": [f"{source}/{stream}" for source, stream in streams],
        "kind": kpi.kind,
        "params": kpi.params.model_dump(mode="json"),
        "window": kpi.window,
        "unit": kpi.unit,
        "settles_after_s": kpi.settles_after.total_seconds(),
        "origin": kpi.origin,
        "reading": kpi.reading,
    }


def _text(threshold: Threshold | None) -> str | None:
    return None if threshold is None else str(threshold)


def _is_stale(measured: Measurement, known: Sequence[tuple[datetime | None, timedelta]]) -> bool:
    """A value as of a moment that one of its sources had not been read up to, beyond what its lateness allows."""
    return any(until is None or measured.period_end - until > late for until, late in known)

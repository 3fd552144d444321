"""What the rules of a company would have told over its history, and what a proposed change would make of it."""

from __future__ import annotations

import gc
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from kpi_pipeline.alerts import backtest, silences
from kpi_pipeline.alerts.backtest import Span
from kpi_pipeline.alerts.course import RuleCourse
from kpi_pipeline.alerts.known_then import KnownThen
from kpi_pipeline.alerts.rules import rules_of
from kpi_pipeline.alerts.silences import Silence
from kpi_pipeline.alerts.unjudged import LOOK_BACK
from kpi_pipeline.catalogue import Company, Kpi, yaml_file
from kpi_pipeline.catalogue.amend import amended
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.errors import CatalogueError, Issue, UsageError
from kpi_pipeline.facts import sources
from kpi_pipeline.flow.sight import upstream
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.database import answering
from kpi_pipeline.history.inputs import Load, loads_of
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.metrics import rating
from kpi_pipeline.metrics.engine import Measurement
from kpi_pipeline.metrics.uses import facts_of

ONE_DAY = timedelta(days=1)
A_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Backtest:
    """The days [first, last] by the clock of the company: what its rules did, and (`after`) what changed ones would.

    `days` counts the values that rules looked at, `filled_in` those of them that were recorded later than they would
    have been known, which count as known when they would.
    """

    company: Company
    first: date
    last: date
    before: tuple[RuleCourse, ...]
    after: tuple[RuleCourse, ...] | None
    days: int
    filled_in: int


def run_backtest(
    workspace: Workspace,
    company: Company,
    *,
    alert: str | None = None,
    first: date | None = None,
    last: date | None = None,
    change: Path | None = None,
) -> Backtest:
    """Play the rules over [first, last] (default: the year up to yesterday), and with the change in `change` if given.

    All of them are played, because one may hold back another; `alert` keeps those about a KPI, or of a rule's id.
    Raises UsageError for a span without days or history, CatalogueError for a change that does not fit the company,
    StoreUnavailable.
    """
    until = workspace.now.astimezone(company.tz).date() - ONE_DAY if last is None else last
    since = until - A_YEAR + ONE_DAY if first is None else first
    doing = f"testing the rules of {company.id} on its history from {since} to {until}"
    if since > until:
        raise UsageError(doing, "the span ends before it begins", remedy="Give --from and --to as YYYY-MM-DD")
    proposed = company if change is None else _proposed(company, change)
    known_alerts = {name for each in (company, proposed) for rule in rules_of(each) for name in (rule.subject, rule.id)}
    if alert is not None and alert not in known_alerts:
        fault = f"there is no KPI with a rule, and no rule, {alert!r}{did_you_mean(alert, known_alerts)}"
        raise UsageError(doing, fault, remedy=f"See kpi alerts rules {company.id}")
    span = Span(_midnight(company, since), _midnight(company, until + ONE_DAY))
    kpis = sorted({kpi for each in (company, proposed) for rule in rules_of(each) for kpi in rule.kpis})
    rows = workspace.history.known(company.id, kpis, since - LOOK_BACK, until)
    if not any(rows.values()):
        raise UsageError(doing, "no value was ever recorded of it", remedy="kpi runs backfill measures past days")
    with answering(workspace.history.engine, doing), workspace.history.engine.connect() as connection:
        silenced = silences.listed(connection, company.id)
    read = _read(workspace, company, kpis)
    gc.freeze()  # the rows stay to the end; looking through them for garbage again and again takes a fifth of the time
    try:
        before, known = _play(company, rows, read, silenced, span)
        anew = rows if change is None else _judged_anew(company, proposed, rows)
        after = None if change is None else _play(proposed, anew, read, silenced, span)[0]
    finally:
        gc.unfreeze()
    return Backtest(
        company,
        since,
        until,
        _only(before, alert),
        None if after is None else _only(after, alert),
        sum(len(each.rows) for each in known.values()),
        sum(each.filled_in for each in known.values()),
    )


def _only(courses: tuple[RuleCourse, ...], alert: str | None) -> tuple[RuleCourse, ...]:
    return tuple(each for each in courses if alert is None or alert in (each.subject, each.rule))


def _play(
    company: Company,
    rows: Mapping[str, Sequence[Recorded]],
    read: Mapping[str, Sequence[tuple[datetime, datetime]]],
    silenced: Sequence[Silence],
    span: Span,
) -> tuple[tuple[RuleCourse, ...], Mapping[str, KnownThen]]:
    known = {
        kpi: KnownThen(company.kpis[kpi], found, read[kpi], _settling(company, company.kpis[kpi]))
        for kpi, found in rows.items()
    }
    return backtest.play(company, known, silenced, span), known


def _proposed(company: Company, path: Path) -> Company:
    issues: list[Issue] = []
    file = yaml_file.read(path, path.parent, issues)
    content = None if file is None else file.data
    if file is not None and not isinstance(content, dict):
        issues.append(Issue(file.label, 1, "must be a mapping with `kpis`, `rules` or other keys of alerts.yaml"))
    if issues or not isinstance(content, dict):
        raise CatalogueError("reading a proposed change", issues, remedy="Mend the lines above")
    return amended(company, content, path.name)


def _judged_anew(
    company: Company, proposed: Company, rows: Mapping[str, Sequence[Recorded]]
) -> Mapping[str, Sequence[Recorded]]:
    """The same values as they would have been rated: by the thresholds and the smallest n that are proposed."""
    changed = {kpi for kpi in rows if proposed.kpis[kpi] != company.kpis[kpi]}
    return {
        kpi: [_rated(proposed.kpis[kpi], row) for row in found] if kpi in changed else found
        for kpi, found in rows.items()
    }


def _rated(kpi: Kpi, row: Recorded) -> Recorded:
    if row.status == "stale":  # its sources were late, whatever the thresholds
        return row
    measured = Measurement(
        row.day,
        row.segment,
        row.value,
        row.numerator,
        row.denominator,
        row.n or 0,
        row.period_start,
        row.period_end,
        row.closed,
        row.provisional,
        row.reason,
        row.text_value,
    )
    return replace(row, status=rating.rate(kpi, measured))


def _settling(company: Company, kpi: Kpi) -> timedelta:
    return max((company.sources[name].settles_after for name in upstream(company, kpi)), default=timedelta(0))


def _read(
    workspace: Workspace, company: Company, kpis: Sequence[str]
) -> Mapping[str, Sequence[tuple[datetime, datetime]]]:
    """KPI → (when, up to when its sources had been read and settled), by the receipts of their loads."""
    streams = {kpi: sources(facts_of(company.kpis[kpi], company), company.sources) for kpi in kpis}
    loads = loads_of(workspace.history, company.id, {stream for each in streams.values() for stream in each})
    settled = {
        stream: _settled(found, company.sources[stream[0]].settles_after) for stream, found in loads.items() if found
    }
    return {kpi: _slowest([settled[stream] for stream in each if stream in settled]) for kpi, each in streams.items()}


def _settled(loads: Sequence[Load], settles_after: timedelta) -> list[tuple[datetime, datetime]]:
    found: list[tuple[datetime, datetime]] = []
    for load in sorted(loads, key=lambda load: load.observed_at):
        if load.watermark is not None and (not found or load.watermark - settles_after > found[-1][1]):
            found.append((load.observed_at, load.watermark - settles_after))
    return found


def _slowest(streams: Sequence[Sequence[tuple[datetime, datetime]]]) -> list[tuple[datetime, datetime]]:
    """The least of several, from when all of them are known."""
    moments = sorted({at for each in streams for at, _ in each})
    times = [[at for at, _ in each] for each in streams]
    found: list[tuple[datetime, datetime]] = []
    for at in moments:
        places = [bisect_right(each, at) for each in times]
        if all(places):
            until = min(each[place - 1][1] for each, place in zip(streams, places, strict=True))
            if not found or until > found[-1][1]:
                found.append((at, until))
    return found


def _midnight(company: Company, day: date) -> datetime:
    return datetime.combine(day, time(), company.tz).astimezone(UTC)

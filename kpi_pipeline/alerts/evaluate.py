"""Judges what was just measured, in the transaction that records it: state, log and notices are saved together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from kpi_pipeline.alerts import announcing, decisions, ledger, silences, terms
from kpi_pipeline.alerts.around import Sight, circumstances
from kpi_pipeline.alerts.calendar import working_time
from kpi_pipeline.alerts.clockwork import mark
from kpi_pipeline.alerts.judgement import judge_alert
from kpi_pipeline.alerts.model import AlertState, Reading
from kpi_pipeline.alerts.restated import Restated
from kpi_pipeline.alerts.rules import rules_reading
from kpi_pipeline.alerts.tell import Circumstances
from kpi_pipeline.alerts.unjudged import LOOK_BACK, rows_after, unjudged
from kpi_pipeline.catalogue.model import Company, Kpi, Rule
from kpi_pipeline.history.observation import Change, Observation, Recorded
from kpi_pipeline.history.store import COLUMNS, Within
from kpi_pipeline.history.tables import observation


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation: whose, of what, when, in which run, and what is known of the KPIs' sources."""

    company: Company
    sight: Callable[[str], Sight]
    now: datetime
    run_id: str = ""


def evaluate(run: Evaluation, kpis: Collection[str]) -> Within:
    """A function for HistoryStore.record(within=…) that judges every rule reading one of these KPIs."""

    def within(connection: Connection, changes: Sequence[Change]) -> None:
        for kpi in kpis:
            mark(connection, run.company.id, f"kpi:{kpi}", run.now)
        silenced = silences.current(connection, run.company.id, run.now)
        for rule in rules_reading(run.company, kpis):
            if rule.kpi is not None and not (rule.all_of or rule.unless_all):
                of_rule = [change for change in changes if change.after.kpi == rule.kpi]
                _judge_kpi(connection, run, rule, run.company.kpis[rule.kpi], of_rule, silenced)
            else:
                _judge_several(connection, run, rule, silenced)

    return within


def _judge_kpi(
    connection: Connection,
    run: Evaluation,
    rule: Rule,
    kpi: Kpi,
    changes: Sequence[Change],
    silenced: list[silences.Silence],
) -> None:
    sight = run.sight(kpi.id)
    states = ledger.load_segments(connection, run.company.id, kpi.id, rule.id)
    judged = [state.judged_day for state in states.values()]
    last = None if not judged or None in judged else min(day for day in judged if day is not None)
    by_segment = _by_segment(_rows(connection, run.company.id, kpi.id, rows_after(rule, last)))
    _miss_segments(connection, run, states.values(), by_segment)
    for segment, rows in by_segment.items():
        state = states.get(segment, AlertState(run.company.id, kpi.id, rule.id, segment))
        mine = [change for change in changes if change.after.segment == segment]
        news = unjudged(rule, kpi, state, rows, mine, sight.closed_until)
        found = _in_season(connection, run, rule, news.found)
        by_day: dict[date, Observation] = {row.day: row for row in rows}

        def content(before: AlertState, after: AlertState, by_day: Mapping[date, Observation] = by_day) -> Any:
            day = max(by_day) if after.judged_day is None else after.judged_day
            return announcing.of_kpi(connection, run.company, rule, kpi, by_day[day], before, after)

        _fold(
            connection,
            run,
            rule,
            news.state,
            found,
            sight.upstream,
            silenced,
            content,
            news.late,
            kpi.better == "higher",
        )


def _miss_segments(
    connection: Connection, run: Evaluation, states: Iterable[AlertState], by_segment: Mapping[str, Sequence[Recorded]]
) -> None:
    """A segment without values while others have them did not recover: what it was is kept, without data."""
    newest = {segment: max(row.day for row in rows) for segment, rows in by_segment.items()}
    for state in states:
        known = max(filter(None, (newest.get(state.segment), state.judged_day)), default=None)
        if newest and known is not None and max(newest.values()) > known:
            after = replace(state, evidence="no_data")
            ledger.save(connection, state, after, "segment_without_values", day=known, now=run.now)


def _in_season(connection: Connection, run: Evaluation, rule: Rule, found: list[Reading]) -> list[Reading]:
    if not rule.only_when or not found:
        return found
    after = found[0].day - LOOK_BACK
    rows = {kpi: _rows(connection, run.company.id, kpi, after) for kpi in terms.guards_of(rule)}
    series = {kpi: {row.day: row for row in rows[kpi] if row.segment == ""} for kpi in rows}
    return terms.in_season(rule, run.company.kpis, series, found)


def _judge_several(connection: Connection, run: Evaluation, rule: Rule, silenced: list[silences.Silence]) -> None:
    company = run.company
    state = ledger.load(connection, company.id, rule.subject, rule.id)
    after = None if state.judged_day is None else state.judged_day - LOOK_BACK
    series: dict[str, dict[date, Observation]] = {}
    for kpi in rule.kpis:
        rows = _by_segment(_rows(connection, company.id, kpi, after)).get("", [])
        series[kpi] = {row.day: row for row in rows}
    sights = [run.sight(kpi) for kpi in rule.kpis]
    closed_until = min(sight.closed_until for sight in sights)
    upstream = tuple(sorted({name for sight in sights for name in sight.upstream}))
    found = list(terms.readings(rule, company.kpis, series, state.judged_day, closed_until))

    def content(before: AlertState, now: AlertState) -> Any:
        day = now.judged_day
        rows = {kpi: rows[day] for kpi, rows in series.items() if day in rows}
        return announcing.of_several(company, rule, rows, before, now)

    _fold(connection, run, rule, state, found, upstream, silenced, content, Restated(), True)


def _fold(
    connection: Connection,
    run: Evaluation,
    rule: Rule,
    state: AlertState,
    found: Sequence[Reading],
    upstream: Sequence[str],
    silenced: list[silences.Silence],
    content: Callable[[AlertState, AlertState], Any],
    late: Restated,
    higher_is_better: bool,
) -> None:
    """Judge, keep every step, ask for a decision when one is due, and put what is told into the outbox."""

    def around(stands: AlertState) -> Circumstances:
        return circumstances(connection, run.company, rule, stands, run.now, upstream=upstream, silenced=silenced)

    judged = judge_alert(run.company, rule, state, found, around, late, now=run.now, higher_is_better=higher_is_better)
    for each in judged.steps:
        ledger.save(connection, each.before, each.after, each.why, day=each.day, now=run.now)
    if judged.fired is not None:
        working = working_time(run.company, rule.calendar)
        decisions.open_for(connection, run.company, rule, judged.fired, working, run.now)
    announcing.announce_all(
        connection,
        run.company,
        rule,
        state,
        judged.state,
        judged.notices,
        content,
        late,
        run_id=run.run_id,
        now=run.now,
    )


def _rows(connection: Connection, company: str, kpi: str, after: date | None = None) -> Iterable[Recorded]:
    query = select(*(observation.c[name] for name in COLUMNS)).where(
        observation.c.company == company, observation.c.kpi == kpi, observation.c.superseded_at.is_(None)
    )
    if after is not None:
        query = query.where(observation.c.day > after)
    ordered = query.order_by(observation.c.segment, observation.c.day)
    return [Recorded(**row._mapping) for row in connection.execute(ordered)]


def _by_segment(rows: Iterable[Recorded]) -> dict[str, list[Recorded]]:
    found: dict[str, list[Recorded]] = {}
    for row in rows:
        found.setdefault(row.segment, []).append(row)
    return found

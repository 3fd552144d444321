"""Judges what was just measured, in the transaction that records it: state, log and notices are saved together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from kpi_pipeline.alerts import announcing, decisions, ledger, readings, silences, terms
from kpi_pipeline.alerts.around import Sight, circumstances
from kpi_pipeline.alerts.calendar import working_time
from kpi_pipeline.alerts.clockwork import mark
from kpi_pipeline.alerts.model import AlertState, Reading
from kpi_pipeline.alerts.policy import step
from kpi_pipeline.alerts.restated import Restated, restated
from kpi_pipeline.alerts.rules import rules_reading
from kpi_pipeline.alerts.tell import accept_as_told, tell
from kpi_pipeline.catalogue.model import Company, Kpi, Rule
from kpi_pipeline.history.observation import Change, Observation, Recorded
from kpi_pipeline.history.store import COLUMNS, Within
from kpi_pipeline.history.tables import observation

LOOK_BACK = timedelta(days=400)  # what conditions on the past, pooled periods and gaps of quarters may need
NEAR = timedelta(days=2)
BASELINE = "baseline_quiet"


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
    back = LOOK_BACK if rule.accumulate > 1 or rule.every is not None else NEAR
    judged = [state.judged_day for state in states.values()]
    after = None if not judged or None in judged else min(day for day in judged if day is not None) - back
    by_segment = _by_segment(_rows(connection, run.company.id, kpi.id, after))
    _miss_segments(connection, run, states.values(), by_segment)
    for segment, rows in by_segment.items():
        state = states.get(segment, AlertState(run.company.id, kpi.id, rule.id, segment))
        since = state.judged_day
        mine = [change for change in changes if change.after.segment == segment]
        late = restated(rule, kpi, mine, since)
        if late.newest:
            state = replace(state, judged_day=_before(since))
        new = [row for row in rows if _is_new(row.day, state.judged_day, rule)]
        older = [row for row in rows if not _is_new(row.day, state.judged_day, rule)]
        context = older[-max(rule.accumulate - 1, 1) :] if older else []
        found = [
            each
            for each in readings.readings(rule, kpi, [*context, *new], sight.closed_until)
            if _is_new(each.day, state.judged_day, rule)
        ]
        found = _in_season(connection, run, rule, found)
        by_day: dict[date, Observation] = {row.day: row for row in rows}

        def content(before: AlertState, after: AlertState, by_day: Mapping[date, Observation] = by_day) -> Any:
            day = max(by_day) if after.judged_day is None else after.judged_day
            return announcing.of_kpi(connection, run.company, rule, kpi, by_day[day], before, after)

        _fold(connection, run, rule, state, found, sight.upstream, silenced, content, late, kpi.better == "higher")


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
    """The readings up to the first day of which `only_when` is not measured yet; out of season they have no level."""
    if not rule.only_when or not found:
        return found
    guards = [kpi for kpi in rule.kpis if kpi != rule.kpi]
    rows = {kpi: _rows(connection, run.company.id, kpi, found[0].day - LOOK_BACK) for kpi in guards}
    series = {kpi: {row.day: row for row in rows[kpi] if row.segment == ""} for kpi in guards}
    kept = []
    for reading in found:
        if any(reading.day not in series[kpi] for kpi in guards):
            break
        silent = terms.is_out_of_season(rule, run.company.kpis, series, reading.day)
        kept.append(replace(reading, level=None, why="not_judged") if silent else reading)
    return kept


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
    """Steps through the readings, then tells once: what came and went between two evaluations is no news.

    A paused rule waits; when it is resumed it catches up with what it missed.
    """
    if state.paused:
        return
    working = working_time(run.company, rule.calendar)
    is_first = state.rule_hash == "" and state.judged_day is None
    began = state
    if state.rule_hash != rule.rule_hash:
        state = replace(state, rule_hash=rule.rule_hash)
    notices = []
    for reading in found:
        decision = step(rule, state, reading, working, run.now, higher_is_better=higher_is_better)
        notices += [] if is_first else list(decision.notices)
        if not is_first:
            ledger.save(connection, state, decision.state, decision.why, day=reading.day, now=run.now)
        state = decision.state
    around = circumstances(connection, run.company, rule, state, run.now, upstream=upstream, silenced=silenced)
    why = ""
    if is_first:
        state, why = _baseline(run.company, rule, state, found, around)
        ledger.save(connection, began, state, why, day=state.judged_day, now=run.now)
    elif not found and began.rule_hash != state.rule_hash:
        ledger.save(connection, began, state, "rule_changed", day=None, now=run.now)
    if state.fires and state.episode > began.episode and rule.by is None and why != BASELINE:
        decisions.open_for(connection, run.company, rule, state, working, run.now)
    told = tell(rule, state, around)
    after = replace(told.state, notices=told.state.notices + len(notices))
    ledger.save(connection, state, after, told.why, day=after.judged_day, now=run.now)
    renamed = [late.rename(each) for each in (*notices, *told.notices)]
    extra = late.notices(after, around.suppressed)
    after_late = replace(after, notices=after.notices + len(extra))
    ledger.save(connection, after, after_late, "restated", day=after.judged_day, now=run.now)
    announcing.announce_all(
        connection,
        run.company,
        rule,
        began,
        after_late,
        [*renamed, *extra],
        content,
        late,
        run_id=run.run_id,
        now=run.now,
    )


def _baseline(
    company: Company, rule: Rule, state: AlertState, found: Sequence[Reading], around: Any
) -> tuple[AlertState, str]:
    """The first time a rule is judged, what already was wrong is taken as known and summed up once; what went wrong
    in the newest period is news."""
    mode = company.alerts.baseline if rule.baseline is None else rule.baseline
    if not state.fires or mode == "notify" or state.since_day == found[-1].day:
        return state, "baseline"
    return accept_as_told(rule, state, around), BASELINE


def _is_new(day: date, judged: date | None, rule: Rule) -> bool:
    return judged is None or day > judged or (rule.check_open and day == judged)


def _before(day: date | None) -> date | None:
    return None if day is None else day - timedelta(days=1)


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

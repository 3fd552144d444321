"""Plays the rules of a company over its history as it was known then: what would have been told, and to whom.

Pure: nothing is written or sent, and equal history and rules give equal answers. Sources count as fresh, nobody
acknowledges, and silences hold as they were set; reminders and what is told of data say nothing about thresholds and
are left out.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter

from kpi_pipeline.alerts import terms
from kpi_pipeline.alerts.around import escalation_of, may_be_outdone, surroundings
from kpi_pipeline.alerts.calendar import working_time
from kpi_pipeline.alerts.course import Course, RuleCourse, Told
from kpi_pipeline.alerts.deadline import AWAITED, deadline
from kpi_pipeline.alerts.judgement import Judgement, Step, judge_alert
from kpi_pipeline.alerts.known_then import Known, KnownThen, Series
from kpi_pipeline.alerts.model import AlertState, Reading
from kpi_pipeline.alerts.mutes import turns_of
from kpi_pipeline.alerts.periods import ONE_DAY
from kpi_pipeline.alerts.policy import mature
from kpi_pipeline.alerts.restated import Restated
from kpi_pipeline.alerts.routes import routes_of_notice, with_those_told
from kpi_pipeline.alerts.rules import rules_of
from kpi_pipeline.alerts.silences import Silence
from kpi_pipeline.alerts.tell import Circumstances, tell
from kpi_pipeline.alerts.unjudged import rows_after, unjudged
from kpi_pipeline.catalogue.model import Company, Rule
from kpi_pipeline.history.observation import Change

HOUR = timedelta(hours=1)
Key = tuple[str, str, str]  # subject, rule, segment


@dataclass(frozen=True, slots=True)
class Span:
    """The time that is looked at, [first, last); what was known before only says where alerts stand at `first`."""

    first: datetime
    last: datetime


def play(
    company: Company, history: Mapping[str, KnownThen], silences: Sequence[Silence], span: Span
) -> tuple[RuleCourse, ...]:
    """What every rule of the company did over the span, in the order in which rules are declared."""
    return _Play(company, history, silences, span).run()


class _Play:
    """One pass over everything that came to be known, in order of time."""

    def __init__(
        self, company: Company, history: Mapping[str, KnownThen], silences: Sequence[Silence], span: Span
    ) -> None:
        self.company, self.history, self.silences, self.span = company, history, silences, span
        self.rules = [rule for rule in rules_of(company) if rule.remind is None]
        self.reading = {kpi: [rule for rule in self.rules if kpi in rule.kpis] for kpi in history}
        self.series: dict[str, dict[str, Series]] = {kpi: {"": Series()} for kpi in history}
        self.states: dict[Key, AlertState] = {}
        self.courses: dict[Key, Course] = {}
        self.looks: list[tuple[datetime, Key]] = []
        self.looks_at: dict[Key, datetime] = {}
        self.by_key = {(rule.subject, rule.id): rule for rule in self.rules}
        self.turns: list[datetime] = []

    def run(self) -> tuple[RuleCourse, ...]:
        company = self.company
        moments = [each for known in self.history.values() for each in known.moments() if each.at < self.span.last]
        moments.sort(key=attrgetter("at", "kpi"))
        began = min((each.at for each in moments), default=self.span.first)
        self.turns = sorted({*turns_of(company, began, self.span.last), *_ends(self.silences)})
        for rule in self.rules:
            if rule.by is not None:  # somebody was there before its day
                state = self._known(rule, "")
                self._keep(rule, state, deadline(company, rule, state, began, lambda: True), began)
        for (at, kpi), group in groupby(moments, key=attrgetter("at", "kpi")):
            self._look_until(at)
            self._record(at, kpi, group)
        self._look_until(self.span.last)
        order = {(rule.subject, rule.id): place for place, rule in enumerate(self.rules)}
        return tuple(
            self.courses[key].end(self.states[key])
            for key in sorted(self.courses, key=lambda key: (order[key[:2]], key[2]))
        )

    def _record(self, at: datetime, kpi: str, group: Iterable[Known]) -> None:
        changes: dict[str, list[Change]] = {"": []}
        for row in (each.row for each in group if each.row is not None):
            before = self.series[kpi].setdefault(row.segment, Series()).put(row)
            changes.setdefault(row.segment, []).append(Change(before, row))
        for rule in self.reading[kpi]:
            if rule.kpi is not None and not (rule.all_of or rule.unless_all):
                if rule.kpi == kpi:
                    for segment in changes:
                        self._judge_kpi(rule, segment, changes[segment], at)
                elif rule.only_when:
                    self._judge_kpi(rule, "", [], at)
            else:
                self._judge_several(rule, at)

    def _judge_kpi(self, rule: Rule, segment: str, changes: Sequence[Change], at: datetime) -> None:
        kpi = self.company.kpis[rule.subject]
        series = self.series[kpi.id].setdefault(segment, Series())
        state = self._known(rule, segment)
        if not series.by_day:
            return
        rows = series.after(rows_after(rule, state.judged_day))
        news = unjudged(rule, kpi, state, rows, changes, self.history[kpi.id].closed_until(at))
        found = news.found
        if found and rule.only_when:
            known = {guard: self.series[guard][""].by_day for guard in terms.guards_of(rule)}
            found = terms.in_season(rule, self.company.kpis, known, found)
        if found or news.late != Restated() or state.rule_hash == "":
            self._take(rule, news.state, found, news.late, at, kpi.better == "higher")

    def _judge_several(self, rule: Rule, at: datetime) -> None:
        state = self._known(rule, "")
        series = {kpi: self.series[kpi][""].by_day for kpi in rule.kpis}
        closed_until = min(self.history[kpi].closed_until(at) for kpi in rule.kpis)
        found = list(terms.readings(rule, self.company.kpis, series, state.judged_day, closed_until))
        if found or state.rule_hash == "":
            self._take(rule, state, found, Restated(), at, True)

    def _take(
        self, rule: Rule, state: AlertState, found: Sequence[Reading], late: Restated, at: datetime, higher: bool
    ) -> None:
        judged = judge_alert(
            self.company,
            rule,
            state,
            found,
            lambda stands: self._around(rule, stands, at),
            late,
            now=at,
            higher_is_better=higher,
        )
        self._keep(rule, state, judged, at)
        if rule.by is not None:  # its day may be judged now
            self._look_at((state.subject, rule.id, state.segment), at)

    def _keep(self, rule: Rule, before: AlertState, judged: Judgement, at: datetime) -> None:
        key = (before.subject, rule.id, before.segment)
        course = self.courses[key]
        for each in judged.steps:
            course.go(each.before, each.after, at)
        for notice in judged.notices:
            routes = routes_of_notice(self.company, rule, notice, before, judged.state, at)
            routes = with_those_told(self.company, notice.reason, routes, course.told)
            told = Told(at, key[0], rule.id, before.segment, notice.reason, notice.level, tuple(routes))
            course.tell(told)
        self.states[key] = judged.state
        self._look_later(judged.state, rule, at)
        if "critical" in (before.actual, judged.state.actual):  # it holds back milder alerts of the KPI, or no longer
            for other in self.reading.get(key[0], ()):
                held = self.states.get((key[0], other.id, key[2]))
                if other.id != rule.id and held is not None and (held.fires or held.suppressed):
                    self._look_at((key[0], other.id, key[2]), at)

    def _known(self, rule: Rule, segment: str) -> AlertState:
        key = (rule.subject, rule.id, segment)
        if key not in self.states:
            self.states[key] = AlertState(self.company.id, rule.subject, rule.id, segment)
            self.courses[key] = Course(rule, self.span.first, self.span.last)
        return self.states[key]

    def _around(self, rule: Rule, state: AlertState, at: datetime) -> Circumstances:
        silenced = [
            each
            for each in self.silences
            if max(each.starts_at, each.created_at) <= at < (each.ends_at if each.ended_at is None else each.ended_at)
        ]
        inhibited = may_be_outdone(state) and self._worse_alert_fires(state)
        return surroundings(self.company, rule, state, at, inhibited=inhibited, silenced=silenced)

    def _worse_alert_fires(self, state: AlertState) -> bool:
        others = (rule for rule in self.reading.get(state.subject, ()) if rule.id != state.rule)
        found = (self.states.get((state.subject, rule.id, state.segment)) for rule in others)
        return any(other is not None and other.fires and other.level == "critical" for other in found)

    def _look_until(self, at: datetime) -> None:
        """What time alone brings before `at`: repeats, escalation, spans that are over, ended mutes, missed days."""
        while self.looks and self.looks[0][0] < at:
            due, key = heapq.heappop(self.looks)
            if self.looks_at.get(key) == due:
                del self.looks_at[key]
                self._look(key, due)

    def _look(self, key: Key, at: datetime) -> None:
        rule, before = self.by_key[key[:2]], self.states[key]
        ripe = mature(rule, before, working_time(self.company, rule.calendar), at)
        told = tell(rule, ripe.state, self._around(rule, ripe.state, at))
        steps = (Step(before, ripe.state, ripe.why, None), Step(ripe.state, told.state, told.why, None))
        self._keep(rule, before, Judgement(told.state, steps, told.notices), at)
        if rule.by is not None:
            stands = self.states[key]
            held = self._around(rule, stands, at).suppressed in ("mute", "silence")
            self._keep(rule, stands, deadline(self.company, rule, stands, at, lambda: held), at)

    def _look_later(self, state: AlertState, rule: Rule, at: datetime) -> None:
        """The next look at the clock for an alert: as soon as it may bring something."""
        key = (state.subject, rule.id, state.segment)
        due = min(self._dues(state, rule, at), default=None)
        if due is None:
            self.looks_at.pop(key, None)
        else:
            self._look_at(key, due)

    def _look_at(self, key: Key, due: datetime) -> None:
        if self.looks_at.get(key) != due:
            self.looks_at[key] = due
            heapq.heappush(self.looks, (due, key))

    def _next_turn(self, at: datetime) -> list[datetime]:
        place = bisect_right(self.turns, at)
        return self.turns[place : place + 1]

    def _dues(self, state: AlertState, rule: Rule, at: datetime) -> Iterator[datetime]:
        working = working_time(self.company, rule.calendar)
        later: list[datetime] = []
        if state.fires or state.told_level != "ok" or state.suppressed:
            later += self._next_turn(at)
        if state.actual != "ok" and state.repeat_at is not None:
            later.append(state.repeat_at)
        if state.actual == "critical" and state.critical_at is not None:
            steps = escalation_of(self.company, rule)[state.escalated :]
            later += [working.after(state.critical_at, each.after) for each in steps[:1]]
        if not rule.hold_for.is_counted:
            begun = (state.low_since, state.high_since)
            later += [working.after(since, rule.hold_for) for since in begun if since is not None]
        if rule.by is not None and state.mark == AWAITED:
            over = datetime.combine(rule.by + ONE_DAY, time(), self.company.tz).astimezone(UTC)
            later.append(over if over > at else at + HOUR)  # its day may not be judged yet
        yield from (each for each in later if each > at)


def _ends(silences: Iterable[Silence]) -> Iterator[datetime]:
    for each in silences:
        yield max(each.starts_at, each.created_at)
        yield each.ends_at if each.ended_at is None else each.ended_at

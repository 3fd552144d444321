"""What readings make of an alert, and what is told of it: every step from one state to the next, in order. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from kpi_pipeline.alerts.calendar import working_time
from kpi_pipeline.alerts.model import AlertState, Notice, Reading
from kpi_pipeline.alerts.policy import step
from kpi_pipeline.alerts.restated import Restated
from kpi_pipeline.alerts.tell import Circumstances, accept_as_told, tell
from kpi_pipeline.catalogue.model import Company, Rule

BASELINE = "baseline_quiet"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a state: from, to, why as a word that logs can quote, and the day of the reading."""

    before: AlertState
    after: AlertState
    why: str
    day: date | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Where an alert came to, how, and what is told; `fired` is it as it began to fire, when that asks a decision."""

    state: AlertState
    steps: tuple[Step, ...] = ()
    notices: tuple[Notice, ...] = ()
    fired: AlertState | None = None


@dataclass(slots=True)
class Course:
    """Collects the steps of one judgement."""

    state: AlertState
    steps: list[Step] = field(default_factory=list)

    def go(self, after: AlertState, why: str, day: date | None) -> None:
        if after != self.state:
            self.steps.append(Step(self.state, after, why, day))
            self.state = after

    def count(self, notices: int, why: str) -> None:
        """Number what is announced."""
        if notices:
            self.go(replace(self.state, notices=self.state.notices + notices), why, self.state.judged_day)

    def end(self, notices: Sequence[Notice] = (), fired: AlertState | None = None) -> Judgement:
        return Judgement(self.state, tuple(self.steps), tuple(notices), fired)


def judge_alert(
    company: Company,
    rule: Rule,
    state: AlertState,
    found: Sequence[Reading],
    around: Callable[[AlertState], Circumstances],
    late: Restated,
    *,
    now: datetime,
    higher_is_better: bool,
) -> Judgement:
    """Step through the readings, then tell once: what came and went between two evaluations is no news.

    `around` gives what holds a notice about a state back, or hurries it. A paused rule waits; when it is resumed it
    catches up with what it missed.
    """
    if state.paused:
        return Judgement(state)
    began, is_first = state, state.rule_hash == "" and state.judged_day is None
    course, notices = Course(began), list[Notice]()
    working, rule_hash = working_time(company, rule.calendar), rule.rule_hash
    for reading in found:
        current = course.state if course.state.rule_hash == rule_hash else replace(course.state, rule_hash=rule_hash)
        decision = step(rule, current, reading, working, now, higher_is_better=higher_is_better)
        notices += [] if is_first else list(decision.notices)
        course.go(decision.state, decision.why, reading.day)
    if began.rule_hash != rule_hash and not found:
        course.go(replace(began, rule_hash=rule_hash), "rule_changed", None)
    circumstances = around(course.state)
    why = ""
    if is_first:  # nobody was listening: how it came to where it stands is one step
        known, why = _baseline(company, rule, course.state, found, circumstances)
        course = Course(began)
        course.go(known, why, known.judged_day)
    stands = course.state
    told = tell(rule, stands, circumstances)
    course.go(told.state, told.why, told.state.judged_day)
    course.count(len(notices), told.why)
    extra = late.notices(course.state, circumstances.suppressed)
    course.count(len(extra), "restated")
    asks = stands.fires and stands.episode > began.episode and rule.by is None and why != BASELINE
    renamed = [late.rename(each) for each in (*notices, *told.notices)]
    return course.end([*renamed, *extra], fired=stands if asks else None)


def _baseline(
    company: Company, rule: Rule, state: AlertState, found: Sequence[Reading], around: Circumstances
) -> tuple[AlertState, str]:
    """The first time a rule is judged, what already was wrong is taken as known and summed up once; what went wrong
    in the newest period is news."""
    mode = company.alerts.baseline if rule.baseline is None else rule.baseline
    if not state.fires or mode == "notify" or state.since_day == found[-1].day:
        return state, "baseline"
    return accept_as_told(rule, state, around), BASELINE

"""What people have to be told now: the difference between where an alert stands and what they were last told. Pure.

Nothing that is suppressed is told, and being suppressed never changes where the alert stands; when it ends, the
difference is told. That is also why a crash, a second evaluator or a late tick neither loses nor repeats a notice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kpi_pipeline.alerts.calendar import WorkingTime
from kpi_pipeline.alerts.model import SEVERITY, AlertState, Decision, Level, Notice, Suppression
from kpi_pipeline.catalogue.alerting import Step
from kpi_pipeline.catalogue.model import Rule
from kpi_pipeline.catalogue.spans import Span

DAY = Span(1, "days")
ENDED = {"silence": "silence_expired", "mute": "mute_ended", "inhibit": "inhibit_ended"}
CADENCES = {
    "weekly": Span(7, "days"),
    "every sprint": Span(14, "days"),
    "every 2 weeks": Span(14, "days"),
    "every 4 weeks": Span(28, "days"),
    "monthly": Span(28, "days"),
    "quarterly": Span(91, "days"),
    "yearly": Span(364, "days"),
}


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Somebody has it in hand: no repeats and no escalation until then, unless it gets worse than this level."""

    level: Level
    until: datetime


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides whether something is told now, besides the alert itself.

    `bypassed` is the mute that would have held it back, of a rule that no mute holds back.
    """

    now: datetime
    working: WorkingTime
    suppressed: Suppression = ""
    bypassed: str = ""
    acknowledged: Acknowledged | None = None
    escalation: Sequence[Step] = ()
    cadence: str = "daily"
    group_interval: timedelta = timedelta(minutes=5)


def tell(rule: Rule, state: AlertState, around: Circumstances) -> Decision:
    """The notices due now, and the state that knows of them."""
    was = state.suppressed
    if was != around.suppressed:
        state = replace(state, suppressed=around.suppressed)
    if state.paused:
        return Decision(state, "paused")
    if around.suppressed:
        return Decision(state, f"suppressed_by_{around.suppressed}")
    notices = []
    is_news = around.now in (state.since_at, state.critical_at)  # what begins now was not held back by anything
    reason = _change(state, "" if is_news else was, rule.send_resolved)
    if reason is not None:
        if reason != "silent":
            notices.append(Notice(reason, state.actual))
        state = _told(rule, state, around)
    elif _repeat_is_due(state, around):
        notices.append(Notice("repeat", state.actual))
        state = _told(rule, state, around)
    escalated = _escalation(state, around)
    notices += escalated
    if notices:
        state = replace(state, escalated=state.escalated + len(escalated), notices=state.notices + len(notices))
    why = "_and_".join(each.reason for each in notices) or "nothing_to_tell"
    return Decision(state, f"{why}_despite_mute_{around.bypassed}" if around.bypassed else why, tuple(notices))


def accept_as_told(rule: Rule, state: AlertState, around: Circumstances) -> AlertState:
    """An alert that fired before anybody was listening: it counts as told, and repeats like one that was."""
    return _told(rule, state, around)


def _change(state: AlertState, was: Suppression, send_resolved: bool) -> str | None:
    actual, told = state.actual, state.told_level
    if was and actual != "ok" and (was == "silence" or actual != told):
        return ENDED[was]
    if actual == told:
        return None
    if told == "ok":
        return "first_breach"
    if actual == "ok":
        return "resolved" if send_resolved else "silent"
    return "worse" if SEVERITY[actual] > SEVERITY[told] else "better"


def _told(rule: Rule, state: AlertState, around: Circumstances) -> AlertState:
    """What is fine, or only worth knowing, is told once."""
    repeat_at = None if state.actual in ("ok", "info") else _next_repeat(rule, around)
    return replace(state, told_level=state.actual, told_at=around.now, repeat_at=repeat_at)


def _next_repeat(rule: Rule, around: Circumstances) -> datetime:
    """After the KPI's cadence, at least a day, in working time, rounded up to the group interval."""
    span = CADENCES.get(around.cadence, DAY) if rule.repeat is None else rule.repeat
    due = around.working.next_open(around.working.after(around.now, span))
    waits = -((due - around.now) // -around.group_interval)
    return around.now + waits * around.group_interval


def _repeat_is_due(state: AlertState, around: Circumstances) -> bool:
    if state.actual == "ok" or state.repeat_at is None or around.now < state.repeat_at:
        return False
    return not _is_acknowledged(state, around)


def _is_acknowledged(state: AlertState, around: Circumstances) -> bool:
    known = around.acknowledged
    return known is not None and around.now < known.until and SEVERITY[state.actual] <= SEVERITY[known.level]


def _escalation(state: AlertState, around: Circumstances) -> list[Notice]:
    """Each step once, counted from when it became critical; steps that passed while it was suppressed come now."""
    if state.actual != "critical" or state.critical_at is None or _is_acknowledged(state, around):
        return []
    waiting = around.escalation[state.escalated :]
    due = [each for each in waiting if around.now >= around.working.after(state.critical_at, each.after)]
    return [Notice("escalation", state.actual, each.to) for each in due]

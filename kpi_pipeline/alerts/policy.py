"""What a reading does to an alert. Pure: equal rule, state, reading and instant always give equal decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from kpi_pipeline.alerts.calendar import WorkingTime
from kpi_pipeline.alerts.model import SEVERITY, AlertState, Decision, Level, Notice, Reading
from kpi_pipeline.catalogue.model import Rule

GAPS = {"no_data": "no_data", "stale": "stale", "error": "error"}


def step(
    rule: Rule, state: AlertState, reading: Reading, working: WorkingTime, now: datetime, *, higher_is_better: bool
) -> Decision:
    """The decision after one more reading; readings come in order of day, and a day already judged changes nothing.

    A breach counts towards `for`; when enough periods, or enough time, are in breach the alert fires at the highest
    level for which that holds. A good reading resets the count, and resolves a firing alert after `recover_periods` of
    them beyond its recovery threshold. A reading that says nothing keeps everything, unless the rule says otherwise.
    """
    if state.paused:
        return Decision(state, "paused")
    if state.judged_day is not None and reading.day <= state.judged_day and not reading.open:
        return Decision(state, "day_already_judged")
    again = state.judged_day == reading.day  # the running day of a rule that looks at open periods
    state = replace(state, judged_day=reading.day, evidence=GAPS.get(reading.why, ""))
    if rule.by is not None and reading.day > rule.by:
        return Decision(state, "after_its_day")
    if rule.each is not None:
        return _milestone(rule.each, state, reading, now)
    if reading.gap and rule.on_gap == "reset":
        state = _forget_breaches(state)
    level = _level(rule, reading)
    if level is None:
        return Decision(state, f"kept_on_{reading.why}")
    state = replace(state, value=reading.value)
    if level == "ok":
        return _good(rule, state, reading)
    return _breach(rule, _count(state, reading, level, again), reading, level, working, now, higher_is_better)


def is_held(rule: Rule, count: int, since: datetime | None, working: WorkingTime, now: datetime) -> bool:
    """Whether a breach lasted as long as `for` asks; at the very boundary it did."""
    if since is None:
        return False
    if rule.hold_for.is_counted:
        return count >= rule.hold_for.amount
    return now >= working.after(since, rule.hold_for)


def mature(rule: Rule, state: AlertState, working: WorkingTime, now: datetime) -> Decision:
    """Fires a pending alert whose duration is over although no new reading came; counted rules wait for readings."""
    if state.paused or rule.hold_for.is_counted or state.low_since is None:
        return Decision(state, "unchanged")
    held = _held_level(rule, state, working, now)
    if held is None or (state.fires and SEVERITY[held] <= SEVERITY[state.level]):
        return Decision(state, "unchanged")
    if state.fires:
        return Decision(_at_level(state, held, now), f"{state.level}_to_{held}")
    return Decision(_fired(state, held, now), f"held_for_{rule.hold_for}".replace(" ", "_"))


def turn(state: AlertState, level: Level, now: datetime) -> Decision:
    """Where an alert stands after something that is bad or fine at once: a source, a run, a measurement, a decision."""
    if state.paused or level == state.actual:
        return Decision(state, "unchanged")
    if level == "ok":
        return Decision(resolved(state), f"{state.level}_to_ok")
    if state.fires:
        return Decision(_at_level(state, level, now), f"{state.level}_to_{level}")
    return Decision(_fired(replace(state, since_day=None, worst=None), level, now), f"ok_to_{level}")


def _level(rule: Rule, reading: Reading) -> Level | None:
    if reading.level is not None:
        return reading.level
    if reading.why == "no_data" and rule.on_no_data != "keep":
        return "ok" if rule.on_no_data == "ok" else lowest(rule)
    if reading.why == "undefined" and rule.on_undefined == "breach":
        return lowest(rule)
    if reading.why == "no_data" and rule.on_gap == "breach":
        return lowest(rule)
    return None


def lowest(rule: Rule) -> Level:
    """The mildest level that a rule can fire at."""
    if rule.info:
        return "info"
    if rule.critical and not rule.warning:
        return "critical"
    return "warning" if rule.kpi is not None else rule.level


def _count(state: AlertState, reading: Reading, level: Level, again: bool) -> AlertState:
    step_by = 0 if again and state.low_count else 1
    counted = replace(
        state,
        low_count=state.low_count + step_by,
        low_since=reading.at if state.low_since is None else state.low_since,
    )
    if level != "critical":
        return replace(counted, high_count=0, high_since=None)
    return replace(
        counted,
        high_count=state.high_count + (0 if again and state.high_count else 1),
        high_since=reading.at if state.high_since is None else state.high_since,
    )


def _held_level(rule: Rule, state: AlertState, working: WorkingTime, now: datetime) -> Level | None:
    if is_held(rule, state.high_count, state.high_since, working, now):
        return "critical"
    if is_held(rule, state.low_count, state.low_since, working, now):
        mildest = lowest(rule)
        return mildest if mildest != "critical" or state.high_count else None
    return None


def _breach(
    rule: Rule,
    state: AlertState,
    reading: Reading,
    level: Level,
    working: WorkingTime,
    now: datetime,
    higher_is_better: bool,
) -> Decision:
    held = _held_level(rule, state, working, max(now, reading.at))
    if not state.fires:
        if held is None:
            since = state.since_day if state.phase == "pending" else reading.day
            gap = "_gap" if reading.gap else ""
            pending = replace(state, phase="pending", since_day=since)
            return Decision(pending, f"pending_{state.low_count}_of_{rule.hold_for.amount}{gap}")
        since = state.since_day if state.phase == "pending" and state.since_day is not None else reading.day
        return Decision(_fired(replace(state, since_day=since), held, now), f"ok_to_{held}")
    worst = _worse_of(state.worst, reading.value, higher_is_better)
    state = replace(state, phase="firing", good_count=0, worst=worst)
    if SEVERITY[level] < SEVERITY[state.level]:
        if not reading.recovered_high:
            return Decision(state, f"still_{state.level}_until_recovery")
        return Decision(_at_level(state, level, now), f"{state.level}_to_{level}")
    if held is not None and SEVERITY[held] > SEVERITY[state.level]:
        return Decision(_at_level(state, held, now), f"{state.level}_to_{held}")
    return Decision(state, f"still_{state.level}")


def _fired(state: AlertState, level: Level, now: datetime) -> AlertState:
    fired = replace(
        state,
        phase="firing",
        since_at=now,
        since_day=state.judged_day if state.since_day is None else state.since_day,
        worst=state.value,
        good_count=0,
        episode=state.episode + 1,
    )
    return _at_level(fired, level, now)


def _at_level(state: AlertState, level: Level, now: datetime) -> AlertState:
    """Escalation counts from when it became critical, anew each time it does."""
    return replace(state, level=level, critical_at=now if level == "critical" else None, escalated=0)


def _good(rule: Rule, state: AlertState, reading: Reading) -> Decision:
    state = _forget_breaches(state)
    if not state.fires:
        was = state.phase
        return Decision(replace(state, phase="ok", level="ok", since_day=None), f"{was}_to_ok" if was != "ok" else "ok")
    if not reading.recovered:
        return Decision(state, f"still_{state.level}_until_recovery")
    good = state.good_count + 1
    if good < rule.recover_periods:
        return Decision(
            replace(state, phase="recovering", good_count=good), f"recovering_{good}_of_{rule.recover_periods}"
        )
    return Decision(resolved(state), f"{state.level}_to_ok")


def resolved(state: AlertState) -> AlertState:
    """An alert that is over; when it began and its worst value stay, because the resolved notice tells them."""
    return replace(
        _forget_breaches(state), phase="ok", level="ok", critical_at=None, good_count=0, repeat_at=None, escalated=0
    )


def _forget_breaches(state: AlertState) -> AlertState:
    if not (state.low_count or state.high_count or state.low_since or state.high_since):
        return state
    return replace(state, low_count=0, low_since=None, high_count=0, high_since=None)


def _milestone(every: int, state: AlertState, reading: Reading, now: datetime) -> Decision:
    """Each multiple that is crossed upwards is told once; after a dip it is not told again. The first is not news."""
    if reading.value is None:
        return Decision(state, f"kept_on_{reading.why}")
    reached = int(reading.value // every) * every
    state = replace(state, value=reading.value)
    if state.mark == "":
        return Decision(replace(state, mark=str(reached)), "first_mark")
    if reached <= int(state.mark):
        return Decision(state, "below_next_mark")
    higher = replace(
        state, mark=str(reached), since_day=reading.day, since_at=now, episode=state.episode + 1, told_at=now
    )
    return Decision(higher, f"reached_{reached}", (Notice("milestone", "info"),))


def _worse_of(known: Decimal | None, new: Decimal | None, higher_is_better: bool) -> Decimal | None:
    if known is None or new is None:
        return new if known is None else known
    return min(known, new) if higher_is_better else max(known, new)

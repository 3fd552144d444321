"""What one more reading does to an alert, on readings few enough to follow by hand."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_pipeline.alerts.calendar import WorkingTime
from kpi_pipeline.alerts.model import AlertState, Reading
from kpi_pipeline.alerts.policy import mature, step, turn
from kpi_pipeline.catalogue.model import Rule, WorkingCalendar
from kpi_pipeline.catalogue.spans import Span

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WORKING = WorkingTime(WorkingCalendar(days=(1, 2, 3, 4, 5), opens=time(9), closes=time(17), holidays="NL"), AMSTERDAM)
START = AlertState("acme", "conversion", "conversion_low")
FIRST = date(2026, 3, 2)


def rule(**fields: Any) -> Rule:
    return Rule.model_validate({"id": "conversion_low", "kpi": "conversion", "warning": "< 28", **fields})


def reading(offset: int, what: str, *, gap: bool = False) -> Reading:
    """o good, w warning, c critical, n no data, u undefined, s too few records, h good but within the hysteresis."""
    day = FIRST + timedelta(days=offset)
    level = {"o": "ok", "w": "warning", "c": "critical", "h": "ok"}.get(what)
    why = {"n": "no_data", "u": "undefined", "s": "low_sample"}.get(what, "good" if what in "oh" else "breach")
    value = {"o": 33, "w": 25, "c": 20, "h": 29}.get(what)
    return Reading(
        day, at(offset + 1), level, why, None if value is None else Decimal(value), recovered=what != "h", gap=gap
    )  # type: ignore[arg-type]


def at(offset: int, hour: int = 0) -> datetime:
    return datetime(FIRST.year, FIRST.month, FIRST.day, hour, tzinfo=AMSTERDAM) + timedelta(days=offset)


def run(of: Rule, whats: str, state: AlertState = START) -> list[tuple[str, str]]:
    """The phase (with its level when it fires) and why, after each reading; days follow each other."""
    found = []
    for offset, what in enumerate(whats):
        decision = step(of, state, reading(offset, what), WORKING, at(offset + 1, 6), higher_is_better=True)
        state = decision.state
        found.append((state.shown, decision.why))
    return found


@pytest.mark.parametrize(
    ("fields", "whats", "shown"),
    [
        ({}, "owo", "ok firing(warning) ok"),
        ({}, "wc", "firing(warning) firing(critical)"),
        ({}, "cwo", "firing(critical) firing(warning) ok"),
        ({"for": "2 periods"}, "wowwo", "pending ok pending firing(warning) ok"),
        ({"for": "2 periods"}, "wc", "pending firing(warning)"),
        ({"for": "2 periods"}, "wcc", "pending firing(warning) firing(critical)"),
        ({"for": "2 measurements"}, "wnw", "pending no_data firing(warning)"),
        ({"for": "2 measurements"}, "wsw", "pending pending firing(warning)"),
        ({"on_no_data": "fire"}, "n", "no_data"),
        ({"on_no_data": "ok"}, "wn", "firing(warning) no_data"),
        ({"recovery": ">= 30"}, "who", "firing(warning) firing(warning) ok"),
        ({"recover_periods": 2}, "woo", "firing(warning) recovering ok"),
        ({"recover_periods": 2}, "wowoo", "firing(warning) recovering firing(warning) recovering ok"),
        ({"critical": "< 24", "warning": None}, "c", "firing(critical)"),
        ({"critical": "< 24", "for": "2 periods", "warning": None}, "cc", "pending firing(critical)"),
    ],
)
def test_at_02_08_09_phases_follow_readings(fields: dict[str, Any], whats: str, shown: str) -> None:
    assert " ".join(each for each, _ in run(rule(**fields), whats)) == shown


def test_at_04_a_gap_neither_counts_nor_resets_unless_the_rule_says_so() -> None:
    held = rule(**{"for": "2 periods"})
    first = step(held, START, reading(0, "w"), WORKING, at(1), higher_is_better=True)
    assert (first.state.phase, first.why) == ("pending", "pending_1_of_2")
    second = step(held, first.state, reading(3, "w", gap=True), WORKING, at(4), higher_is_better=True)
    assert second.state.phase == "firing"
    reset = rule(**{"for": "2 periods", "on_gap": "reset"})
    again = step(reset, first.state, reading(3, "w", gap=True), WORKING, at(4), higher_is_better=True)
    assert (again.state.phase, again.why) == ("pending", "pending_1_of_2_gap")


def test_at_03_05_a_duration_counts_working_time_and_fires_at_its_very_end() -> None:
    friday = date(2026, 3, 27)
    one_day = rule(**{"for": "1 working day"})
    breach = Reading(friday, datetime(2026, 3, 27, 16, tzinfo=AMSTERDAM), "warning", "breach", Decimal(25))
    pending = step(one_day, START, breach, WORKING, breach.at, higher_is_better=True).state
    assert pending.phase == "pending"
    monday = datetime(2026, 3, 30, 16, tzinfo=AMSTERDAM)
    assert mature(one_day, pending, WORKING, monday - timedelta(seconds=1)).state.phase == "pending"
    fired = mature(one_day, pending, WORKING, monday)
    assert (fired.state.phase, fired.state.level, fired.why) == ("firing", "warning", "held_for_1_working_day")
    assert mature(one_day, fired.state, WORKING, monday).state == fired.state


@pytest.mark.parametrize(
    ("since", "span", "over"),
    [
        ("2026-03-27T16:00", Span(1, "working_days"), "2026-03-30T16:00"),  # over a weekend with a clock change
        ("2026-03-28T11:00", Span(1, "working_days"), "2026-03-31T09:00"),  # Saturday: from Monday 09:00
        ("2026-04-02T10:00", Span(2, "working_days"), "2026-04-08T10:00"),  # over Good Friday and Easter Monday
        ("2026-04-24T10:00", Span(1, "working_days"), "2026-04-28T10:00"),  # King's Day on Monday 27 April
        ("2026-03-27T16:00", Span(8, "working_hours"), "2026-03-30T16:00"),
        ("2026-03-27T16:00", Span(1, "working_hours"), "2026-03-27T17:00"),
        ("2026-03-28T12:00", Span(24, "hours"), "2026-03-29T13:00"),  # 24 hours over the night of 23
        ("2026-03-27T07:30", Span(5, "working_days"), "2026-04-07T09:00"),  # five days, and Easter
    ],
)
def test_working_time_skips_nights_weekends_and_holidays(since: str, span: Span, over: str) -> None:
    begins = datetime.fromisoformat(since).replace(tzinfo=AMSTERDAM)
    assert WORKING.after(begins, span) == datetime.fromisoformat(over).replace(tzinfo=AMSTERDAM)


def test_a_day_already_judged_is_not_judged_again() -> None:
    judged = step(rule(), START, reading(3, "o"), WORKING, at(4), higher_is_better=True).state
    for offset in (2, 3):
        decision = step(rule(), judged, reading(offset, "c"), WORKING, at(5), higher_is_better=True)
        assert (decision.state, decision.why) == (judged, "day_already_judged")


def test_a_paused_rule_judges_nothing() -> None:
    paused = AlertState("acme", "conversion", "conversion_low", paused=True)
    decision = step(rule(), paused, reading(0, "c"), WORKING, at(1), higher_is_better=True)
    assert (decision.state, decision.why, paused.shown) == (paused, "paused", "paused")


@pytest.mark.parametrize(("higher_is_better", "worst"), [(True, 20), (False, 25)])
def test_the_worst_value_is_kept_by_direction(higher_is_better: bool, worst: int) -> None:
    state = START
    for offset, what in enumerate("wcw"):
        decision = step(rule(), state, reading(offset, what), WORKING, at(offset), higher_is_better=higher_is_better)
        state = decision.state
    assert (state.worst, state.since_day) == (Decimal(worst), FIRST)


def test_each_milestone_is_told_once_however_often_it_is_crossed() -> None:
    every = Rule.model_validate({"id": "customers", "kpi": "customers", "each": 50})
    state, told = START, []
    for offset, value in enumerate([387, 399, 401, 398, 402, 520]):
        found = Reading(FIRST + timedelta(days=offset), at(offset), "ok", "good", Decimal(value))
        decision = step(every, state, found, WORKING, at(offset), higher_is_better=True)
        state = decision.state
        told.append((decision.why, len(decision.notices)))
    assert told == [
        ("first_mark", 0),
        ("below_next_mark", 0),
        ("reached_400", 1),
        ("below_next_mark", 0),
        ("below_next_mark", 0),
        ("reached_500", 1),
    ]


def test_a_finding_opens_and_closes_at_once() -> None:
    opened = turn(START, "warning", at(0))
    assert (opened.state.shown, opened.state.episode) == ("firing(warning)", 1)
    assert turn(opened.state, "warning", at(1)).state == opened.state
    assert turn(opened.state, "ok", at(2)).state.shown == "ok"


LETTERS = st.text("owcnush", max_size=30)


@given(whats=LETTERS, periods=st.integers(1, 3), recover=st.integers(1, 3))
@settings(max_examples=60)
def test_equal_readings_give_equal_decisions_and_phases_follow_each_other(
    whats: str, periods: int, recover: int
) -> None:
    of = rule(**{"for": f"{periods} periods", "recover_periods": recover, "critical": "< 24", "recovery": ">= 30"})
    found = run(of, whats)
    assert found == run(of, whats)
    state, phases = START, ["ok"]
    for offset, what in enumerate(whats):
        state = step(of, state, reading(offset, what), WORKING, at(offset), higher_is_better=True).state
        phases.append(state.phase)
        assert (state.level != "ok") == state.fires, "a level is that of a firing alert"
        assert state.low_count >= state.high_count
    steps = set(pairwise(phases))
    assert ("pending", "recovering") not in steps
    assert ("ok", "recovering") not in steps
    assert ("recovering", "pending") not in steps

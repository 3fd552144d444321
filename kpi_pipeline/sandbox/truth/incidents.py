"""How fast urgent incidents are solved, and which are still open."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

from kpi_pipeline.sandbox.truth.crm import passed
from kpi_pipeline.sandbox.truth.periods import BusinessDay, milliseconds
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, decimal, ratio
from kpi_pipeline.sandbox.world.model import Dated, IssueRecord, World

TEAM = "INC"
URGENT = "1"
WINDOW_DAYS = 90
CLOSED = ("completed", "canceled", "duplicate")
HOUR_MS = 3_600_000
INSTANT = timedelta(microseconds=1)


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    team_ids = {team.id for team in world.teams if team.key == TEAM}
    types = {state.id: state.type for state in world.workflow_states}
    issues = [
        issue
        for issue in world.issues
        if issue.team_id in team_ids and issue.created_at <= now and not passed(issue.trashed_at, now)
    ]
    found: Series = {"p1_resolution_time_avg": {}, "p1_open_count": {}, "p1_open_oldest_age": {}}
    for day in days:
        opened = [issue for issue in issues if _is_open_p1(issue, types, day.as_of)]
        found["p1_resolution_time_avg"][day.day] = _resolution(issues, types, day, none_open=not opened)
        found["p1_open_count"][day.day] = count(len(opened))
        found["p1_open_oldest_age"][day.day] = _oldest(opened, day.as_of)
    return found


def _resolution(issues: list[IssueRecord], types: dict[str, str], day: BusinessDay, *, none_open: bool) -> TruthValue:
    """Hours from creation to the completion that stands at the end of the day."""
    start = day.days_back(WINDOW_DAYS)
    taken = []
    for issue in issues:
        completed_at = _completed_since(issue, types, day.as_of)
        if completed_at is None or not start <= completed_at < day.as_of:
            continue
        if _at(issue.priorities, completed_at + INSTANT) == URGENT:
            taken.append(milliseconds(completed_at - issue.created_at))
    if not taken:
        return TruthValue(None, 0, 0, 0, reason="none_open" if none_open else None)
    return ratio(sum(taken), len(taken), n=len(taken), scale=Fraction(1, HOUR_MS))


def _oldest(opened: list[IssueRecord], as_of: datetime) -> TruthValue:
    if not opened:
        return TruthValue(None, None, None, 0, reason="none_open")
    ms = max(milliseconds(as_of - issue.created_at) for issue in opened)
    return TruthValue(decimal(Fraction(ms, HOUR_MS)), ms, None, len(opened))


def _is_open_p1(issue: IssueRecord, types: dict[str, str], as_of: datetime) -> bool:
    state = _at(issue.states, as_of)
    return state is not None and types[state] not in CLOSED and _at(issue.priorities, as_of) == URGENT


def _completed_since(issue: IssueRecord, types: dict[str, str], as_of: datetime) -> datetime | None:
    """When the completed span began that is still running at `as_of`; None if there is none."""
    since = None
    for state, at in issue.states:
        if at < as_of:
            if types[state] != "completed":
                since = None
            elif since is None:
                since = at
    return since


def _at(changes: Dated, instant: datetime) -> str | None:
    """What held just before `instant`."""
    held = None
    for value, at in changes:
        if at < instant:
            held = value
    return held

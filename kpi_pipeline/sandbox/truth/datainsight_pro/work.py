"""Engineering's work: points a sprint, how long bugs live, code quality, and what was shared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from kpi_pipeline.sandbox.truth.crm import passed
from kpi_pipeline.sandbox.truth.datainsight_pro.counting import HOUR_MS, every, inside, rolling
from kpi_pipeline.sandbox.truth.periods import BusinessDay, milliseconds
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, decimal, ratio
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline.sandbox.world.model.paperwork import known

TEAM, BUG, BRANCH = "ENG", "bug", "main"


@dataclass(frozen=True, slots=True)
class Piece:
    """An issue as the tracker shows it now: only its last completion is known, and only while it lasts."""

    created_at: datetime
    completed_at: datetime | None
    canceled_at: datetime | None
    points: int
    cycle_id: str | None
    bug: bool
    team: str


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    pieces = _pieces(world, now)
    bugs = [piece for piece in pieces if piece.bug]
    found: Series = {
        "feature_velocity": every(days, lambda day: _velocity(world, pieces, day)),
        "open_bugs": every(days, lambda day: count(len(_open(bugs, day)))),
        "open_bugs_oldest_age": every(days, lambda day: _oldest(bugs, day)),
        "code_quality_score": every(days, lambda day: _quality(world, day, now)),
    }
    found["bug_resolution_time"] = every(days, lambda day: _resolution(bugs, day))
    shared = known(world.knowledge_items, now)
    for kpi, kinds in (
        ("knowledge_sharing", ("doc", "session")),
        ("documents_published", ("doc",)),
        ("sessions_held", ("session",)),
    ):
        found[kpi] = every(
            days,
            lambda day, kinds=kinds: count(  # type: ignore[misc]
                sum(1 for item in shared if item.kind in kinds and day.day.replace(day=1) <= item.day <= day.day)
            ),
        )
    return found


def _pieces(world: World, now: datetime) -> list[Piece]:
    teams = {team.id: team.key for team in world.teams}
    types = {state.id: state.type for state in world.workflow_states}
    labels = {label.id: label.name for label in world.labels}
    found = []
    for issue in world.issues:
        if issue.created_at > now or passed(issue.trashed_at, now):
            continue
        states = [(types[state], at) for state, at in issue.states if at <= now]
        state, since = states[-1]
        found.append(
            Piece(
                created_at=issue.created_at,
                completed_at=since if state == "completed" else None,
                canceled_at=since if state in ("canceled", "duplicate") else None,
                points=issue.estimate or 0,
                cycle_id=issue.cycle_id,
                bug=any(labels[label] == BUG for label in issue.label_ids),
                team=teams[issue.team_id],
            )
        )
    return found


def _velocity(world: World, pieces: list[Piece], day: BusinessDay) -> TruthValue:
    """Points of the team's sprint that ended in the last two weeks, done within it."""
    window = rolling(day, 14)
    teams = {team.key: team.id for team in world.teams}
    cycles = [cycle for cycle in world.cycles if cycle.team_id == teams[TEAM] and inside(cycle.ends_at, window)]
    points = sum(
        piece.points
        for cycle in cycles
        for piece in pieces
        if piece.cycle_id == cycle.id and inside(piece.completed_at, (cycle.starts_at, cycle.ends_at))
    )
    return ratio(points, len(cycles), n=len(cycles))


def _open(bugs: list[Piece], day: BusinessDay) -> list[Piece]:
    return [
        bug
        for bug in bugs
        if bug.created_at < day.as_of
        and (bug.completed_at is None or bug.completed_at >= day.as_of)
        and (bug.canceled_at is None or bug.canceled_at >= day.as_of)
    ]


def _oldest(bugs: list[Piece], day: BusinessDay) -> TruthValue:
    opened = _open(bugs, day)
    if not opened:
        return TruthValue(None, None, None, 0, reason="none_open")
    age = max(milliseconds(day.as_of - bug.created_at) for bug in opened)
    return TruthValue(decimal(Fraction(age, HOUR_MS)), age, None, len(opened))


def _resolution(bugs: list[Piece], day: BusinessDay) -> TruthValue:
    window = rolling(day, 30)
    took = [
        milliseconds(bug.completed_at - bug.created_at)
        for bug in bugs
        if bug.completed_at is not None and inside(bug.completed_at, window)
    ]
    if not took:
        return TruthValue(None, 0, 0, 0, reason=None if _open(bugs, day) else "none_open")
    return ratio(sum(took), len(took), n=len(took), scale=Fraction(1, HOUR_MS))


def _quality(world: World, day: BusinessDay, now: datetime) -> TruthValue:
    """The newest score of the default branch, however old."""
    newest: tuple[date, Fraction] | None = None
    for score in known(world.quality_scores, now):
        measured = score.branch == BRANCH and score.measured <= day.day
        if measured and (newest is None or score.measured > newest[0]):
            newest = (score.measured, Fraction(score.score))
    if newest is None:
        return TruthValue(None, None, None, 0)
    return TruthValue(decimal(newest[1]), None, None, 1)

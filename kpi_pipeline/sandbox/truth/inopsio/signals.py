"""Website, mail and builds: what three services count for Inopsio."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

from kpi_pipeline.sandbox.truth.periods import DAY, BusinessDay
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, ratio
from kpi_pipeline.sandbox.world.model import World

WINDOW_DAYS = 7
PERCENT = Fraction(100)
SETTLES = timedelta(hours=12)
JUDGED = ("success", "failure", "timed_out")


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    return {
        "bounce_rate": {day.day: _bounce_rate(world, day, now) for day in days},
        "email_deliverability": {day.day: _deliverability(world, day, now) for day in days},
        "build_success_rate": {day.day: _builds(world, day, now) for day in days},
    }


def _bounce_rate(world: World, day: BusinessDay, now: datetime) -> TruthValue:
    """Sessions that were not engaged; each day's figures as they were last counted."""
    sessions = engaged = 0
    for each in world.web_days:
        if day.day - (WINDOW_DAYS - 1) * DAY <= each.day <= day.day:
            counted = [traffic for traffic in each.counted if traffic.at <= now]
            if counted:
                sessions += counted[-1].sessions
                engaged += counted[-1].engaged_sessions
    return ratio(sessions - engaged, sessions, n=sessions, scale=PERCENT)


def _deliverability(world: World, day: BusinessDay, now: datetime) -> TruthValue:
    start, cut = day.days_back(WINDOW_DAYS), day.cut(now, SETTLES)
    accepted = delivered = 0
    for message in world.emails:
        shown = {event.kind: event.at for event in message.events if event.shown_at <= now}
        if "accepted" in shown and start <= shown["accepted"] < day.as_of:
            accepted += 1
            delivered += "delivered" in shown and shown["delivered"] < cut
    return ratio(delivered, accepted, n=accepted, scale=PERCENT)


def _builds(world: World, day: BusinessDay, now: datetime) -> TruthValue:
    start = day.days_back(WINDOW_DAYS)
    default = {repository.name: repository.default_branch for repository in world.repositories}
    succeeded = judged = 0
    for run in world.pipeline_runs:
        begun = [attempt for attempt in run.attempts if attempt.started_at <= now]
        if not begun or run.from_fork or run.branch != default[run.repository]:
            continue
        last = begun[-1]
        if last.completed_at <= now and start <= last.completed_at < day.as_of and last.conclusion in JUDGED:
            judged += 1
            succeeded += last.conclusion == "success"
    return ratio(succeeded, judged, n=judged, scale=PERCENT)

"""A target that must be reached by a day: told once when it was missed, or asked when only people know. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from kpi_pipeline.alerts.judgement import Course, Judgement
from kpi_pipeline.alerts.model import AlertState, Notice
from kpi_pipeline.alerts.policy import resolved
from kpi_pipeline.catalogue.model import Company, Rule

AWAITED = "awaited"  # the mark of a target whose day is to come


def deadline(company: Company, rule: Rule, state: AlertState, now: datetime, is_held: Callable[[], bool]) -> Judgement:
    """Once the day of a target has settled: missed when it was not reached, or asked when the rule says so.

    A day that was over before anybody looked is no news, unless the baseline is to be told. `is_held` says whether a
    mute or a silence keeps the notice for later.
    """
    course = Course(state)
    judged = state.judged_day is not None and rule.by is not None and state.judged_day >= rule.by
    over = rule.by is not None and now.astimezone(company.tz).date() > rule.by
    baseline = company.alerts.baseline if rule.baseline is None else rule.baseline
    if state.mark == "":
        course.go(replace(state, mark="past" if over and baseline == "quiet" else AWAITED), "first_mark", None)
    known = course.state
    if not over or known.mark != AWAITED or known.paused or not (judged or rule.manual):
        return course.end()
    if known.fires:
        if known.told_level == known.actual:  # that it was reached is told first, when a mute or a silence lets it
            course.go(replace(resolved(known), mark="reached", told_level="ok"), "target_reached", rule.by)
        return course.end()
    if is_held():
        return course.end()
    reason = "ask" if rule.manual else "missed"
    missed = replace(known, mark="missed", episode=known.episode + 1, notices=known.notices + 1, since_at=now)
    course.go(missed, f"target_{reason}", rule.by)
    return course.end([Notice(reason, "warning")], fired=missed)

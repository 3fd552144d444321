"""What teachers think of it, two weeks at a time; and the rollout of the new message."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

from kpi_pipeline.sandbox.truth.crm import passed
from kpi_pipeline.sandbox.truth.dgskills import crm
from kpi_pipeline.sandbox.truth.periods import DAY, BusinessDay, midnight
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, ratio
from kpi_pipeline.sandbox.world.model import Milestone, World
from kpi_pipeline.sandbox.world.model.paperwork import known

FORM = "docenten"
A_MONDAY = date(2024, 1, 8)  # of an even ISO week
PERCENT = Fraction(100)
ROLLOUT = ("rollout_w1_assets_updated", "rollout_w2_website_ready", "rollout_w3_sales_demo")
WEEK_4 = (date(2026, 11, 16), date(2026, 11, 22))
CAMPAIGN = "usp-rollout"


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    demos = [each for each in crm.meetings(world, now) if each.kind == crm.DEMO and each.campaign == CAMPAIGN]
    listed = known(world.milestones, now)
    satisfied = {day.day: _answers(world, day, now, "satisfaction") for day in days}
    recommend = {day.day: _answers(world, day, now, "teacher_nps") for day in days}
    found: Series = {
        "nps_satisfaction_teachers": {day: ratio(sum(s), len(s), n=len(s)) for day, s in satisfied.items()},
        "nps_teachers": {day: _nps(scores) for day, scores in recommend.items()},
        "rollout_w4_demo_requests": {},
    }
    first, after = midnight(world.zone, WEEK_4[0]), midnight(world.zone, WEEK_4[1] + DAY)
    for day in days:
        asked = crm.between((each.created_at for each in demos), first, min(after, day.as_of))
        found["rollout_w4_demo_requests"][day.day] = count(asked)
        for kpi in ROLLOUT:
            found.setdefault(kpi, {})[day.day] = _done([each for each in listed if each.kpi_id == kpi], day)
    return found


def _answers(world: World, day: BusinessDay, now: datetime, question: str) -> list[int]:
    """The latest score of each teacher in the two weeks so far."""
    monday = A_MONDAY
    while monday + timedelta(days=14) <= day.day:
        monday += timedelta(days=14)
    latest: dict[str, tuple[datetime, int]] = {}
    for response in world.responses:
        score, at = response.answers.get(question), response.submitted_at
        if response.form_id != FORM or response.response_type != "completed" or at is None:
            continue
        if response.visible_at > now or passed(response.deleted_at, now) or not isinstance(score, int):
            continue
        if not midnight(world.zone, monday) <= at < day.as_of:
            continue
        teacher = response.hidden["respondent_id"]
        if teacher not in latest or latest[teacher][0] < at:
            latest[teacher] = (at, score)
    return [score for _, score in latest.values()]


def _nps(scores: list[int]) -> TruthValue:
    promoters = sum(1 for score in scores if score >= 9)
    detractors = sum(1 for score in scores if score <= 6)
    return ratio(promoters - detractors, len(scores), n=len(scores), scale=PERCENT)


def _done(listed: list[Milestone], day: BusinessDay) -> TruthValue:
    done = sum(1 for each in listed if each.actual is not None and each.actual <= day.day)
    return ratio(done, len(listed), n=len(listed), scale=PERCENT)

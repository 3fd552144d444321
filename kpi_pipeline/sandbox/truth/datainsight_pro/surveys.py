"""What customers and the team say: one answer a person and wave, the latest by two weeks after the day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

from kpi_pipeline.sandbox.truth.crm import passed
from kpi_pipeline.sandbox.truth.datainsight_pro.counting import PERCENT, every, inside, month, quarter
from kpi_pipeline.sandbox.truth.periods import BusinessDay, midnight
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, ratio
from kpi_pipeline.sandbox.world.model import World

SETTLES = timedelta(days=14)
Answer = tuple[str, datetime, datetime, int]  # who and in which wave, when asked, when answered, score


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    nps, csat, team = (
        answers(world, form, question, now)
        for form, question in (("nps", "nps"), ("csat", "csat"), ("team", "team_satisfaction"))
    )
    return {
        "nps": every(days, lambda day: _nps(latest(nps, month(day), day.cut(now, SETTLES)))),
        "csat": every(days, lambda day: _mean(latest(csat, month(day), day.cut(now, SETTLES)))),
        "team_satisfaction": every(days, lambda day: _mean(latest(team, quarter(day), day.cut(now, SETTLES)))),
    }


def answers(world: World, form: str, question: str, now: datetime) -> list[Answer]:
    """Completed answers that have come through and were not thrown away."""
    found = []
    for response in world.responses:
        if response.form_id != form or response.response_type != "completed" or response.submitted_at is None:
            continue
        if response.visible_at > now or passed(response.deleted_at, now):
            continue
        score = response.answers.get(question)
        if isinstance(score, int):
            asked = midnight(world.zone, date.fromisoformat(response.hidden["event_date"]))
            who = f"{response.hidden['respondent_id']}/{response.hidden['wave']}"
            found.append((who, asked, response.submitted_at, score))
    return found


def latest(given: list[Answer], window: tuple[datetime, datetime], cut: datetime) -> list[int]:
    """The last score of each person asked in the window."""
    last: dict[str, tuple[datetime, int]] = {}
    for who, asked, answered, score in given:
        if inside(asked, window) and answered < cut and (who not in last or last[who][0] < answered):
            last[who] = (answered, score)
    return [score for _, score in last.values()]


def _nps(scores: list[int]) -> TruthValue:
    promoters = sum(1 for score in scores if score >= 9)
    detractors = sum(1 for score in scores if score <= 6)
    return ratio(promoters - detractors, len(scores), n=len(scores), scale=PERCENT)


def _mean(scores: list[int]) -> TruthValue:
    return ratio(sum(scores), len(scores), n=len(scores), scale=Fraction(1))

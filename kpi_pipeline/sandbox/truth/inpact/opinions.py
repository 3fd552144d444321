"""Whether customers see an innovative partner, weighed by their revenue."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from kpi_pipeline.sandbox.truth.inpact.answers import Answer, completed
from kpi_pipeline.sandbox.truth.periods import BusinessDay
from kpi_pipeline.sandbox.truth.recurring import Revenue
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, decimal, half_up, ratio
from kpi_pipeline.sandbox.world.model import World

FORM, QUESTION = "innovatieve-partner", "innovatieve_partner"
WINDOW_DAYS = 365
GOOD = Fraction(15, 2)
PERCENT = Fraction(100)


@dataclass(frozen=True, slots=True)
class Opinion:
    mean: Fraction
    arr: int


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    revenue = Revenue(world, now, group="line")
    answers = completed(world, FORM, QUESTION, now)
    worth = {answer.at: revenue.at(answer.at) for answer in answers}
    found: Series = {
        name: {} for name in ("kpi17_innovative_partner", "kpi17_mean_score", "kpi17_answered_arr", "kpi17_coverage")
    }
    for day in days:
        opinions = _standing(answers, worth, day)
        good = sum(each.arr for each in opinions if each.mean >= GOOD)
        whole = sum(each.arr for each in opinions)
        weighed = sum(half_up(each.arr * each.mean) for each in opinions)
        answered = TruthValue(decimal(Fraction(whole, 100)), whole, None, len(opinions))
        current = revenue.at(day.as_of)
        arr = decimal(Fraction(12 * sum(current.values()), 100))
        covered = None if not arr or answered.value is None else answered.value * 100 / arr
        found["kpi17_innovative_partner"][day.day] = ratio(good, whole, n=whole, scale=PERCENT)
        found["kpi17_mean_score"][day.day] = ratio(weighed, whole, n=whole)
        found["kpi17_answered_arr"][day.day] = answered
        n = min(len(opinions), len(current))
        found["kpi17_coverage"][day.day] = TruthValue(covered, answered.value, arr, n)
    return found


def _standing(answers: list[Answer], worth: dict[datetime, dict[str, int]], day: BusinessDay) -> list[Opinion]:
    """Per customer the people of the last survey it answered, each with their last score, if that was this year."""
    by_customer: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        if answer.at < day.as_of:
            by_customer[answer.customer].append(answer)
    found = []
    for customer, mine in by_customer.items():
        last = mine[-1]
        if last.at < day.days_back(WINDOW_DAYS):
            continue
        scores = {answer.respondent: answer.score for answer in mine if answer.wave == last.wave}
        arr = 12 * worth[last.at].get(customer, 0)
        found.append(Opinion(Fraction(sum(scores.values()), len(scores)), arr))
    return found

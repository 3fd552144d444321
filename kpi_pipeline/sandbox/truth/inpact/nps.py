"""NPS by target group: the first measurement, that of the quarter, and how far the one lies above the other."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, localcontext
from fractions import Fraction

from kpi_pipeline.sandbox.truth.inpact.answers import completed, latest, quarter_start
from kpi_pipeline.sandbox.truth.periods import BusinessDay
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, decimal, ratio
from kpi_pipeline.sandbox.world.model import World

FORM, QUESTION = "klant-nps", "nps_aanbevelen"
FIRST_WAVE = "2025-Q4"
HEADLINE = "gebruikers"
GROUPS = (HEADLINE, "beslissers", "partners")


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    answers = completed(world, FORM, QUESTION, now)
    found: Series = {}
    for day in days:
        for group in GROUPS:
            mine = [answer for answer in answers if answer.group == group]
            first = [answer for answer in mine if answer.wave == FIRST_WAVE]
            later = [answer for answer in mine if answer.wave != FIRST_WAVE]
            then = list(latest(first, world.starts_at, day.as_of).values())
            quarter = list(latest(mine, quarter_start(day), day.as_of).values())
            now_scores = list(latest(later, quarter_start(day), day.as_of).values())
            found.setdefault(f"kpi15_baseline_{group}", {})[day.day] = _nps(then)
            found.setdefault(f"kpi16_nps_{group}", {})[day.day] = _nps(quarter)
            uplift = "kpi16_nps_uplift" if group == HEADLINE else f"kpi16_nps_uplift_{group}"
            found.setdefault(uplift, {})[day.day] = _change(now_scores, then)
            if group == HEADLINE:
                found.setdefault("kpi16_nps_uplift_margin", {})[day.day] = _margin(now_scores, then)
    return found


def _worth(scores: list[int]) -> list[int]:
    """1 for a promoter, −1 for a detractor, 0 between."""
    return [1 if score >= 9 else -1 if score <= 6 else 0 for score in scores]


def _nps(scores: list[int]) -> TruthValue:
    return ratio(sum(_worth(scores)), len(scores), n=len(scores), scale=Fraction(100))


def _change(now: list[int], then: list[int]) -> TruthValue:
    later, first = _nps(now).value, _nps(then).value
    value = None if later is None or first is None else later - first
    return TruthValue(value, later, first, min(len(now), len(then)))


def _margin(now: list[int], then: list[int]) -> TruthValue:
    """1.96 standard errors of the difference, from the squared distance of every answer to its mean."""
    value = None
    if now and then:
        variance = sum((_squared_distance(scores) / len(scores) for scores in (now, then)), Fraction(0))
        with localcontext(prec=28):
            value = Decimal(196) * decimal(variance).sqrt()
    return TruthValue(value, _nps(now).value, _nps(then).value, min(len(now), len(then)))


def _squared_distance(scores: list[int]) -> Fraction:
    """The mean of it."""
    worth = _worth(scores)
    mean = Fraction(sum(worth), len(worth))
    return sum((each - mean) ** 2 for each in worth) / Fraction(len(worth))

"""Whether a value is in line with its own history: its level, its last step, and how many records are behind it. Pure.

Level: the value against the same weekday a week before plus the usual change of a week; of a window that runs to date,
against the same point of the period before. Trend: the step since yesterday against the usual steps. Volume: the
records behind it against those of comparable days. Usual is the median, and spread a robust standard deviation, so that
the outliers of the past do not hide those of today. A spread is never smaller than the step that the KPI calls
material: a series that hardly moves must not cry at every cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Protocol

from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.history.verdicts import Verdict

# What makes a deviation the standard deviation of a normal distribution: of the median one, and of the mean one.
OF_MEDIAN, OF_MEAN = Decimal("1.4826"), Decimal("1.2533")
TINY = Decimal("1e-9")
LEVEL, TREND, VOLUME = "level", "trend", "volume"
SUSPECT = {LEVEL: Decimal(6), TREND: Decimal(8), VOLUME: Decimal(5)}
WEEKS = 26  # comparable days looked at
FEWEST = 8
A_DAY = timedelta(days=1)
SAME = timedelta(hours=2)  # days of 23 and 25 hours are as long as others


class Steps(Protocol):
    """How small a change of a value is still noise: the KPI's materiality."""

    def least(self, value: Decimal) -> Decimal: ...


def audit(kpi: str, rows: Sequence[Recorded], steps: Steps) -> list[Verdict]:
    """Level, trend and volume of the last of these rows (one a day, oldest first), against those before it.

    `not_evaluated` says why: no value, or too few comparable days. A value is compared with those of the same weekday
    at the same point of their period; a window that runs to date is not compared across its period's start.
    """
    if not rows:
        return []
    return [_level(kpi, rows, steps), _trend(kpi, rows, steps), _volume(kpi, rows)]


def _level(kpi: str, rows: Sequence[Recorded], steps: Steps) -> Verdict:
    last = rows[-1]
    if last.value is None:
        return _unjudged(LEVEL, kpi, last.day, "no_value")
    past = [row.value for row in _comparable(rows) if row.value is not None]
    changes = [new - old for old, new in pairwise(past)]
    if len(changes) < FEWEST:
        return _unjudged(LEVEL, kpi, last.day, "too_little_history")
    usual = Decimal(median(changes))
    expected = past[-1] + usual
    spread = _spread(changes, usual, steps.least(expected))
    return _judged(LEVEL, kpi, last.day, last.value, expected, (last.value - expected) / spread)


def _trend(kpi: str, rows: Sequence[Recorded], steps: Steps) -> Verdict:
    last = rows[-1]
    moves = [_step(old, new) for old, new in pairwise(rows[-7 * WEEKS :])]
    if not moves or moves[-1] is None or last.value is None:
        return _unjudged(TREND, kpi, last.day, "no_step")
    past = [step for step in moves[:-1] if step is not None]
    if len(past) < FEWEST:
        return _unjudged(TREND, kpi, last.day, "too_little_history")
    expected = Decimal(median(past))
    spread = _spread(past, expected, steps.least(last.value))
    return _judged(TREND, kpi, last.day, moves[-1], expected, (moves[-1] - expected) / spread)


def _volume(kpi: str, rows: Sequence[Recorded]) -> Verdict:
    """Only a fall is suspect: a source that sent a part of its records."""
    last = rows[-1]
    past = [Decimal(row.n) for row in _comparable(rows) if row.n is not None]
    if last.n is None or len(past) < FEWEST:
        return _unjudged(VOLUME, kpi, last.day, "too_little_history")
    expected = Decimal(median(past))
    spread = _spread(past, expected, max(expected / 10, Decimal(1)))
    score = (last.n - expected) / spread
    return _judged(VOLUME, kpi, last.day, Decimal(last.n), expected, min(score, Decimal(0)))


def _comparable(rows: Sequence[Recorded]) -> list[Recorded]:
    """Days before the last, of its weekday where windows roll, at the same point of their period; the newest ones."""
    last = rows[-1]
    length = last.period_end - last.period_start
    same = [row for row in rows[:-1] if abs((row.period_end - row.period_start) - length) <= SAME and row.closed]
    weekly = [row for row in same if (last.day - row.day).days % 7 == 0]
    return (weekly if len(weekly) >= FEWEST else same)[-WEEKS:]


def _step(old: Recorded, new: Recorded) -> Decimal | None:
    if old.value is None or new.value is None or new.day - old.day != A_DAY:
        return None
    rolls = abs((new.period_end - new.period_start) - (old.period_end - old.period_start)) <= SAME
    return new.value - old.value if rolls or new.period_start == old.period_start else None


def _spread(values: Sequence[Decimal], centre: Decimal, least: Decimal) -> Decimal:
    """Robust standard deviation; where most values are equal and a few far off, by the mean deviation instead."""
    away = [abs(value - centre) for value in values]
    mean = sum(away, Decimal(0)) / len(away)
    return max(OF_MEDIAN * Decimal(median(away)), OF_MEAN * mean, least, TINY)


def _judged(rule: str, kpi: str, day: date, value: Decimal, expected: Decimal, score: Decimal) -> Verdict:
    suspect = abs(score) > SUSPECT[rule]
    return Verdict(
        rule=rule,
        subject=kpi,
        day=day,
        verdict="suspect" if suspect else "ok",
        kpis=(kpi,),
        value=value,
        expected=_short(expected),
        score=_short(score),
    )


def _unjudged(rule: str, kpi: str, day: date, reason: str) -> Verdict:
    return Verdict(rule, kpi, day, "not_evaluated", (kpi,), reason=reason)


def _short(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.0001"))

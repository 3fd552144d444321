"""Observations → readings of a rule: which periods count, and on which side of the thresholds they are. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from kpi_pipeline.alerts.model import Level, Reading
from kpi_pipeline.alerts.periods import ends_period, next_end
from kpi_pipeline.alerts.posterior import probability_beyond
from kpi_pipeline.catalogue.model import Kpi, Rule, Threshold, in_force
from kpi_pipeline.history.observation import Observation

SAYS_NOTHING = ("stale", "low_sample")


def readings(rule: Rule, kpi: Kpi, rows: Iterable[Observation], closed_until: datetime) -> Iterator[Reading]:
    """The readings of one rule in order of day.

    A period counts when it is over and its sources have been read to beyond its end and settling (`closed_until`); a
    value that may still move by its own definition does not, unless it can only get worse and is past a threshold
    already. `every` keeps the last day of each week or month only.
    """
    before: list[Observation] = []
    last: date | None = None
    for row in rows:
        is_open = not row.closed or row.period_end > closed_until
        if (is_open or _may_move(row)) and not rule.check_open:
            continue
        if rule.every is not None and not ends_period(row.day, rule.every):
            continue
        before = [*before[1 - rule.accumulate :], row] if rule.accumulate > 1 else [row]
        gap = rule.every is not None and last is not None and row.day > next_end(last, rule.every)
        reading = judge(rule, kpi, before)
        yield replace(reading, gap=gap, open=is_open) if gap or is_open else reading
        last = row.day


def judge(rule: Rule, kpi: Kpi, rows: Sequence[Observation]) -> Reading:
    """What the newest of `rows` means; the ones before it are pooled with it when it alone has too few records."""
    row = rows[-1]
    value, n = row.value, row.n
    if row.status == "low_sample" and len(rows) > 1:
        value, n = pooled(rows)
    enough = n is not None and n >= kpi.min_n
    if value is None:
        return Reading(row.day, row.period_end, *_without_value(row))
    if row.status == "stale":
        return Reading(row.day, row.period_end, None, "stale", value)
    if row.status == "low_sample" and not enough:
        return Reading(row.day, row.period_end, None, "low_sample", value)
    limits = limits_of(rule, kpi, row.day)
    level = _level(limits, value)
    if level in ("warning", "critical") and rule.confidence is not None and not _is_certain(rule, limits, level, row):
        return Reading(row.day, row.period_end, None, "uncertain", value)
    return Reading(
        row.day,
        row.period_end,
        level,
        "good" if level == "ok" else "breach",
        value,
        recovered=_holds(in_force(rule.recovery, row.day), value),
        recovered_high=_holds(in_force(rule.critical_recovery, row.day), value),
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds of a rule on one day."""

    info: Threshold | None
    warning: Threshold | None
    critical: Threshold | None


def limits_of(rule: Rule, kpi: Kpi, day: date) -> Limits:
    """The rule's own thresholds, or those of the KPI when it has none, as they were in force on the day."""
    if rule.info or rule.warning or rule.critical:
        return Limits(in_force(rule.info, day), in_force(rule.warning, day), in_force(rule.critical, day))
    return Limits(None, in_force(kpi.warning, day), in_force(kpi.critical, day))


def pooled(rows: Sequence[Observation]) -> tuple[Decimal | None, int | None]:
    """One ratio of several periods: from their summed numerators and denominators, never a mean of ratios."""
    known = [row for row in rows if row.numerator is not None and row.denominator]
    scale = next(
        (
            row.value * row.denominator / row.numerator
            for row in known
            if row.value and row.numerator and row.denominator
        ),
        None,
    )
    if scale is None:
        return rows[-1].value, rows[-1].n
    above = sum((row.numerator for row in known if row.numerator is not None), Decimal(0))
    below = sum((row.denominator for row in known if row.denominator is not None), Decimal(0))
    return above / below * scale, sum(row.n or 0 for row in known)


def _may_move(row: Observation) -> bool:
    return row.provisional and row.status not in ("warning", "critical")


def _without_value(row: Observation) -> tuple[Level | None, str]:
    if row.status == "ok":
        return "ok", "good"  # nothing waited, none open: no value is good news
    if row.status in SAYS_NOTHING:
        return None, row.status
    return None, "undefined" if row.denominator == 0 else "no_data"


def _level(limits: Limits, value: Decimal) -> Level:
    if limits.critical is not None and limits.critical.holds(value):
        return "critical"
    if limits.warning is not None and limits.warning.holds(value):
        return "warning"
    return "info" if limits.info is not None and limits.info.holds(value) else "ok"


def _holds(threshold: Threshold | None, value: Decimal) -> bool:
    return threshold is None or threshold.holds(value)


def _is_certain(rule: Rule, limits: Limits, level: str, row: Observation) -> bool:
    """Whether the true rate is beyond the threshold with the probability that the rule asks for."""
    limit = limits.critical if level == "critical" else limits.warning
    if limit is None or rule.confidence is None or row.numerator is None or row.denominator is None:
        return True
    return probability_beyond(limit, row.numerator, row.denominator) >= rule.confidence

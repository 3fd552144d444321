"""Measurement + the KPI's targets and thresholds of that day → status. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kpi_pipeline.catalogue.model import Kpi, Threshold, in_force
from kpi_pipeline.metrics.engine import Measurement
from kpi_pipeline.metrics.kinds.base import NO_BURN, NONE_OPEN, NOTHING_WAITED, OUTDATED, Params

STATUSES = (
    "ok",
    "below_target",
    "warning",
    "critical",
    "no_data",
    "low_sample",
    "stale",
    "provisional",
    "unrated",
)
GOOD_NEWS = frozenset({NOTHING_WAITED, NONE_OPEN, NO_BURN})


@dataclass(frozen=True, slots=True)
class Bar:
    """Target and thresholds in force on one day."""

    target: Threshold | None
    warning: Threshold | None
    critical: Threshold | None


def bar(kpi: Kpi, measurement: Measurement) -> Bar:
    """What the day is judged by: what was in force then, not what is today."""
    day = measurement.day
    return Bar(in_force(kpi.target, day), in_force(kpi.warning, day), in_force(kpi.critical, day))


def rate(kpi: Kpi, measurement: Measurement) -> str:
    """One of STATUSES; 'stale' here is a value too old by its own definition, that of sources is judged elsewhere.

    Comparisons are exact and as printed: '< 28' does not hold at 28. No value is no_data unless its reason is good
    news; too few records are low_sample; a period still running is provisional, unless its value can only get worse
    and is beyond a threshold already; a KPI without target and thresholds is unrated.
    """
    value = measurement.value
    if value is None:
        return "ok" if measurement.reason in GOOD_NEWS else "no_data"
    if measurement.reason == OUTDATED:
        return "stale"
    if measurement.n < kpi.min_n:
        return "low_sample"
    limits = bar(kpi, measurement)
    judged = _judge(limits, value)
    if measurement.provisional and not (_only_gets_worse(kpi) and judged in ("warning", "critical")):
        return "provisional"
    return judged


def _judge(limits: Bar, value: Decimal) -> str:
    if limits.critical is not None and limits.critical.holds(value):
        return "critical"
    if limits.warning is not None and limits.warning.holds(value):
        return "warning"
    if limits.target is not None:
        return "ok" if limits.target.holds(value) else "below_target"
    return "unrated" if limits.warning is None and limits.critical is None else "ok"


def _only_gets_worse(kpi: Kpi) -> bool:
    return isinstance(kpi.params, Params) and kpi.params.only_rises and kpi.better == "lower"

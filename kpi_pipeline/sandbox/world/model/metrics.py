"""Metrics: what Prometheus shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class GaugeSample:
    metric: str
    labels: tuple[tuple[str, str], ...]
    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class HistogramObservation:
    """One measured value; the server adds it to every bucket whose upper bound is not below it."""

    metric: str
    labels: tuple[tuple[str, str], ...]
    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class CounterReset:
    """A restart of `instance`: all its counters of `metric` begin at zero again at `at`."""

    metric: str
    instance: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CounterGrowth:
    """A counter rose by `by` between the scrape before `at` and `at`; the server adds up, from zero after a reset."""

    metric: str
    labels: tuple[tuple[str, str], ...]
    at: datetime
    by: float

"""The time series of a world: gauges as they were scraped, counters and histograms as what they had counted.

Everything is scraped at the full quarter of an hour. A value holds for one scrape interval (Prometheus' default is five
minutes, for scrapes of less): a grid at the scrape times sees each sample exactly once, and a missed scrape is a hole.
A histogram's counters show the observations before the scrape, and begin at zero again when an instance restarts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kpi_pipeline.sandbox.vendors.prometheus.promql import Selector
from kpi_pipeline.sandbox.world.model import World

Instants = NDArray[np.int64]
"""Epoch milliseconds, ascending."""
Values = NDArray[np.float64]

SCRAPE_MS = 900_000
LOOKBACK_MS = SCRAPE_MS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Series(Protocol):
    """One series: its labels, `__name__` included, and its values on a grid (where it has one)."""

    @property
    def labels(self) -> Mapping[str, str]: ...

    def on(self, grid: Instants, now: int) -> tuple[Instants, Values]: ...


class Gauge:
    """The last sample at or before each instant, not older than the look-back."""

    def __init__(self, labels: Mapping[str, str], samples: list[tuple[int, float]]) -> None:
        self.labels = labels
        samples.sort()
        self._at = np.array([at for at, _ in samples], dtype=np.int64)
        self._value = np.array([value for _, value in samples], dtype=np.float64)

    def on(self, grid: Instants, now: int) -> tuple[Instants, Values]:
        index = np.searchsorted(self._at, np.minimum(grid, now), side="right") - 1
        fresh = (index >= 0) & (self._at[index] > grid - LOOKBACK_MS)
        return grid[fresh], self._value[index[fresh]]


class Counter:
    """Observations (or their sum) since the last restart, as the last scrape read them."""

    def __init__(
        self, labels: Mapping[str, str], at: Instants, growth: Values, resets: Instants, first_scrape: int
    ) -> None:
        self.labels = labels
        self._at = at
        self._total = np.concatenate(([0.0], np.cumsum(growth)))
        self._resets = resets
        self._lost = np.concatenate(([0.0], self._total[np.searchsorted(at, resets, side="right")]))
        self._first = first_scrape

    def on(self, grid: Instants, now: int) -> tuple[Instants, Values]:
        scraped = np.minimum(grid, now) // SCRAPE_MS * SCRAPE_MS
        fresh = (scraped >= self._first) & (scraped > grid - LOOKBACK_MS)
        scraped = scraped[fresh]
        total = self._total[np.searchsorted(self._at, scraped, side="left")]
        return grid[fresh], total - self._lost[np.searchsorted(self._resets, scraped, side="left")]


class Store:
    """All series of a world."""

    def __init__(self, world: World) -> None:
        self._series: list[Series] = [*_gauges(world), *_histograms(world), *_counters(world)]

    def matching(self, chosen: Selector) -> Iterator[Series]:
        return (series for series in self._series if chosen.matches(series.labels))

    def label_values(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for series in self._series:
            for name, value in series.labels.items():
                found.setdefault(name, set()).add(value)
        return found


def milliseconds(instant: datetime) -> int:
    delta = instant - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000 + delta.microseconds // 1_000


def bound(le: float) -> str:
    """A bucket's upper bound as the label `le` shows it."""
    return "+Inf" if le == float("inf") else f"{le:g}" if le % 1 else str(int(le))


def _gauges(world: World) -> Iterator[Series]:
    samples: dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[int, float]]] = {}
    for sample in world.gauges:
        samples.setdefault((sample.metric, sample.labels), []).append((milliseconds(sample.at), sample.value))
    for (metric, labels), found in samples.items():
        yield Gauge({"__name__": metric, **dict(labels)}, found)


def _histograms(world: World) -> Iterator[Series]:
    observed: dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[int, float]]] = {}
    for each in world.histogram:
        observed.setdefault((each.metric, each.labels), []).append((milliseconds(each.at), each.value))
    first = _first_scrape(world)
    for (metric, pairs), found in observed.items():
        found.sort()
        labels = dict(pairs)
        at = np.array([when for when, _ in found], dtype=np.int64)
        value = np.array([size for _, size in found], dtype=np.float64)
        resets = _resets(world, metric, labels)
        for le in (*world.histogram_bounds, float("inf")):
            inside = at[value <= le]
            named = {"__name__": f"{metric}_bucket", **labels, "le": bound(le)}
            yield Counter(named, inside, np.ones(len(inside)), resets, first)
        yield Counter({"__name__": f"{metric}_count", **labels}, at, np.ones(len(at)), resets, first)
        yield Counter({"__name__": f"{metric}_sum", **labels}, at, value, resets, first)


def _counters(world: World) -> Iterator[Series]:
    """Every series stands at zero from the first scrape on: an exporter that knows its labels begins that way."""
    grown: dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[int, float]]] = {}
    for each in world.counters:
        grown.setdefault((each.metric, each.labels), []).append((milliseconds(each.at), each.by))
    for (metric, pairs), found in grown.items():
        found.sort()
        labels = dict(pairs)
        at = np.array([when for when, _ in found], dtype=np.int64)
        growth = np.array([by for _, by in found], dtype=np.float64)
        resets = _resets(world, metric, labels)
        yield Counter({"__name__": metric, **labels}, at, growth, resets, _first_scrape(world))


def _first_scrape(world: World) -> int:
    return -(-milliseconds(world.scraped_since or world.starts_at) // SCRAPE_MS) * SCRAPE_MS


def _resets(world: World, metric: str, labels: Mapping[str, str]) -> Instants:
    own = [r for r in world.counter_resets if r.metric == metric and r.instance == labels.get("instance")]
    return np.array(sorted(milliseconds(reset.at) for reset in own), dtype=np.int64)

"""The newest values of companies as OpenMetrics text, for Prometheus and what reads its format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric, StateSetMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest

from kpi_pipeline.catalogue.display import STATUS
from kpi_pipeline.catalogue.model import Company, Kpi, in_force
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.reports.freshness import SourceFreshness

LABELS = ("company", "kpi", "unit")
NUMBERS = {
    "kpi_value": ("value", "Newest value of a KPI whose business day is over, in its unit."),
    "kpi_numerator": ("numerator", "What the value was divided from."),
    "kpi_denominator": ("denominator", "What the value was divided by."),
    "kpi_observations": ("n", "How many observations are behind the value."),
}
THRESHOLDS = {
    "kpi_target": ("target", "The bound that is aimed at on the day of the value."),
    "kpi_warning": ("warning", "The bound of a warning on the day of the value."),
    "kpi_critical": ("critical", "The bound of what is critical on the day of the value."),
}


@dataclass(frozen=True, slots=True)
class Newest:
    """A company with the newest observation of each of its KPIs, and how fresh its sources are."""

    company: Company
    rows: Mapping[str, Recorded]
    sources: Sequence[SourceFreshness] = ()


def openmetrics(found: Sequence[Newest], *, now: datetime) -> str:
    """One text for all companies: values, what they were computed from, bounds, statuses, ages in seconds.

    A KPI without a value has a status and an age, and no sample of the value: Prometheus has no null.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(found, now))
    content: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return content.decode()


class _Collector:
    def __init__(self, found: Sequence[Newest], now: datetime) -> None:
        self._found, self._now = found, now

    def collect(self) -> Iterator[Metric]:
        for name, (field, text) in NUMBERS.items():
            yield self._gauge(name, text, field)
        for name, (field, text) in THRESHOLDS.items():
            yield self._bounds(name, text, field)
        yield self._status()
        yield self._ages()
        yield self._sources("kpi_source_newest_age_seconds", "Age of the newest record of a source.", "newest_at")
        yield self._sources("kpi_source_loaded_age_seconds", "Time since a source was asked last.", "loaded_at")

    def _rows(self) -> Iterator[tuple[Kpi, Recorded, list[str]]]:
        for each in self._found:
            for name, row in each.rows.items():
                kpi = each.company.kpis[name]
                yield kpi, row, [each.company.id, name, kpi.unit]

    def _gauge(self, name: str, text: str, field: str) -> Metric:
        metric = GaugeMetricFamily(name, text, labels=LABELS)
        for _, row, labels in self._rows():
            value = getattr(row, field)
            if value is not None:
                metric.add_metric(labels, float(value))
        return metric

    def _bounds(self, name: str, text: str, field: str) -> Metric:
        metric = GaugeMetricFamily(name, text, labels=LABELS)
        for kpi, row, labels in self._rows():
            bound = in_force(getattr(kpi, field), row.day)
            if bound is not None:
                metric.add_metric(labels, float(bound.value))
        return metric

    def _status(self) -> Metric:
        metric = StateSetMetricFamily("kpi_status", "What the value is judged to be.", labels=("company", "kpi"))
        for _, row, labels in self._rows():
            metric.add_metric(labels[:2], {status: status == row.status for status in STATUS})
        return metric

    def _ages(self) -> Metric:
        metric = GaugeMetricFamily(
            "kpi_age_seconds", "Time since the end of the period that the value tells of.", labels=("company", "kpi")
        )
        for _, row, labels in self._rows():
            metric.add_metric(labels[:2], (self._now - row.period_end).total_seconds())
        return metric

    def _sources(self, name: str, text: str, field: str) -> Metric:
        metric = GaugeMetricFamily(name, text, labels=("company", "source"))
        for each in self._found:
            for source in each.sources:
                at = getattr(source, field)
                if at is not None:
                    metric.add_metric([each.company.id, source.source], (self._now - at).total_seconds())
        return metric

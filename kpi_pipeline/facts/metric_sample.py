"""Gauge readings."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row a reading; an instant at which the query gave no number (NaN) is no reading."""
    samples = facts.records("prometheus", "metric_samples")
    samples = samples.filter(samples.value.notnull())
    return samples.mutate(sampled_at=epoch_ms(samples.sampled_at))

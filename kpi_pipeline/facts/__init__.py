"""Business records in our own terms, as Ibis expressions over landing; KPIs are written against these columns."""

from __future__ import annotations

from kpi_pipeline.facts.spec import FACTS, Column, FactSpec, columns, filled_by, reads, sources, with_uses

__all__ = ["FACTS", "Column", "FactSpec", "columns", "filled_by", "reads", "sources", "with_uses"]

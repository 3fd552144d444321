"""Every fact by name, and what it is computed from. Plain data, cheap to import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kpi_pipeline.facts.shape import Column, FactSpec, StreamId
from kpi_pipeline.facts.specs import finance, issues, reliability, sales, surveys

__all__ = ["FACTS", "Column", "FactSpec", "StreamId", "columns", "sources", "with_uses"]

FACTS: Mapping[str, FactSpec] = {
    spec.name: spec for area in (sales, surveys, reliability, issues, finance) for spec in area.SPECS
}


def columns() -> dict[str, set[str]]:
    """Fact → its columns: what the catalogue checks KPI definitions against."""
    return {name: set(spec.columns) for name, spec in FACTS.items()}


def sources(names: Iterable[str]) -> tuple[StreamId, ...]:
    """Every (source, stream) that these facts are computed from, through other facts too; sorted, each once."""
    found: set[StreamId] = set()
    for name in names:
        found.update(FACTS[name].reads, sources(FACTS[name].uses))
    return tuple(sorted(found))


def with_uses(name: str) -> tuple[str, ...]:
    """A fact and every fact it builds on, each once."""
    found = dict.fromkeys([name])
    for used in FACTS[name].uses:
        found.update(dict.fromkeys(with_uses(used)))
    return tuple(found)

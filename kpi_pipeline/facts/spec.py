"""Every fact by name, and what it is computed from. Plain data, cheap to import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from kpi_pipeline.errors import SettingsError
from kpi_pipeline.facts.shape import Column, FactSpec, StreamId
from kpi_pipeline.facts.specs import (
    compliance,
    customers,
    delivery,
    finance,
    issues,
    mail,
    operations,
    plans,
    product,
    reliability,
    revenue,
    sales,
    schools,
    support,
    surveys,
    upgrades,
    web,
)

__all__ = ["FACTS", "Column", "FactSpec", "StreamId", "columns", "filled_by", "reads", "sources", "with_uses"]

FACTS: Mapping[str, FactSpec] = {
    spec.name: spec
    for area in (
        sales,
        schools,
        surveys,
        reliability,
        issues,
        finance,
        revenue,
        customers,
        upgrades,
        product,
        support,
        delivery,
        plans,
        compliance,
        operations,
        mail,
        web,
    )
    for spec in area.SPECS
}


def columns() -> dict[str, set[str]]:
    """Fact → its columns: what the catalogue checks KPI definitions against."""
    return {name: set(spec.columns) for name, spec in FACTS.items()}


class SourceSettings(Protocol):
    @property
    def settings(self) -> Mapping[str, Any]: ...


CompanySources = Mapping[str, SourceSettings]


def filled_by(name: str, company: CompanySources) -> str:
    """The source that fills a fact with alternatives: the only one the company has, or the one that says so.

    Where a company has several (a product database beside an analytics service), exactly one names the fact in its
    setting `fills`. Raises SettingsError when none or several could be meant.
    """
    candidates = [source for source in FACTS[name].alternatives if source in company]
    if len(candidates) > 1:
        candidates = [source for source in candidates if name in company[source].settings.get("fills", ())]
    if len(candidates) != 1:
        able = ", ".join(FACTS[name].alternatives)
        raise SettingsError(
            f"choosing the source of the fact {name}",
            f"it can be filled from {able}, and the company has {'several' if candidates else 'none'} that is to do it",
            remedy=f"Give the company one of them, or name {name} in the setting `fills` of the one that is meant",
        )
    return candidates[0]


def reads(name: str, company: CompanySources | None = None) -> tuple[StreamId, ...]:
    """The streams that a fact's own module reads for a company; without one, all that it could read."""
    spec = FACTS[name]
    if not spec.alternatives:
        return spec.reads
    if company is None:
        return (*spec.reads, *(stream for streams in spec.alternatives.values() for stream in streams))
    return (*spec.reads, *spec.alternatives[filled_by(name, company)])


def sources(names: Iterable[str], company: CompanySources | None = None) -> tuple[StreamId, ...]:
    """Every (source, stream) that these facts are computed from, through other facts too; sorted, each once."""
    found: set[StreamId] = set()
    for name in names:
        found.update(reads(name, company), sources(FACTS[name].uses, company))
    return tuple(sorted(found))


def with_uses(name: str) -> tuple[str, ...]:
    """A fact and every fact it builds on, each once."""
    found = dict.fromkeys([name])
    for used in FACTS[name].uses:
        found.update(dict.fromkeys(with_uses(used)))
    return tuple(found)

"""Which streams a company loads: those its numbers, tables and audits are computed from, and those it names besides."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_pipeline import analytics
from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.connectors import registry
from kpi_pipeline.connectors.base import Stream
from kpi_pipeline.errors import SettingsError
from kpi_pipeline.facts import FACTS, sources, with_uses
from kpi_pipeline.metrics.uses import facts_of


def read_facts(company: Company) -> set[str]:
    """The facts that its KPIs, its audits and the tables beneath them are computed from."""
    sides = [side for rule in company.audit.reconcile for side in (rule.left, rule.right) if isinstance(side, Kpi)]
    of_kpis = {name for kpi in (*company.kpis.values(), *sides) for name in facts_of(kpi, company)}
    return of_kpis | analytics.facts_of(kinds_of(company))


def computed_facts(company: Company) -> list[str]:
    """The facts that a company's numbers are computed from and those they build on, in order of declaration."""
    wanted = {name for fact in read_facts(company) for name in with_uses(fact)}
    return [name for name in FACTS if name in wanted]


def kinds_of(company: Company) -> set[str]:
    """The kinds of the tables beneath the KPIs that the company declares."""
    return {table.kind for table in company.dashboards.data.values()}


def loaded_streams(company: Company) -> Mapping[str, tuple[Stream, ...]]:
    """Source → its streams that are loaded, in the connector's order.

    A stream that nobody reads costs requests of the vendor's budget for nothing; who wants it in landing anyway names
    it under `streams` of the source. Raises SettingsError for a name that the source does not have.
    """
    read = set(sources(sorted(read_facts(company)), company.sources))
    found = {}
    for name, source in company.sources.items():
        known = registry.streams(name)
        names = [stream.name for stream in known]
        for wanted in source.streams:
            if wanted not in names:
                raise SettingsError(
                    f"choosing the streams of {name} for {company.id}",
                    f"there is no stream {wanted!r}{did_you_mean(wanted, names)}",
                    remedy=f"Correct sources.{name}.streams in companies/{company.file}; there are {', '.join(names)}",
                )
        found[name] = tuple(each for each in known if (name, each.name) in read or each.name in source.streams)
    return found

"""Which streams a company loads: those its KPIs and audits are computed from, and those it names besides."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.connectors import registry
from kpi_pipeline.connectors.base import Stream
from kpi_pipeline.errors import SettingsError
from kpi_pipeline.facts import sources
from kpi_pipeline.metrics.uses import facts_of


def loaded_streams(company: Company) -> Mapping[str, tuple[Stream, ...]]:
    """Source → its streams that are loaded, in the connector's order.

    A stream that nobody reads costs requests of the vendor's budget for nothing; who wants it in landing anyway names
    it under `streams` of the source. Raises SettingsError for a name that the source does not have.
    """
    sides = [side for rule in company.audit.reconcile for side in (rule.left, rule.right) if isinstance(side, Kpi)]
    facts = {name for kpi in (*company.kpis.values(), *sides) for name in facts_of(kpi, company)}
    read = set(sources(sorted(facts), company.sources))
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

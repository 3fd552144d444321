"""Every KPI with thresholds has owners, every owner is somebody, and somebody can be reached."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.errors import Issue


def owners_are_known_and_reachable(company: Company) -> Iterable[Issue]:
    known = {**company.people, **company.rotas}
    for kpi in company.kpis.values():
        if (kpi.warning or kpi.critical) and not kpi.owners:
            yield Issue(kpi.file, kpi.line, f"KPI {kpi.id}: has thresholds but nobody owns it", rule="owner")
        for owner in kpi.owners:
            if owner not in known:
                close = get_close_matches(owner, list(known), n=1)
                hint = f"; did you mean {close[0]!r}?" if close else ""
                yield Issue(kpi.file, kpi.line, f"KPI {kpi.id}: unknown owner {owner!r}{hint}", rule="owner")
    file = f"{company.id}/company.yaml"
    for name, rota in company.rotas.items():
        for member in rota.members:
            if member not in company.people:
                yield Issue(file, 1, f"rota {name}: unknown member {member!r}", rule="owner")
    for name, source in company.sources.items():
        if source.owner not in known:
            yield Issue(file, 1, f"source {name}: unknown owner {source.owner!r}", rule="owner")
    for name, person in company.people.items():
        for channel in person.channels:
            if channel not in company.channels:
                yield Issue(file, 1, f"{name}: unknown channel {channel!r}", rule="owner")
        if not person.channels:
            yield Issue(file, 1, f"{name}: has no channel, so no alert would reach {person.name}", rule="owner")
        if person.deputy is not None and person.deputy not in company.people:
            yield Issue(file, 1, f"{name}: unknown deputy {person.deputy!r}", rule="owner")

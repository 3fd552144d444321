"""Every KPI with thresholds has owners, every owner is somebody, and somebody can be reached."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import timedelta

from kpi_pipeline.catalogue.model import Company, Person
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.errors import Issue


def owners_are_known_and_reachable(company: Company) -> Iterable[Issue]:
    yield from _of_kpis(company, [*company.people, *company.rotas])
    yield from _of_company(company, [*company.people, *company.rotas])
    for name, person in company.people.items():
        for message in _unreachable(company, person):
            yield _issue(company, f"people.{name}", f"{name}: {message}")


def _of_kpis(company: Company, known: Collection[str]) -> Iterable[Issue]:
    for kpi in company.kpis.values():
        if (kpi.warning or kpi.critical) and not kpi.owners:
            yield Issue(kpi.file, kpi.line, f"KPI {kpi.id}: has thresholds but nobody owns it", rule="owner")
        for owner in kpi.owners:
            if owner not in known:
                message = f"KPI {kpi.id}: unknown owner {owner!r}{did_you_mean(owner, known)}"
                yield Issue(kpi.file, kpi.line_of("owners"), message, rule="owner")
        for key in ("target", "warning", "critical"):
            for approval in (each for threshold in getattr(kpi, key) for each in threshold.approved_by):
                if approval.by not in company.people:
                    message = f"KPI {kpi.id}: {key} is approved by {approval.by!r}, who is unknown"
                    yield Issue(kpi.file, kpi.line_of(key), message, rule="owner")


def _of_company(company: Company, known: Collection[str]) -> Iterable[Issue]:
    for name, rota in company.rotas.items():
        for member in rota.members:
            if member not in company.people:
                yield _issue(
                    company,
                    f"rotas.{name}",
                    f"rota {name}: unknown member {member!r}{did_you_mean(member, company.people)}",
                )
        if rota.turn < timedelta(days=1):
            yield _issue(company, f"rotas.{name}", f"rota {name}: a turn is at least 1 day")
    for name, source in company.sources.items():
        if source.owner not in known:
            message = f"source {name}: unknown owner {source.owner!r}{did_you_mean(source.owner, known)}"
            yield _issue(company, f"sources.{name}", message)
    for approver in company.approvers:
        if approver not in company.people:
            message = f"unknown approver {approver!r}{did_you_mean(approver, company.people)}"
            yield _issue(company, "approvers", message)


def _unreachable(company: Company, person: Person) -> Iterable[str]:
    for channel in person.channels:
        if channel not in company.channels:
            yield f"unknown channel {channel!r}{did_you_mean(channel, company.channels)}"
        elif company.channels[channel].kind == "mail" and person.email is None:
            yield f"has the channel {channel!r} but no email"
    if not person.channels:
        yield f"has no channel, so no alert would reach {person.name}"
    if person.email is not None and not _is_address(person.email):
        yield f"{person.email!r} is not one mail address"
    if person.deputy is not None and person.deputy not in company.people:
        yield f"unknown deputy {person.deputy!r}{did_you_mean(person.deputy, company.people)}"


def _is_address(text: str) -> bool:
    """One address and nothing else: a comma or a line break would write to others too."""
    return re.fullmatch(r"[^@,;<>\s]+@[^@,;<>\s]+", text) is not None


def _issue(company: Company, path: str, message: str) -> Issue:
    return Issue(company.file, company.line_of(path), message, rule="owner")

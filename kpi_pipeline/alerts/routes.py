"""Who is told, and where: the routing tree, owners and rotas as people, people as channels. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from kpi_pipeline.alerts.matching import Labels, matches, of_mapping
from kpi_pipeline.catalogue import alerting
from kpi_pipeline.catalogue.model import Company, Person

OWNERS, DEPUTY, MANAGEMENT, DATA_OWNERS = "owners", "deputy", "management", "data_owners"


@dataclass(frozen=True, slots=True)
class Route:
    """One channel and the people it is for; a mail channel writes to their addresses, a chat channel names them."""

    channel: str
    recipients: tuple[str, ...]


def routes_for(
    company: Company, labels: Labels, owners: Iterable[str], audience: Iterable[str], day: date
) -> list[Route]:
    """One route per channel for a notice: two people in one chat channel get one message.

    A notice to owners follows the routing tree; one to deputies, management or named people (an escalation) goes
    straight to them.
    """
    owners, found = tuple(owners), []
    for group in audience:
        if group == OWNERS:
            for node in matching(company.alerts.route, labels):
                found += [(person, node.channels) for person in people_of(company, node.to, owners, day)]
        else:
            found += [(person, ()) for person in people_of(company, (group,), owners, day)]
    recipients: dict[str, list[str]] = {}
    for person, only in found:
        for channel in person.channels:
            address = person.email if company.channels[channel].kind == "mail" else person.name
            if address is None or (only and channel not in only):
                continue
            if address not in recipients.setdefault(channel, []):
                recipients[channel].append(address)
    return [Route(channel, tuple(names)) for channel, names in recipients.items() if names]


def matching(route: alerting.Route, labels: Labels) -> Iterator[alerting.Route]:
    """The nodes that an alert ends at: the first child that matches, and the next ones while it says continue; the
    node itself when no child does."""
    found = False
    for child in route.routes:
        if matches(of_mapping(child.match), labels):
            found = True
            yield from matching(child, labels)
            if not child.continue_:
                return
    if not found:
        yield route


def people_of(company: Company, names: Iterable[str], owners: Iterable[str], day: date) -> list[Person]:
    """The people behind names on a day, each once: a rota is whoever is on duty, `deputy` the owners' deputies."""
    found: dict[str, Person] = {}
    for name in _expanded(company, names, tuple(owners), day):
        found[name] = company.people[name]
    return list(found.values())


def _expanded(company: Company, names: Iterable[str], owners: tuple[str, ...], day: date) -> Iterator[str]:
    for name in names:
        if name == OWNERS:
            yield from _expanded(company, owners, (), day)
        elif name == DEPUTY:
            for person in _expanded(company, owners, (), day):
                deputy = company.people[person].deputy
                yield person if deputy is None else deputy
        elif name == MANAGEMENT and name not in company.people:
            yield from _expanded(company, company.alerts.management or owners, (), day)
        elif name == DATA_OWNERS:
            yield from _expanded(company, company.alerts.data_owners or owners, (), day)
        elif name in company.rotas:
            yield company.rotas[name].on_duty(day)
        else:
            yield name

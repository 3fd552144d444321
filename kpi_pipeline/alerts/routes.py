"""Who is told, and where: owners and rotas expand to people, people to their channels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kpi_pipeline.catalogue.model import Company, Person


@dataclass(frozen=True, slots=True)
class Route:
    """One channel and the people it is for; a mail channel writes to their addresses, a chat channel names them."""

    channel: str
    recipients: tuple[str, ...]


def people_of(company: Company, owners: Iterable[str], day: date) -> list[Person]:
    """The people behind owners on a day: a rota is whoever is on duty. Each person once, in order."""
    found: dict[str, Person] = {}
    for owner in owners:
        person_id = company.rotas[owner].on_duty(day) if owner in company.rotas else owner
        found[person_id] = company.people[person_id]
    return list(found.values())


def routes_of_owners(company: Company, owners: Iterable[str], day: date) -> list[Route]:
    """One route per channel over all owners: two owners in one chat channel get one message."""
    recipients: dict[str, list[str]] = {}
    for person in people_of(company, owners, day):
        for channel in person.channels:
            address = person.email if company.channels[channel].kind == "mail" else person.name
            if address is not None and address not in recipients.setdefault(channel, []):
                recipients[channel].append(address)
    return [Route(channel, tuple(names)) for channel, names in recipients.items() if names]

"""Who is told, and where: the routing tree, owners and rotas as people, people as channels. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kpi_pipeline.alerts.matching import Labels, labels_of, matches, of_mapping
from kpi_pipeline.alerts.model import AlertState, Notice
from kpi_pipeline.alerts.rules import owners_of
from kpi_pipeline.catalogue import alerting
from kpi_pipeline.catalogue.alerting import DATA_OWNERS, DEPUTY, MANAGEMENT, OWNERS
from kpi_pipeline.catalogue.model import Company, Person, Rule

BETTER = ("better", "resolved", "corrected")
THREADED = ("slack_bot",)
Path = tuple[alerting.Route, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """One channel and the people it is for; a mail channel writes to their addresses, a chat channel names them."""

    channel: str
    recipients: tuple[str, ...]


def routes_for(
    company: Company, labels: Labels, owners: Iterable[str], audience: Iterable[str], day: date
) -> list[Route]:
    """One route per channel for a notice: two people in one chat channel get one message."""
    told = people_told(company, labels, owners, audience, day)
    return joined(Route(name, (address,)) for each in told for name, address in channels_of(company, *each))


def routes_of_notice(
    company: Company, rule: Rule, notice: Notice, before: AlertState, after: AlertState, now: datetime
) -> list[Route]:
    """Where a notice goes that moved an alert from `before` to `after`; that it is over goes where its level went."""
    audience = notice.audience + (rule.inform if notice.audience == (OWNERS,) else ())
    severity = before.told_level if notice.level == "ok" else notice.level
    labels = {**labels_of(company, rule, after), "severity": severity}
    owners = owners_of(company, rule, after.subject)
    return routes_for(company, labels, owners, audience, now.astimezone(company.tz).date())


def with_those_told(company: Company, reason: str, routes: Iterable[Route], told: Iterable[Route]) -> list[Route]:
    """Whoever was told that something is wrong is told that it is better, wherever routes and rotas lead by now; and
    where an alert has a thread, that goes on."""
    known = [each for each in told if each.channel in company.channels]
    return joined([*routes, *(known if reason in BETTER else threads(company, known))])


def threads(company: Company, told: Iterable[Route]) -> list[Route]:
    """Those through channels that keep a thread for an alert and show in its first message how it stands."""
    return [
        each for each in told if each.channel in company.channels and company.channels[each.channel].kind in THREADED
    ]


def people_told(
    company: Company, labels: Labels, owners: Iterable[str], audience: Iterable[str], day: date
) -> list[tuple[Person, tuple[str, ...]]]:
    """Who hears of a notice, each with the channels that a route keeps to (none: all of their own).

    A notice to owners follows the routing tree; one to deputies, management or named people (an escalation) goes
    straight to them.
    """
    owners = tuple(owners)
    found: list[tuple[Person, tuple[str, ...]]] = []
    for group in audience:
        if group == OWNERS:
            for *_, end in paths(company.alerts.route, labels):
                found += [(person, end.channels) for person in people_of(company, end.to, owners, day)]
        else:
            found += [(person, ()) for person in people_of(company, (group,), owners, day)]
    return found


def joined(routes: Iterable[Route]) -> list[Route]:
    """One route a channel, with everybody whom any of them is for."""
    recipients: dict[str, dict[str, None]] = {}
    for route in routes:
        recipients.setdefault(route.channel, {}).update(dict.fromkeys(route.recipients))
    return [Route(channel, tuple(names)) for channel, names in recipients.items()]


def channels_of(company: Company, person: Person, only: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """The channels of a person and how each names them.

    A route's `only` narrows them; it never leaves somebody untold, so who has none of those has all of their own.
    """
    reached = [name for name in person.channels if not only or name in only]
    for name in reached or person.channels:
        address = person.email if company.channels[name].kind == "mail" else person.name
        if address is not None:
            yield name, address


def paths(route: alerting.Route, labels: Labels) -> Iterator[Path]:
    """The ways that an alert takes through the tree, each from `route` to the node it ends at.

    It goes to the first child that matches, and to the next ones while that says `continue`; to the node itself when
    no child does.
    """
    found = False
    for child in route.routes:
        if matches(of_mapping(child.match), labels):
            found = True
            yield from ((route, *rest) for rest in paths(child, labels))
            if not child.continue_:
                return
    if not found:
        yield (route,)


def people_of(company: Company, names: Iterable[str], owners: Iterable[str], day: date) -> list[Person]:
    """The people behind names on a day, each once: a rota is whoever is on duty, `deputy` the owners' deputies.

    The deputy of somebody who is away that day is told too.
    """
    found: dict[str, Person] = {}
    for name in _expanded(company, names, tuple(owners), day):
        for each in with_deputy(company, name, day):
            found[each] = company.people[each]
    return list(found.values())


def with_deputy(company: Company, name: str, day: date) -> list[str]:
    """A person, and while they are away their deputy, and while that one is away too the next."""
    found = [name]
    while any(day in span for span in company.people[found[-1]].away):
        deputy = company.people[found[-1]].deputy
        if deputy is None or deputy in found:
            break
        found.append(deputy)
    return found


def _expanded(company: Company, names: Iterable[str], owners: tuple[str, ...], day: date) -> Iterator[str]:
    for name in names:
        if name == OWNERS:
            yield from _expanded(company, owners or _somebody(company), (), day)
        elif name == DEPUTY:
            for person in _expanded(company, owners or _somebody(company), (), day):
                deputy = company.people[person].deputy
                yield person if deputy is None else deputy
        elif name == MANAGEMENT and name not in company.people and name not in company.rotas:
            yield from _expanded(company, company.alerts.management or owners or _somebody(company), (), day)
        elif name == DATA_OWNERS:
            yield from _expanded(company, company.alerts.data_owners or owners or _somebody(company), (), day)
        elif name in company.rotas:
            yield company.rotas[name].on_duty(day)
        else:
            yield name


def _somebody(company: Company) -> tuple[str, ...]:
    """Who hears of what belongs to nobody, so that it is not lost."""
    alerts = company.alerts
    owners_of_sources = dict.fromkeys(source.owner for source in company.sources.values())
    return alerts.management or alerts.data_owners or tuple(owners_of_sources)

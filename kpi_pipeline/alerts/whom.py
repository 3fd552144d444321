"""Who would be told now, and by which way: the path through the tree, people, channels, and what comes later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kpi_pipeline.alerts.around import escalation_of
from kpi_pipeline.alerts.calendar import working_time
from kpi_pipeline.alerts.matching import Labels, labels_of
from kpi_pipeline.alerts.model import AlertState, Level
from kpi_pipeline.alerts.mutes import mute_of, muted_until
from kpi_pipeline.alerts.routes import channels_of, paths, people_told
from kpi_pipeline.alerts.rules import owners_of
from kpi_pipeline.alerts.silences import Silence, silencing
from kpi_pipeline.catalogue.alerting import OWNERS, Route
from kpi_pipeline.catalogue.model import Company, Rule


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody, by the channels that reach them."""

    person: str
    role: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LaterStep:
    """Whom it goes to at `due` when nobody acknowledges."""

    due: datetime
    receivers: tuple[Receiver, ...]


@dataclass(frozen=True, slots=True)
class Whom:
    """What becomes of a notice of one level that is made now.

    `paths` lead through the routing tree, each as places such as "route.routes.0". `held_by` names the mute that holds
    it back and `held_until` says until when (None: for as long as alerts.yaml says so); `silence` is the one in force.
    """

    labels: Labels
    paths: tuple[tuple[str, ...], ...]
    receivers: tuple[Receiver, ...]
    held_by: str | None
    held_until: datetime | None
    silence: Silence | None
    later: tuple[LaterStep, ...]


def whom(
    company: Company, rule: Rule, state: AlertState, level: Level, now: datetime, silences: Iterable[Silence] = ()
) -> Whom:
    """Who hears of it when this alert comes to that level now."""
    labels = {**labels_of(company, rule, state), "severity": level}
    owners = owners_of(company, rule, state.subject)
    mute = None if rule.bypass_mute else mute_of(company, labels, now)
    working = working_time(company, rule.calendar)
    steps = escalation_of(company, rule) if level == "critical" else ()
    matching = silencing(silences, labels)
    return Whom(
        labels=labels,
        paths=tuple(places(company.alerts.route, labels)),
        receivers=receivers(company, labels, owners, (OWNERS, *rule.inform), now),
        held_by=None if mute is None else mute.id,
        held_until=None if mute is None else muted_until(company, labels, now),
        silence=matching[0] if matching else None,
        later=tuple(
            LaterStep(working.after(now, step.after), receivers(company, labels, owners, step.to, now))
            for step in steps
        ),
    )


def receivers(
    company: Company, labels: Labels, owners: Sequence[str], audience: Iterable[str], now: datetime
) -> tuple[Receiver, ...]:
    """Everybody who is told, each once with all channels that reach them."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for person, only in people_told(company, labels, owners, audience, now.astimezone(company.tz).date()):
        names = (name for name, _ in channels_of(company, person, only))
        found.setdefault((person.name, person.role), {}).update(dict.fromkeys(names))
    return tuple(Receiver(name, role, tuple(channels)) for (name, role), channels in found.items())


def places(route: Route, labels: Labels) -> list[tuple[str, ...]]:
    """The ways through the tree as places in alerts.yaml: ("route", "route.routes.1")."""
    where = dict(_numbered(route, "route"))
    return [tuple(where[id(node)] for node in path) for path in paths(route, labels)]


def _numbered(route: Route, place: str) -> list[tuple[int, str]]:
    found = [(id(route), place)]
    for index, child in enumerate(route.routes):
        found += _numbered(child, f"{place}.routes.{index}")
    return found

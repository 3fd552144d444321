"""What people ask about alerts: which stand open, what became of one, who would be told, which decisions wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kpi_pipeline.alerts import acknowledgements, decisions, record, silences
from kpi_pipeline.alerts.acknowledgements import Acknowledgement
from kpi_pipeline.alerts.effects import Effect, effect_of
from kpi_pipeline.alerts.model import FRESHNESS, SEVERITY, AlertState, Level
from kpi_pipeline.alerts.named import alerts_named
from kpi_pipeline.alerts.record import Event, Noted
from kpi_pipeline.alerts.rules import levels_of, rule_by_id, rule_of_data
from kpi_pipeline.alerts.silences import Silence
from kpi_pipeline.alerts.standing import Standing, standings
from kpi_pipeline.alerts.whom import Whom, whom
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.alerting import DATA_GROUP
from kpi_pipeline.catalogue.model import Rule
from kpi_pipeline.errors import UsageError
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.database import answering

LOOK_BACK = timedelta(days=180)  # how far before a decision its KPIs are looked at


@dataclass(frozen=True, slots=True)
class Detail:
    """One alert with all that became of it in its present or last episode, and its newest changes and notices."""

    standing: Standing
    acknowledgements: tuple[Acknowledgement, ...]
    events: tuple[Event, ...]
    notices: tuple[Noted, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """A decision as it is kept, and what its KPIs did since it was taken."""

    row: Mapping[str, Any]
    effects: tuple[Effect, ...]
    is_late: bool


def alerts(workspace: Workspace, company: Company, *, everything: bool = False) -> list[Standing]:
    """The alerts that are not at rest, the worst first; with `everything` every rule. Raises StoreUnavailable."""
    with _reading(workspace, company) as connection:
        return standings(connection, company, workspace.now, everything=everything)


def details(
    workspace: Workspace, company: Company, alert: str, *, rule: str | None, segment: str | None, limit: int
) -> list[Detail]:
    """Every alert of a KPI or rule, those at rest included; raises UsageError when there is none."""
    with _reading(workspace, company) as connection:
        wanted = {
            (state.subject, state.rule, state.segment)
            for state in alerts_named(connection, company, alert, rule=rule, segment=segment)
        }
        every = standings(connection, company, workspace.now, everything=True)
        found = [each for each in every if (each.state.subject, each.state.rule, each.state.segment) in wanted]
        return [
            Detail(
                each,
                tuple(acknowledgements.history(connection, each.state)),
                tuple(record.events_of(connection, each.state, limit)),
                tuple(record.notices_of(connection, each.state, limit)),
            )
            for each in found
        ]


def silences_of(workspace: Workspace, company: Company, *, everything: bool = False) -> list[Silence]:
    """The silences in force and to come; with `everything` those that are over too."""
    with _reading(workspace, company) as connection:
        if everything:
            return silences.listed(connection, company.id)
        return silences.current(connection, company.id, workspace.now, also_future=True)


def decisions_of(workspace: Workspace, company: Company, *, open_only: bool = False) -> list[Followed]:
    """The decisions of a company, those that wait first, and of those that were taken whether it shows in the KPIs."""
    with _reading(workspace, company) as connection:
        rows = decisions.listed(connection, company.id, open_only=open_only)
    return [
        Followed(
            row,
            tuple(_effects(workspace, company, row)),
            row["decided_at"] is None and row["due_at"] <= workspace.now,
        )
        for row in rows
    ]


def who(
    workspace: Workspace, company: Company, alert: str, *, rule: str | None, level: Level | None
) -> list[tuple[Rule, Whom]]:
    """Who would be told if the alerts of a KPI, rule or source came to that level now; None: each to its mildest.

    Rules that cannot come to the level are left out. Raises UsageError when there is nothing of that name, or none can.
    """
    source = company.sources.get(alert.removeprefix("source/"))
    if source is not None and alert not in company.kpis:
        of_source = rule_of_data(FRESHNESS, (source.owner,))
        state = AlertState(company.id, f"source/{alert.removeprefix('source/')}", FRESHNESS)
        pairs = [(of_source, state)]
    else:
        with _reading(workspace, company) as connection:
            states = alerts_named(connection, company, alert, rule=rule)
        declared = [(rule_by_id(company, state.subject, state.rule), state) for state in states]
        pairs = [(found, state) for found, state in declared if found is not None]
    if not pairs:
        fault = "nothing declared is about it"
        raise UsageError(f"looking up {alert!r} of {company.id}", fault, remedy=f"See kpi alerts rules {company.id}")
    reached = [(found, state, _level(company, found, level)) for found, state in pairs]
    held = [each for each in silences_of(workspace, company) if each.starts_at <= workspace.now]
    told = [
        (found, whom(company, found, state, reaches, workspace.now, held))
        for found, state, reaches in reached
        if reaches is not None
    ]
    if not told:
        levels = {each for found, _ in pairs for each in levels_of(company, found)}
        can = ", ".join(sorted(levels, key=SEVERITY.__getitem__))
        doing = f"looking up who is told of {alert!r} of {company.id}"
        raise UsageError(doing, f"it cannot be {level}", remedy=f"It can be {can}")
    return told


def _level(company: Company, rule: Rule, wanted: Level | None) -> Level | None:
    """The level that is asked for, of a rule that can have it; else its mildest. What is found about data has any."""
    if rule.group == DATA_GROUP:
        return wanted or "warning"
    levels = levels_of(company, rule)
    return levels[0] if wanted is None else wanted if wanted in levels else None


def _effects(workspace: Workspace, company: Company, row: Mapping[str, Any]) -> list[Effect]:
    decided_at = row["decided_at"]
    if decided_at is None:
        return []
    rule = rule_by_id(company, row["subject"], row["rule"])
    kpis = (row["subject"],) if rule is None else rule.kpis
    today = workspace.now.astimezone(company.tz).date()
    found = []
    for kpi in kpis:
        first = decided_at.astimezone(company.tz).date() - LOOK_BACK
        rows = workspace.history.series(company.id, kpi, first, today, segment=row["segment"])
        effect = effect_of(kpi, rows, decided_at) if kpi in company.kpis else None
        found += [] if effect is None else [effect]
    return found


@contextmanager
def _reading(workspace: Workspace, company: Company) -> Iterator[Any]:
    engine = workspace.history.engine
    with answering(engine, f"reading the alerts of {company.id}"), engine.connect() as connection:
        yield connection

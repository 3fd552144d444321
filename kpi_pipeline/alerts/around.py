"""Reads what holds a notice back or hurries it: silences, mutes, stale sources, worse alerts, acknowledgements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from kpi_pipeline.alerts import acknowledgements, silences
from kpi_pipeline.alerts.calendar import working_time
from kpi_pipeline.alerts.matching import labels_of
from kpi_pipeline.alerts.model import FIRING, FRESHNESS, LOAD_FAILURE, SEVERITY, AlertState, Suppression
from kpi_pipeline.alerts.mutes import mute_of
from kpi_pipeline.alerts.silences import Silence
from kpi_pipeline.alerts.tables import alert_state, evaluation
from kpi_pipeline.alerts.tell import Acknowledged, Circumstances
from kpi_pipeline.catalogue.alerting import Step
from kpi_pipeline.catalogue.model import Company, Kpi, Rule
from kpi_pipeline.catalogue.spans import Span

CADENCE_OF = {
    "day": "daily",
    "week": "weekly",
    "fortnight": "every 2 weeks",
    "4 weeks": "every 4 weeks",
    "month": "monthly",
    "quarter": "quarterly",
    "year": "yearly",
}
ESCALATION = (
    Step(after=Span(1, "working_days"), to=("deputy",)),
    Step(after=Span(2, "working_days"), to=("management",)),
)


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known of a KPI's sources when it is judged: which they are, and up to when they were read and settled."""

    closed_until: datetime
    upstream: tuple[str, ...] = ()


def circumstances(
    connection: Connection,
    company: Company,
    rule: Rule,
    state: AlertState,
    now: datetime,
    *,
    upstream: Sequence[str],
    silenced: Sequence[Silence],
) -> Circumstances:
    """Everything that decides whether a notice about this alert leaves now."""
    stale = stale_sources(connection, company.id, state.subject, upstream)
    inhibited = bool(stale) or _worse_alert_fires(connection, state)
    known = acknowledgements.current(connection, state) if state.fires else None
    acknowledged = None if known is None else Acknowledged(known.level, known.until)
    return surroundings(company, rule, state, now, inhibited=inhibited, silenced=silenced, acknowledged=acknowledged)


def surroundings(
    company: Company,
    rule: Rule,
    state: AlertState,
    now: datetime,
    *,
    inhibited: bool,
    silenced: Sequence[Silence],
    acknowledged: Acknowledged | None = None,
) -> Circumstances:
    """The same of what is known already: of the first that holds of an inhibition, a mute and a silence."""
    kpi = company.kpis.get(state.subject)
    labels = labels_of(company, rule, state)
    mute = mute_of(company, labels, now)
    is_muted = mute is not None and not rule.bypass_mute
    suppressed: Suppression = ""
    if inhibited:
        suppressed = "inhibit"
    elif is_muted:
        suppressed = "mute"
    elif silences.silencing(silenced, labels):
        suppressed = "silence"
    return Circumstances(
        now=now,
        working=working_time(company, rule.calendar),
        suppressed=suppressed,
        bypassed="" if mute is None or is_muted else mute.id,
        acknowledged=acknowledged,
        escalation=escalation_of(company, rule),
        cadence=_cadence(rule, kpi),
        group_interval=company.alerts.group_interval,
    )


def _cadence(rule: Rule, kpi: Kpi | None) -> str:
    """How often there is something new to say: by the periods that the rule judges, else by the KPI."""
    if rule.every is not None:
        return CADENCE_OF[rule.every]
    return "daily" if kpi is None else kpi.cadence


def stale_sources(connection: Connection, company: str, kpi: str, upstream: Sequence[str]) -> list[str]:
    """The sources of a KPI that are stale or failed, or recovered after it was last judged: its value is still old."""
    if not upstream:
        return []
    judged_at = connection.execute(
        select(evaluation.c.at).where(evaluation.c.company == company, evaluation.c.kind == f"kpi:{kpi}")
    ).scalar_one_or_none()
    states = connection.execute(
        select(alert_state.c.subject, alert_state.c.phase, alert_state.c.told_at).where(
            alert_state.c.company == company,
            alert_state.c.subject.in_([f"source/{name}" for name in upstream]),
            alert_state.c.rule.in_((FRESHNESS, LOAD_FAILURE)),
        )
    ).all()
    late = {
        row.subject.removeprefix("source/")
        for row in states
        if row.phase in FIRING or (row.told_at is not None and (judged_at is None or row.told_at > judged_at))
    }
    return sorted(late)


def escalation_of(company: Company, rule: Rule) -> Sequence[Step]:
    """Who hears next of a critical alert that nobody acknowledges: by the rule, the company, or as usual."""
    if rule.escalation is not None:
        return rule.escalation
    return company.alerts.escalation or ESCALATION


def _worse_alert_fires(connection: Connection, state: AlertState) -> bool:
    """Whether another rule of the same KPI is critical while this one is milder.

    A rule never inhibits itself, and one that is paused knows nothing of today.
    """
    if not may_be_outdone(state):
        return False
    other = select(alert_state.c.rule).where(
        alert_state.c.company == state.company,
        alert_state.c.subject == state.subject,
        alert_state.c.segment == state.segment,
        alert_state.c.rule != state.rule,
        alert_state.c.phase.in_(FIRING),
        alert_state.c.level == "critical",
        alert_state.c.paused.is_(False),
    )
    return connection.execute(other.limit(1)).first() is not None


def may_be_outdone(state: AlertState) -> bool:
    """Whether a critical alert of the same KPI would say more than this one does."""
    return state.fires and SEVERITY[state.level] < SEVERITY["critical"]

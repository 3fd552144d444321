"""A notice as a rule would make it, of how things stand now: for trying channels and words. Nothing is written.

Where the KPI was never measured the notice has no value; what it says about time is made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from kpi_pipeline.alerts.compose import compose
from kpi_pipeline.alerts.content import kpi_content, rule_content, values_content
from kpi_pipeline.alerts.ledger import fingerprint
from kpi_pipeline.alerts.lines.base import Reader
from kpi_pipeline.alerts.matching import labels_of
from kpi_pipeline.alerts.message import Message, Told
from kpi_pipeline.alerts.model import DATA, AlertState, Level
from kpi_pipeline.alerts.routes import Route, routes_for
from kpi_pipeline.alerts.rules import levels_of, rules_of
from kpi_pipeline.catalogue.model import Company, Kpi, Rule
from kpi_pipeline.errors import UsageError
from kpi_pipeline.history.observation import Observation

State = Literal["firing", "resolved", "no_data"]
SINCE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Trial:
    """What would be told, and to whom."""

    message: Message
    routes: tuple[Route, ...]


def find_rule(company: Company, rule_id: str, kpi_id: str | None) -> Rule:
    """The rule by its id, and of which KPI where several have one of that id.

    Raises UsageError that names what there is.
    """
    rules = rules_of(company)
    named = [rule for rule in rules if rule.id == rule_id]
    found = [rule for rule in named if kpi_id is None or rule.kpi == kpi_id]
    doing = f"trying the rule {rule_id!r} of {company.id}"
    if not found:
        known = sorted({rule.id for rule in rules}) if not named else sorted(str(rule.kpi) for rule in named)
        what = "rule of that id" if not named else f"rule of that id about {kpi_id!r}"
        raise UsageError(doing, f"there is no {what}", remedy=f"Use one of {', '.join(known)}")
    if len(found) > 1:
        several = ", ".join(sorted(str(rule.kpi) for rule in found))
        raise UsageError(doing, f"{len(found)} KPIs have a rule of that id", remedy=f"Give --kpi, one of {several}")
    return found[0]


def trial(
    connection: Connection,
    reader: Reader,
    rule: Rule,
    state: State,
    latest: Mapping[str, Observation],
    now: datetime,
) -> Trial:
    """The message of a rule in a state, as of the newest values, and the channels that it would go to."""
    company = reader.company
    if state == "no_data":
        told = _data(company, rule, latest, now)
    else:
        told = _told(connection, company, rule, _level(company, rule, state), latest, now)
    key = fingerprint("trial", told.notice_id, now.isoformat())
    message = compose(reader, key, [told], notes=[reader.word("test")])
    marked = replace(message, headline=f"[TEST] {message.headline}", is_test=True)
    lines = tuple(replace(line, headline=f"[TEST] {line.headline}") for line in message.lines)
    standing = AlertState(company.id, told.subject, told.rule, phase="firing", level=_level(company, rule, "firing"))
    labels = {**labels_of(company, rule, standing), "severity": told.level}
    day = now.astimezone(company.tz).date()
    routes = routes_for(company, labels, told.content["owners"], ("owners", *rule.inform), day)
    return Trial(replace(marked, lines=lines), tuple(routes))


def _level(company: Company, rule: Rule, state: State) -> Level:
    """The gravest level that the rule can have, and of one with a day the level at which it is reached."""
    if state == "resolved":
        return "ok"
    levels = levels_of(company, rule)
    return levels[0] if rule.by is not None else levels[-1]  # a target with a day is reached, not missed


def _reason(rule: Rule, level: Level) -> str:
    if level == "ok":
        return "resolved"
    if rule.remind is not None:
        return "reminder"
    if rule.manual:
        return "ask"
    return "milestone" if rule.each is not None else "first_breach"


def _told(
    connection: Connection,
    company: Company,
    rule: Rule,
    level: Level,
    latest: Mapping[str, Observation],
    now: datetime,
) -> Told:
    kpi = None if rule.kpi is None else company.kpis[rule.kpi]
    row = None if kpi is None else latest.get(kpi.id, _never_measured(company, kpi, now))
    fired = _fired(company, rule, level if level != "ok" else _level(company, rule, "firing"), row, now)
    after = fired if level != "ok" else replace(fired, phase="ok", level="ok")
    if kpi is None or row is None or rule.all_of or rule.unless_all:
        content = {**rule_content(company, rule, fired, after), **values_content(company, rule, latest)}
    else:
        content = kpi_content(connection, company, rule, kpi, row, fired, after)
    further: dict[str, Any] = {
        "reason": _reason(rule, level),
        "before": "ok" if level != "ok" else fired.level,
        "acknowledged_by": None,
        "restated": [],
        "past": False,
        "resolved_at": now.isoformat() if level == "ok" else None,
        "mark": str(_mark(rule, row)),
        "manual": rule.manual.get(company.language, ""),
        "due": now.isoformat(),
        "incomplete": [],
    }
    return _as_told(company, rule.subject, rule.id, _reason(rule, level), level, {**content, **further}, now)


def _data(company: Company, rule: Rule, latest: Mapping[str, Observation], now: datetime) -> Told:
    """That the measurement which the rule needs is missing."""
    if not rule.kpis:
        raise UsageError(
            f"trying the rule {rule.id!r} of {company.id}",
            "it reads no KPI, so none can lack data",
            remedy="Use --state firing",
        )
    kpi = rule.kpis[0]
    row = latest.get(kpi)
    owners = company.alerts.data_owners or tuple(sorted({source.owner for source in company.sources.values()}))
    content = {
        "kpi": kpi,
        "owners": list(owners or company.kpis[kpi].owners),
        "due": now.astimezone(company.tz).date().isoformat(),
        "newest": None if row is None else row.day.isoformat(),
        "before": "ok",
    }
    return _as_told(company, kpi, DATA, "first_breach", "warning", content, now)


def _as_told(
    company: Company, subject: str, rule: str, reason: str, level: str, content: Mapping[str, Any], now: datetime
) -> Told:
    key = fingerprint("trial", company.id, subject, rule, reason)
    return Told(key, company.id, subject, rule, "", 1, reason, level, content, now)


def _fired(company: Company, rule: Rule, level: Level, row: Observation | None, now: datetime) -> AlertState:
    day = (now - SINCE).astimezone(company.tz).date() if row is None else row.day
    value = None if row is None else row.value
    return AlertState(
        company.id,
        rule.subject,
        rule.id,
        phase="firing",
        level=level,
        since_day=day,
        since_at=now - SINCE,
        judged_day=day,
        value=value,
        worst=value,
        episode=1,
    )


def _mark(rule: Rule, row: Observation | None) -> int:
    """The milestone that was passed last."""
    if rule.each is None:
        return 0
    value = 0 if row is None or row.value is None else row.value
    return max(rule.each, int(value // rule.each) * rule.each)


def _never_measured(company: Company, kpi: Kpi, now: datetime) -> Observation:
    """As much of an observation as there is of a KPI without one."""
    return Observation(
        company=company.id,
        kpi=kpi.id,
        day=now.astimezone(company.tz).date(),
        segment="",
        value=None,
        text_value=None,
        numerator=None,
        denominator=None,
        n=None,
        status="no_data",
        reason=None,
        target=str(kpi.target[-1]) if kpi.target else None,
        warning=None,
        critical=None,
        period_start=now,
        period_end=now,
        closed=True,
        provisional=False,
        definition_version=kpi.version,
        definition_hash=kpi.definition_hash,
        input_hash="",
    )

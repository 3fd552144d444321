"""What people do about alerts: silence, acknowledge, pause, decide. The command line and the UI's job both call these.

Each act is one transaction, says who did it and why, and returns what is so now, in the company's language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from kpi_pipeline.alerts import acknowledgements, decisions, pausing, silences, taken_up
from kpi_pipeline.alerts.matching import labels_of, matches, parse_matcher
from kpi_pipeline.alerts.model import AlertState
from kpi_pipeline.alerts.named import alerts_named, one_rule
from kpi_pipeline.alerts.rules import rule_by_id
from kpi_pipeline.alerts.standing import standings, title_of
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.display import instant_text
from kpi_pipeline.catalogue.rules.alert_routes import match_faults
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.errors import UsageError
from kpi_pipeline.flow import moments
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.database import writing

WORDS = {
    "nl": {
        "silenced": "gedempt tot {until}: {what}",
        "holds": "houdt nu tegen: {names}",
        "holds_none": "houdt nu niets tegen",
        "unsilenced": "niet meer gedempt: {what}",
        "acknowledged": "{title} is opgepakt door {by}, tot {until}",
        "unacknowledged": "{title} wordt weer herhaald",
        "paused": "{title} is gepauzeerd door {by}",
        "resumed": "{title} wordt weer beoordeeld",
        "decided": "besloten door {by}: {text}",
        "action": "actie voor {who}{due}",
        "due": ", uiterlijk {day}",
        "concluded": "uitkomst volgens {by}: {text}",
    },
    "en": {
        "silenced": "silenced until {until}: {what}",
        "holds": "now holds back: {names}",
        "holds_none": "holds nothing back now",
        "unsilenced": "no longer silenced: {what}",
        "acknowledged": "{title} is acknowledged by {by}, until {until}",
        "unacknowledged": "{title} repeats again",
        "paused": "{title} is paused by {by}",
        "resumed": "{title} is judged again",
        "decided": "decided by {by}: {text}",
        "action": "action for {who}{due}",
        "due": ", by {day}",
        "concluded": "outcome, says {by}: {text}",
    },
}


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: a line a fact for people, and the same for machines."""

    operation: str
    lines: tuple[str, ...]
    data: Mapping[str, Any] = field(default_factory=dict)


def silence(
    workspace: Workspace,
    company: Company,
    *,
    match: Sequence[str],
    until: str,
    by: str,
    reason: str,
    start: str | None = None,
) -> Done:
    """Hold back notices of the alerts that all of `match` match; raises UsageError for what names nothing."""
    now = workspace.now
    _check_matchers(company, match)
    with _acting(workspace, company, "silencing alerts") as connection:
        found = silences.add(
            connection,
            company.id,
            matchers=list(match),
            starts_at=now if start is None else moments.since(company, start, now),
            ends_at=moments.until(company, until, now),
            author=by,
            reason=reason,
            now=now,
        )
        held = [
            each.title
            for each in standings(connection, company, now)
            if each.rule is not None and each.state.fires
            if matches(found.matchers, labels_of(company, each.rule, each.state))
        ]
    words = WORDS[company.language]
    what = words["silenced"].format(until=_instant(company, found.ends_at), what=found.matched)
    holds = words["holds"].format(names=", ".join(held)) if held else words["holds_none"]
    return Done("silence", (what, holds), {"silence": found, "holds": held})


def unsilence(workspace: Workspace, company: Company, *, silence_id: str, by: str) -> Done:
    """End a silence before its time, by its id or the beginning of it."""
    with _acting(workspace, company, "ending a silence") as connection:
        found = silences.end(connection, company.id, silence_id, author=by, now=workspace.now)
    line = WORDS[company.language]["unsilenced"].format(what=found.matched)
    return Done("unsilence", (line,), {"silence": found.id, "by": by})


def acknowledge(
    workspace: Workspace,
    company: Company,
    *,
    alert: str,
    by: str,
    reason: str,
    until: str | None = None,
    rule: str | None = None,
    segment: str | None = None,
) -> Done:
    """Take the firing alerts of a KPI or rule in hand; without `until` for as long as alerts.yaml says (7 days)."""
    now = workspace.now
    end = now + company.alerts.acknowledged_for if until is None else moments.until(company, until, now)
    with _acting(workspace, company, f"acknowledging {alert}") as connection:
        states = _firing(alerts_named(connection, company, alert, rule=rule, segment=segment))
        for state in states:
            taken_up.take_up(connection, company, state, author=by, reason=reason, until=end, now=now)
    return _of_states("acknowledge", "acknowledged", company, states, by=by, until=end)


def unacknowledge(
    workspace: Workspace,
    company: Company,
    *,
    alert: str,
    by: str,
    reason: str = "",
    rule: str | None = None,
    segment: str | None = None,
) -> Done:
    """Take an acknowledgement back, so that the alert repeats and escalates again."""
    with _acting(workspace, company, f"taking back the acknowledgement of {alert}") as connection:
        firing = _firing(alerts_named(connection, company, alert, rule=rule, segment=segment))
        states = acknowledgements.held(connection, firing, workspace.now) or firing
        for state in states:
            taken_up.hand_back(connection, company, state, author=by, reason=reason, now=workspace.now)
    return _of_states("unacknowledge", "unacknowledged", company, states, by=by)


def pause(workspace: Workspace, company: Company, *, alert: str, by: str, reason: str, rule: str | None = None) -> Done:
    """Stop judging a rule, in all its segments, until somebody resumes it."""
    with _acting(workspace, company, f"pausing {alert}") as connection:
        states = one_rule(alerts_named(connection, company, alert, rule=rule), company.id, alert)
        for state in states:
            pausing.pause(connection, state, author=by, reason=reason, now=workspace.now)
    return _of_states("pause", "paused", company, states, by=by)


def resume(
    workspace: Workspace, company: Company, *, alert: str, by: str, reason: str, rule: str | None = None
) -> Done:
    """Judge a paused rule again; it catches up with what was measured meanwhile."""
    with _acting(workspace, company, f"resuming {alert}") as connection:
        named = alerts_named(connection, company, alert, rule=rule)
        states = one_rule([state for state in named if state.paused] or named, company.id, alert)
        for state in states:
            pausing.resume(connection, state, author=by, reason=reason, now=workspace.now)
    return _of_states("resume", "resumed", company, states, by=by)


def decide(
    workspace: Workspace,
    company: Company,
    *,
    decision_id: str,
    by: str,
    decision: str,
    action_owner: str | None = None,
    action_due: date | None = None,
) -> Done:
    """Write down what was decided, and who does what by when; raises UsageError for an action owner nobody knows."""
    if action_owner is not None and action_owner not in company.people:
        fault = f"there is no person {action_owner!r}{did_you_mean(action_owner, company.people)}"
        raise UsageError(f"deciding {decision_id!r} of {company.id}", fault, remedy="People stand in company.yaml")
    with _acting(workspace, company, f"deciding {decision_id}") as connection:
        row = decisions.decide(
            connection,
            company.id,
            decision_id,
            author=by,
            text=decision,
            action_owner=action_owner,
            action_due=action_due,
            now=workspace.now,
        )
    words = WORDS[company.language]
    lines = [row["question"], words["decided"].format(by=by, text=decision)]
    if action_owner is not None or action_due is not None:
        who = "–" if action_owner is None else company.people[action_owner].name
        due = "" if action_due is None else words["due"].format(day=action_due)
        lines.append(words["action"].format(who=who, due=due))
    return Done("decide", tuple(lines), {"decision": row})


def conclude(workspace: Workspace, company: Company, *, decision_id: str, by: str, outcome: str) -> Done:
    """Write down whether a decision worked."""
    with _acting(workspace, company, f"concluding {decision_id}") as connection:
        row = decisions.conclude(connection, company.id, decision_id, author=by, text=outcome, now=workspace.now)
    lines = (row["question"], str(row["decision"]), WORDS[company.language]["concluded"].format(by=by, text=outcome))
    return Done("conclude", lines, {"decision": row})


def _acting(workspace: Workspace, company: Company, doing: str) -> AbstractContextManager[Any]:
    return writing(workspace.history.engine, f"{doing} of {company.id}", company.id)


def _check_matchers(company: Company, texts: Sequence[str]) -> None:
    """A silence that names what there is not would hold nothing back, without a sound."""
    for text in texts:
        try:
            label, operator, wanted = parse_matcher(text)
        except ValueError as error:
            raise UsageError(f"silencing alerts of {company.id}", str(error), remedy="See the labels above") from None
        pattern = wanted if operator in ("=", "!=") else f"~{wanted}"
        for _, fault in match_faults(company, {label: pattern}):
            raise UsageError(
                f"silencing alerts of {company.id} that match {text!r}",
                fault,
                remedy=f"See kpi alerts rules {company.id}",
            )


def _firing(states: Sequence[AlertState]) -> list[AlertState]:
    """Those that fire; all of them when none does, so that the act itself says what is wrong."""
    return [state for state in states if state.fires] or list(states)


def _of_states(
    operation: str,
    word: str,
    company: Company,
    states: Sequence[AlertState],
    *,
    by: str,
    until: datetime | None = None,
) -> Done:
    frame = WORDS[company.language][word]
    shown = "" if until is None else _instant(company, until)
    titles = [title_of(company, rule_by_id(company, state.subject, state.rule), state) for state in states]
    alerts = [{"subject": state.subject, "rule": state.rule, "segment": state.segment} for state in states]
    lines = tuple(frame.format(title=title, by=by, until=shown) for title in titles)
    return Done(operation, lines, {"alerts": alerts, "by": by, "until": until})


def _instant(company: Company, instant: datetime) -> str:
    return instant_text(instant.astimezone(company.tz), company.language)

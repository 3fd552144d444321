"""What time alone brings: repeats, escalation, ended silences, reminders, missed targets, overdue decisions, gaps.

One pass a company, in one transaction, as often as somebody likes: a pass that comes late or twice tells the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from kpi_pipeline.alerts import announcing, clockwork, decisions, ledger, reviews, silences
from kpi_pipeline.alerts.around import circumstances
from kpi_pipeline.alerts.calendar import working_time
from kpi_pipeline.alerts.content import rule_content
from kpi_pipeline.alerts.deadline import deadline
from kpi_pipeline.alerts.judgement import BASELINE
from kpi_pipeline.alerts.matching import labels_of
from kpi_pipeline.alerts.model import SEVERITY, AlertState, Decision, Level, Notice
from kpi_pipeline.alerts.mutes import mute_of
from kpi_pipeline.alerts.policy import mature, resolved, turn
from kpi_pipeline.alerts.reminders import last_due
from kpi_pipeline.alerts.restated import Restated
from kpi_pipeline.alerts.rules import rule_of_data, rules_of
from kpi_pipeline.alerts.tables import alert_event
from kpi_pipeline.alerts.tell import tell
from kpi_pipeline.catalogue.alerting import OF_DATA, Remind
from kpi_pipeline.catalogue.model import Company, Rule
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.history.store import COLUMNS
from kpi_pipeline.history.tables import observation

SUMMARY, OVERDUE = "summary", "decision_overdue"


@dataclass(frozen=True, slots=True)
class Finding:
    """A level that something has now, told once when it changes: a stale source, a failed load, a missing measurement.

    `content` holds the headline facts; `owners` are those of the data.
    """

    subject: str
    rule: str
    level: Level
    owners: tuple[str, ...]
    content: Mapping[str, Any]
    evidence: str = ""
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """One pass: whose, when, what was found of its data, and which sources each KPI comes from."""

    company: Company
    now: datetime
    findings: Sequence[Finding] = ()
    upstream: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    incomplete: Sequence[Mapping[str, Any]] = ()


def watch(connection: Connection, run: Watch) -> list[str]:
    """Do the pass; the ids of the notices it made."""
    silenced = silences.current(connection, run.company.id, run.now)
    ids: list[str] = []
    for finding in run.findings:
        ids += set_level(connection, run.company, finding, run.now, silenced)
    rules = {(rule.subject, rule.id): rule for rule in rules_of(run.company)}
    lacking = {finding.subject: finding.evidence for finding in run.findings if finding.level != "ok"}
    for state in ledger.load_all(connection, run.company.id):
        rule = rules.get((state.subject, state.rule))
        if rule is None:
            _close_undeclared(connection, state, run.now)
            continue
        shown = _with_evidence(connection, run, rule, state, lacking)
        if _may_need_telling(shown):
            ids += _tend(connection, run, rule, shown, silenced)
    for rule in run.company.alerts.rules:
        if rule.remind is not None:
            ids += _remind(connection, run, rule, silenced)
        elif rule.by is not None:
            ids += _deadline(connection, run, rule, silenced)
    ids += _overdue(connection, run, silenced)
    ids += _summary(connection, run, silenced)
    clockwork.mark(connection, run.company.id, clockwork.WATCH, run.now)
    return ids


def _close_undeclared(connection: Connection, state: AlertState, now: datetime) -> None:
    """A rule that is no longer declared cannot go on firing; whoever took it out knows, so nobody is told."""
    if state.rule not in OF_DATA and (state.phase != "ok" or state.told_level != "ok"):
        closed = replace(resolved(state), told_level="ok", suppressed="", evidence="")
        ledger.save(connection, state, closed, "rule_no_longer_declared", day=None, now=now)


def set_level(
    connection: Connection, company: Company, finding: Finding, now: datetime, silenced: list[silences.Silence]
) -> list[str]:
    """Bring an alert to the level that was found and tell if that is news; nothing happens when it already is there."""
    before = ledger.load(connection, company.id, finding.subject, finding.rule, finding.segment)
    rule = rule_of_data(finding.rule, finding.owners)
    decision = turn(before, finding.level, now)
    state = replace(decision.state, evidence=finding.evidence if finding.level != "ok" else "")
    around = circumstances(connection, company, rule, state, now, upstream=(), silenced=silenced)
    told = tell(rule, state, replace(around, escalation=()))
    if told.state == before and not told.notices:
        return []
    ledger.save(connection, before, told.state, decision.why if not told.notices else told.why, day=None, now=now)
    words = {**rule_content(company, rule, before, told.state), **finding.content, "owners": list(finding.owners)}
    return _announce(connection, company, rule, before, told, words, now)


def _with_evidence(
    connection: Connection, run: Watch, rule: Rule, state: AlertState, lacking: Mapping[str, str]
) -> AlertState:
    """What the alert's readings lack now: an error or no data of one of its KPIs, or a stale source of theirs."""
    own = next((lacking[kpi] for kpi in rule.kpis if kpi in lacking), "")
    stale = next((name for kpi in rule.kpis for name in run.upstream.get(kpi, ()) if f"source/{name}" in lacking), None)
    evidence = own or ("stale" if stale is not None else "")
    if evidence == state.evidence or (state.evidence == "no_data" and _is_without_value(connection, rule, state)):
        return state
    after = replace(state, evidence=evidence)
    why = f"evidence_{evidence}" if evidence else "evidence_complete"
    ledger.save(connection, state, after, why, day=None, now=run.now)
    return after


def _is_without_value(connection: Connection, rule: Rule, state: AlertState) -> bool:
    """Whether the day that was judged last was measured and has no value, or its segment was not measured at all."""
    query = select(observation.c.value).where(
        observation.c.company == state.company,
        observation.c.kpi == rule.kpi,
        observation.c.segment == state.segment,
        observation.c.superseded_at.is_(None),
    )
    newest = connection.execute(query.order_by(observation.c.day.desc()).limit(1)).one_or_none()
    return newest is not None and (newest.value is None or bool(state.segment))


def _may_need_telling(state: AlertState) -> bool:
    return state.phase != "ok" or state.told_level != "ok" or bool(state.suppressed)


def _tend(
    connection: Connection, run: Watch, rule: Rule, before: AlertState, silenced: list[silences.Silence]
) -> list[str]:
    working = working_time(run.company, rule.calendar)
    ripe = mature(rule, before, working, run.now)
    ledger.save(connection, before, ripe.state, ripe.why, day=None, now=run.now)
    if ripe.state.episode > before.episode:
        decisions.open_for(connection, run.company, rule, ripe.state, working, run.now)
    upstream = tuple(sorted({name for kpi in rule.kpis for name in run.upstream.get(kpi, ())}))
    around = circumstances(connection, run.company, rule, ripe.state, run.now, upstream=upstream, silenced=silenced)
    told = tell(rule, ripe.state, around)
    ledger.save(connection, ripe.state, told.state, told.why, day=None, now=run.now)
    if not told.notices:
        return []
    words = _words(connection, run.company, rule, ripe.state, told.state)
    return _announce(connection, run.company, rule, ripe.state, told, words, run.now)


def _words(connection: Connection, company: Company, rule: Rule, before: AlertState, after: AlertState) -> Any:
    """As of the day that was judged last, with the value known now."""
    kpis = rule.kpis if rule.kpi is None or rule.all_of or rule.unless_all else (rule.kpi,)
    rows: dict[str, Recorded] = {}
    for kpi in kpis:
        query = select(*(observation.c[name] for name in COLUMNS)).where(
            observation.c.company == company.id,
            observation.c.kpi == kpi,
            observation.c.segment == after.segment,
            observation.c.day == after.judged_day,
            observation.c.superseded_at.is_(None),
        )
        row = connection.execute(query).one_or_none()
        if row is not None:
            rows[kpi] = Recorded(**row._mapping)
    if rule.kpi in rows and len(kpis) == 1:
        return announcing.of_kpi(connection, company, rule, company.kpis[rule.kpi], rows[rule.kpi], before, after)
    return announcing.of_several(company, rule, rows, before, after)


def _is_held(run: Watch, rule: Rule, state: AlertState, level: Level, silenced: Sequence[silences.Silence]) -> bool:
    """Whether a mute or silence keeps what is told once for later."""
    labels = {**labels_of(run.company, rule, state), "severity": level}
    is_muted = not rule.bypass_mute and mute_of(run.company, labels, run.now) is not None
    return is_muted or bool(silences.silencing(silenced, labels))


def _remind(connection: Connection, run: Watch, rule: Rule, silenced: Sequence[silences.Silence]) -> list[str]:
    """A reminder once for every time it is due; the first time a rule is seen nothing was missed yet."""
    if rule.remind is None:
        return []
    due = last_due(rule.remind, run.company.tz, run.now)
    state = ledger.load(connection, run.company.id, rule.subject, rule.id)
    if due is None or state.mark >= due.isoformat() or _is_held(run, rule, state, "info", silenced):
        return []
    marked = replace(state, mark=due.isoformat(), rule_hash=rule.rule_hash)
    listed = _listed(run, rule.remind, due)
    if state.mark == "" or state.paused or (rule.remind.only_if is not None and not listed):
        why = "paused" if state.paused else "first_mark" if state.mark == "" else "nothing_incomplete"
        ledger.save(connection, state, marked, why, day=None, now=run.now)
        return []
    told = replace(marked, episode=state.episode + 1, notices=state.notices + 1, since_at=run.now)
    ledger.save(connection, state, told, "reminder", day=None, now=run.now)
    if rule.decision is not None:
        decisions.open_for(connection, run.company, rule, told, working_time(run.company, rule.calendar), run.now)
    words = {**rule_content(run.company, rule, state, told), "due": due.isoformat(), "incomplete": listed}
    decision = Decision(told, "reminder", (Notice("reminder", "info"),))
    return _announce(connection, run.company, rule, state, decision, words, run.now)


def _listed(run: Watch, remind: Remind, due: datetime) -> list[Mapping[str, Any]]:
    """What a reminder that is only sent when something is lacking lists."""
    if remind.only_if == "incomplete":
        return list(run.incomplete)
    if remind.only_if == "overdue":
        return list(reviews.overdue(run.company, remind.every, due.astimezone(run.company.tz).date()))
    return []


def _deadline(connection: Connection, run: Watch, rule: Rule, silenced: Sequence[silences.Silence]) -> list[str]:
    state = ledger.load(connection, run.company.id, rule.subject, rule.id)
    judged = deadline(run.company, rule, state, run.now, lambda: _is_held(run, rule, state, "warning", silenced))
    for each in judged.steps:
        ledger.save(connection, each.before, each.after, each.why, day=each.day, now=run.now)
    if judged.fired is None:
        return []
    decisions.open_for(connection, run.company, rule, judged.fired, working_time(run.company, rule.calendar), run.now)
    words = (
        _words(connection, run.company, rule, state, judged.state)
        if not rule.manual
        else rule_content(run.company, rule, state, judged.state)
    )
    words = {**words, "manual": rule.manual.get(run.company.language, "")}
    decision = Decision(judged.state, judged.notices[0].reason, judged.notices)
    return _announce(connection, run.company, rule, state, decision, words, run.now)


def _overdue(connection: Connection, run: Watch, silenced: list[silences.Silence]) -> list[str]:
    """A decision that is not taken in time is an alert of its own, and over when it is taken."""
    ids = []
    for row in decisions.listed(connection, run.company.id):
        is_late = row["decided_at"] is None and run.now >= row["due_at"]
        subject = f"decision/{row['id']}"
        if not is_late and not ledger.load(connection, run.company.id, subject, OVERDUE).fires:
            continue
        finding = Finding(
            subject,
            OVERDUE,
            "warning" if is_late else "ok",
            tuple(row["owners"]),
            {
                "decision": row["id"],
                "question": row["question"],
                "due": row["due_at"].isoformat(),
                "of_rule": row["rule"],
                "of_subject": row["subject"],
            },
        )
        ids += set_level(connection, run.company, finding, run.now, silenced)
    return ids


def _summary(connection: Connection, run: Watch, silenced: Sequence[silences.Silence]) -> list[str]:
    """One notice for everything that already was wrong when it was first judged."""
    state = ledger.load(connection, run.company.id, "company", SUMMARY)
    seen = int(state.mark or 0)
    query = select(alert_event).where(
        alert_event.c.company == run.company.id, alert_event.c.why == BASELINE, alert_event.c.id > seen
    )
    rows = connection.execute(query.order_by(alert_event.c.id)).all()
    owners = sorted({owner for row in rows for owner in _owners(run.company, row.subject, row.rule)})
    rule = rule_of_data(SUMMARY, tuple(owners))
    if not rows or _is_held(run, rule, state, "warning", silenced):
        return []
    told = replace(state, mark=str(rows[-1].id), episode=state.episode + 1, notices=state.notices + 1, since_at=run.now)
    ledger.save(connection, state, told, SUMMARY, day=None, now=run.now)
    listed = [
        {
            "subject": row.subject,
            "rule": row.rule,
            "level": row.level,
            "since": row.changes.get("since_day"),
            "value": row.changes.get("value"),
        }
        for row in rows
    ]
    words = {**rule_content(run.company, rule, state, told), "alerts": listed, "owners": owners}
    worst = max((row.level for row in rows), key=SEVERITY.__getitem__)
    decision = Decision(told, SUMMARY, (Notice(SUMMARY, worst),))
    return _announce(connection, run.company, rule, state, decision, words, run.now)


def _owners(company: Company, subject: str, rule_id: str) -> Sequence[str]:
    rule = next((each for each in rules_of(company) if (each.subject, each.id) == (subject, rule_id)), None)
    kpi = company.kpis.get(subject)
    if rule is not None and rule.owners:
        return rule.owners
    return () if kpi is None else kpi.owners


def _announce(
    connection: Connection,
    company: Company,
    rule: Rule,
    before: AlertState,
    decision: Decision,
    words: dict[str, Any],
    now: datetime,
) -> list[str]:
    return announcing.announce_all(
        connection,
        company,
        rule,
        before,
        decision.state,
        decision.notices,
        lambda _before, _after: words,
        Restated(),
        run_id="",
        now=now,
    )

"""Where every alert of a company stands now, with what holds it back and who has it in hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from kpi_pipeline.alerts import acknowledgements, ledger, pausing, silences
from kpi_pipeline.alerts.acknowledgements import Acknowledgement
from kpi_pipeline.alerts.matching import labels_of
from kpi_pipeline.alerts.model import SEVERITY, AlertState
from kpi_pipeline.alerts.mutes import muted_until
from kpi_pipeline.alerts.pausing import Pause
from kpi_pipeline.alerts.rules import rules_of
from kpi_pipeline.alerts.silences import Silence
from kpi_pipeline.alerts.tables import decision
from kpi_pipeline.catalogue.alerting import OF_DATA
from kpi_pipeline.catalogue.model import Company, Rule
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.history.store import COLUMNS
from kpi_pipeline.history.tables import observation


@dataclass(frozen=True, slots=True)
class Standing:
    """One alert: its state, the value it was judged by, and what people did about it.

    `state` is as of now: a silence counts from when it begins, not from the next look. `rule` is None for what is found
    about data, and for a rule that is no longer declared. `silence` is the one in force that ends last, `muted_until`
    the end of quiet hours, `next_repeat` None when it is not told again.
    """

    state: AlertState
    rule: Rule | None
    title: str
    owners: tuple[str, ...]
    row: Recorded | None
    silence: Silence | None
    muted_until: datetime | None
    acknowledged: Acknowledgement | None
    pause: Pause | None
    decisions: tuple[str, ...]

    @property
    def next_repeat(self) -> datetime | None:
        if self.state.paused or self.state.repeat_at is None:
            return None
        until = None if self.acknowledged is None else self.acknowledged.until
        return self.state.repeat_at if until is None else max(until, self.state.repeat_at)

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to say about it."""
        return self.state.shown == "ok" and self.state.told_level == "ok" and not self.decisions


def standings(connection: Connection, company: Company, now: datetime, *, everything: bool = False) -> list[Standing]:
    """Every alert that is not at rest, the worst first; with `everything` also those at rest and never judged."""
    rules = {(rule.subject, rule.id): rule for rule in rules_of(company)}
    known = ledger.load_all(connection, company.id)
    judged = {(state.subject, state.rule) for state in known}
    states = [*known, *(AlertState(company.id, *key) for key in rules if everything and key not in judged)]
    states = [state for state in states if (state.subject, state.rule) in rules or _is_of_data(state)]
    silenced = silences.current(connection, company.id, now)
    open_ = _open_decisions(connection, company.id)
    found = [
        _standing(connection, company, rules.get((state.subject, state.rule)), state, now, silenced, open_)
        for state in states
    ]
    return sorted((each for each in found if everything or not each.is_quiet), key=_worst_first)


def _is_of_data(state: AlertState) -> bool:
    """Something found about data that was ever told, or is held back; what never was wrong is no alert."""
    return state.rule in OF_DATA and (state.episode > 0 or state.paused)


def _standing(
    connection: Connection,
    company: Company,
    rule: Rule | None,
    state: AlertState,
    now: datetime,
    silenced: Sequence[Silence],
    open_: Mapping[tuple[str, str, str], tuple[str, ...]],
) -> Standing:
    labels = None if rule is None else labels_of(company, rule, state)
    matching = [] if labels is None else silences.silencing(silenced, labels)
    known = acknowledgements.current(connection, state) if state.fires else None
    kpi = company.kpis.get(state.subject)
    owners = rule.owners if rule is not None and rule.owners else () if kpi is None else kpi.owners
    is_silenced = matching and not state.suppressed and (state.fires or state.told_level != "ok")
    return Standing(
        state=replace(state, suppressed="silence") if is_silenced else state,
        rule=rule,
        title=title_of(company, rule, state),
        owners=owners,
        row=None if kpi is None else _judged(connection, state),
        silence=matching[0] if matching else None,
        muted_until=None if labels is None or state.suppressed != "mute" else muted_until(company, labels, now),
        acknowledged=known if known is not None and known.holds(state, now) else None,
        pause=pausing.current(connection, state),
        decisions=open_.get((state.subject, state.rule, state.segment), ()),
    )


def title_of(company: Company, rule: Rule | None, state: AlertState) -> str:
    """What people call it: the rule's name, else that of its KPI, else its subject."""
    named = "" if rule is None else rule.title(company.language)
    kpi = company.kpis.get(state.subject)
    return named or (state.subject if kpi is None else kpi.title(company.language))


def _judged(connection: Connection, state: AlertState) -> Recorded | None:
    """The observation of the day that was judged last, as it is known now."""
    query = select(*(observation.c[name] for name in COLUMNS)).where(
        observation.c.company == state.company,
        observation.c.kpi == state.subject,
        observation.c.segment == state.segment,
        observation.c.day == state.judged_day,
        observation.c.superseded_at.is_(None),
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Recorded(**row._mapping)


def _open_decisions(connection: Connection, company: str) -> Mapping[tuple[str, str, str], tuple[str, ...]]:
    query = select(decision).where(decision.c.company == company, decision.c.decided_at.is_(None))
    found: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for row in connection.execute(query.order_by(decision.c.due_at, decision.c.id)):
        key = (row.subject, row.rule, row.segment)
        found[key] = (*found.get(key, ()), row.id)
    return found


def _worst_first(standing: Standing) -> tuple[int, bool, str, str, str]:
    state = standing.state
    return (-SEVERITY[state.actual], state.shown == "ok", state.subject, state.rule, state.segment)

"""Which alerts somebody means who writes the id of a KPI, a rule, or another subject such as source/stripe."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from kpi_pipeline.alerts import ledger
from kpi_pipeline.alerts.model import AlertState
from kpi_pipeline.alerts.rules import rules_of
from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.errors import UsageError


def alerts_named(
    connection: Connection, company: Company, name: str, *, rule: str | None = None, segment: str | None = None
) -> list[AlertState]:
    """The alerts of that subject or rule, those never judged included; `rule` and `segment` narrow them.

    Raises UsageError, with what was probably meant, when there is none.
    """
    every = _every(connection, company)
    found = [state for state in every if name in (state.subject, state.rule)]
    doing, remedy = f"looking up the alert {name!r} of {company.id}", f"See kpi alerts rules {company.id}"
    if not found:
        known = {state.subject for state in every} | {state.rule for state in every}
        raise UsageError(doing, f"there is no such KPI, rule or source{did_you_mean(name, known)}", remedy=remedy)
    for what, wanted in (("rule", rule), ("segment", segment)):
        if wanted is None:
            continue
        have = sorted({getattr(state, what) for state in found})
        found = [state for state in found if getattr(state, what) == wanted]
        if not found:
            fault = f"it has no {what} {wanted!r}{did_you_mean(wanted, have)}; it has {', '.join(have)}"
            raise UsageError(doing, fault, remedy=remedy)
    return found


def one_rule(states: Iterable[AlertState], company: str, name: str) -> list[AlertState]:
    """The states of one rule, in all its segments; raises UsageError that lists the rules when there are several."""
    states = list(states)
    rules = sorted({state.rule for state in states})
    if len(rules) > 1:
        raise UsageError(
            f"looking up the alert {name!r} of {company}",
            f"several rules are about it: {', '.join(rules)}",
            remedy="Say which one with --rule",
        )
    return states


def _every(connection: Connection, company: Company) -> list[AlertState]:
    found = {ledger.identity_of(state): state for state in ledger.load_all(connection, company.id)}
    judged = {(state.subject, state.rule) for state in found.values()}
    declared = [AlertState(company.id, rule.subject, rule.id) for rule in rules_of(company)]
    return [*found.values(), *(state for state in declared if (state.subject, state.rule) not in judged)]

"""The audit of a company: every KPI against its own history, and what has to agree against each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.catalogue.materiality import materiality
from kpi_pipeline.catalogue.model import Explanation, Reconciliation
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history import verdicts
from kpi_pipeline.history.audits import audit as against_history
from kpi_pipeline.history.verdicts import Verdict
from kpi_pipeline.metrics.uses import facts_of
from kpi_pipeline.reports.audited import Audited, as_json, audited
from kpi_pipeline.reports.render import write

FILE = "kpi-audit.json"
# A rolling window is compared with half a year of weekdays, a period to date with the year before.
ROLLING, TO_DATE = timedelta(days=190), timedelta(days=430)


def run_audit(workspace: Workspace, company: Company, day: date | None = None, *, run_id: str) -> Audited:
    """Audit a company as of a day (default: yesterday), keep the verdicts, write kpi-audit.json; returns what is known.

    Raises StoreUnavailable when history or the reports folder cannot be written.
    """
    until = yesterday(workspace, company) if day is None else day
    found = [*_of_kpis(workspace, company, until), *_of_rules(workspace, company, until)]
    explained = [_explained(company, each, workspace.now.astimezone(company.tz).date()) for each in found]
    now = workspace.known_at(company)
    verdicts.save(workspace.history, company.id, explained, run_id=run_id, now=now)
    result = audited(workspace.history, company, until, known_at=now)
    write(as_json(company, result).decode(), audit_file(workspace, company))
    return result


def audit_file(workspace: Workspace, company: Company) -> Path:
    return workspace.settings.reports_root / company.id / FILE


def yesterday(workspace: Workspace, company: Company) -> date:
    """The last business day that is over."""
    return workspace.now.astimezone(company.tz).date() - timedelta(days=1)


def _of_kpis(workspace: Workspace, company: Company, until: date) -> Iterator[Verdict]:
    for kpi in company.kpis.values():
        span = TO_DATE if kpi.window.startswith("calendar") else ROLLING
        rows = workspace.history.series(company.id, kpi.id, until - span, until)
        final = [row for row in rows if row.closed and not row.provisional]
        yield from against_history(kpi.id, final, materiality(kpi.unit, kpi.material))


def _of_rules(workspace: Workspace, company: Company, day: date) -> Iterator[Verdict]:
    for rule in company.audit.reconcile:
        sides = [_measured(workspace, company, side, day) for side in (rule.left, rule.right)]
        yield _reconciled(rule, day, *sides)


def _measured(workspace: Workspace, company: Company, side: Kpi | str, day: date) -> Decimal | None:
    kpi = company.kpis[side] if isinstance(side, str) else side
    workspace.facts(company).materialise(facts_of(kpi, company))
    found = workspace.engine(company).measure(kpi, day, day)
    return found[-1].value if found else None


def _reconciled(rule: Reconciliation, day: date, left: Decimal | None, right: Decimal | None) -> Verdict:
    bare = Verdict(rule.id, rule.id, day, "not_evaluated", rule.kpis, left=left, right=right)
    if left is None or right is None:
        return replace(bare, reason="no_value")
    allowed = materiality(rule.unit, rule.tolerance).least(max(abs(left), abs(right)))
    difference = left - right
    agrees = abs(difference) <= allowed
    return replace(
        bare,
        verdict="ok" if agrees else "differs",
        difference=difference,
        allowed=allowed.quantize(Decimal("0.000001")),
    )


def _explained(company: Company, verdict: Verdict, today: date) -> Verdict:
    """A difference that somebody explained is no open one, until the explanation expires."""
    if not verdict.is_open:
        return verdict
    said = [each for each in company.audit.explained if each.holds(verdict.rule, verdict.subject, verdict.day)]
    standing = next(_standing(said, today), None)
    if standing is not None:
        return replace(verdict, verdict="explained", reason=standing.reason, by=standing.by, expires=standing.expires)
    return replace(verdict, reason="explanation_expired", by=said[-1].by, expires=said[-1].expires) if said else verdict


def _standing(said: Iterable[Explanation], today: date) -> Iterator[Explanation]:
    return (each for each in said if today <= each.expires)

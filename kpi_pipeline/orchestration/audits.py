"""The audit asset: after the KPIs of a run, before its reports; each kind of audit is a check of it."""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from kpi_pipeline.catalogue import Company
from kpi_pipeline.flow.audited import audit_file, run_audit
from kpi_pipeline.history.verdicts import QUIET, Aged
from kpi_pipeline.orchestration import naming
from kpi_pipeline.orchestration.failures import failing_as_dagster
from kpi_pipeline.orchestration.resources import WorkspaceParam
from kpi_pipeline.reports.audited import Audited, title

AUDIT = "audit"
DESCRIPTIONS = {
    "level": "Every KPI is where a week ago and its usual change put it.",
    "trend": "No KPI made a step since yesterday that is out of line with its steps before.",
    "volume": "No KPI is computed from far fewer records than on comparable days.",
}


def audit_key(company: Company) -> dg.AssetKey:
    return naming.report_key(company.id, AUDIT)


def audit_asset(company: Company) -> dg.AssetsDefinition:
    """Verdicts of level, trend, volume and of every reconciliation the company declares; none of them blocks."""
    key = audit_key(company)
    texts = DESCRIPTIONS | {
        f"reconciles_{rule.id}": f"{rule.title(company.language)}. {rule.reading}".rstrip()
        for rule in company.audit.reconcile
    }

    @dg.asset(
        key=key,
        deps=[naming.kpi_key(company.id, kpi.id) for kpi in company.headline_kpis()],
        group_name=naming.group(company.id, "report"),
        kinds={"json"},
        tags={"company": company.id, "layer": "report"},
        description="Every KPI against its own history, and what has to agree against each other: kpi-audit.json.",
        check_specs=[dg.AssetCheckSpec(name, asset=key, description=text) for name, text in texts.items()],
    )
    def audit(context: dg.AssetExecutionContext, workspace: WorkspaceParam) -> dg.MaterializeResult:
        with failing_as_dagster():
            found = run_audit(workspace.open, company, run_id=context.run.run_id)
        workspace.progress("report audit", 1)
        return dg.MaterializeResult(
            metadata={
                "file": dg.MetadataValue.path(str(audit_file(workspace.open, company))),
                "day": found.day.isoformat(),
                **{verdict: count for verdict, count in found.counts.items() if count},
            },
            check_results=list(_checks(company, key, found)),
        )

    return audit


def _checks(company: Company, key: dg.AssetKey, found: Audited) -> Iterator[dg.AssetCheckResult]:
    for rule in QUIET:
        mine = [each for each in found.found if each.verdict.rule == rule]
        yield _check(company, key, rule, mine)
    for rule in (each.id for each in company.audit.reconcile):
        yield _check(company, key, f"reconciles_{rule}", [each for each in found.found if each.verdict.rule == rule])


def _check(company: Company, key: dg.AssetKey, name: str, mine: Sequence[Aged]) -> dg.AssetCheckResult:
    """Passed only where something was judged and nothing is open: what was not evaluated is not good."""
    is_open = [each for each in mine if each.verdict.is_open]
    judged = [each for each in mine if each.verdict.verdict != "not_evaluated"]
    metadata: dict[str, Any] = {"judged": len(judged), "open": len(is_open)}
    if is_open:
        metadata["what is open"] = dg.MetadataValue.md(_table(company, is_open))
    return dg.AssetCheckResult(
        passed=bool(judged) and not is_open,
        severity=dg.AssetCheckSeverity.WARN,
        check_name=name,
        asset_key=key,
        description="" if judged else "nothing could be judged yet",
        metadata=metadata,
    )


def _table(company: Company, found: Sequence[Aged]) -> str:
    lines = ["| what | day | found | expected | off by | open for |", "|---|---|---|---|---|---|"]
    for each in found:
        verdict = each.verdict
        left, right = (verdict.value, verdict.expected) if verdict.rule in QUIET else (verdict.left, verdict.right)
        off = f"{verdict.score} σ" if verdict.rule in QUIET else f"{verdict.difference} (allowed {verdict.allowed})"
        lines.append(f"| {title(company, each)} | {verdict.day} | {left} | {right} | {off} | {each.age_days} days |")
    return "\n".join(lines)

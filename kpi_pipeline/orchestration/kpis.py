"""KPI assets: one a KPI, with its companions; a failing KPI does not take its neighbours down."""

import base64
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg

from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.catalogue.display import kpi_text, status_text, threshold_text
from kpi_pipeline.catalogue.evidence import evidence_text
from kpi_pipeline.catalogue.model import in_force
from kpi_pipeline.flow import registers
from kpi_pipeline.flow.measure import Measured, measure
from kpi_pipeline.flow.pages import page_path
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.metrics import words
from kpi_pipeline.metrics.uses import facts_of
from kpi_pipeline.orchestration import naming
from kpi_pipeline.orchestration.failures import RETRIES, failing_as_dagster
from kpi_pipeline.orchestration.landing import ONE_HOUR, SIX_HOURS
from kpi_pipeline.orchestration.partitions import days_of, months
from kpi_pipeline.orchestration.resources import WorkspaceParam
from kpi_pipeline.orchestration.tags import month_of
from kpi_pipeline.reports.charts import resolved, sparkline

CHECK = "within_thresholds"
TREND_DAYS = 180
TREND_SIZE = (640, 160)
SHOWN_DAYS = 7


def kpi_asset(company: Company, kpi: Kpi, file: Path) -> dg.AssetsDefinition:
    """One KPI of a company; `file` is the YAML file that declares it."""
    together = [kpi, *company.companions(kpi.id)]
    facts = sorted({fact for each in together for fact in facts_of(each, company)})
    key = naming.kpi_key(company.id, kpi.id)

    @dg.asset(
        key=key,
        deps=[naming.fact_key(company.id, fact) for fact in facts],
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name=naming.group(company.id, "kpi"),
        owners=sorted({naming.owner(company.id, _role(company, owner)) for owner in kpi.owners}),
        kinds={"ibis", "sqlalchemy"},
        tags={"company": company.id, "layer": "kpi", "kind": kpi.kind, "unit": kpi.unit, "cadence": _tag(kpi.cadence)},
        description=description(company, kpi),
        metadata={
            "unit": kpi.unit,
            "dagster/code_references": dg.CodeReferencesMetadataValue(
                code_references=[
                    dg.LocalFileCodeReference(file_path=str(file), line_number=kpi.line, label="definition")
                ]
            ),
        },
        check_specs=[
            dg.AssetCheckSpec(CHECK, asset=key, description="The newest complete value is inside its thresholds.")
        ],
        retry_policy=RETRIES,
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=2 * SIX_HOURS, warn_window=SIX_HOURS + ONE_HOUR),
    )
    def measured_kpi(context: dg.AssetExecutionContext, workspace: WorkspaceParam) -> dg.MaterializeResult:
        first, last = days_of(context.partition_keys)
        opened = workspace.open
        with failing_as_dagster():
            found = measure(opened, company, together, first, last, run_id=context.run.run_id)
            trend = opened.history.series(company.id, kpi.id, date.min, last)[-TREND_DAYS:]
            newest = found[0].observations[-1].day if found[0].observations else None
            signed = None if newest is None else registers.by_hand(opened, company, kpi, newest)
        workspace.progress(f"kpi {kpi.id}", len(found[0].observations))
        for month, value in month_values(found[0]).items():
            context.add_asset_metadata({"value": value}, asset_key=key, partition_key=month)
        return dg.MaterializeResult(
            metadata=_metadata(company, found, [row.value for row in trend])
            | {"page": dg.MetadataValue.path(str(page_path(opened.settings.reports_root, company, kpi)))}
            | ({} if signed is None else {"filled in": registers.note(company, signed)}),
            check_results=[_check(company, kpi, key, found[0])],
        )

    return measured_kpi


def description(company: Company, kpi: Kpi) -> str:
    """Markdown for the UI: what is counted, against what, for whom, and where it comes from."""
    language = company.language
    parts = [f"**{kpi.title(language)}**", words.describe(company, kpi, language)]
    day = date.max
    marks = {"Target": kpi.target, "Warning": kpi.warning, "Critical": kpi.critical}
    lines = [
        f"- {label}: {threshold_text(in_force(thresholds, day), kpi.unit, language)}"
        for label, thresholds in marks.items()
        if thresholds
    ]
    parts.append("\n".join(lines))
    if kpi.reading:
        parts.append(f"How it is read: {kpi.reading}")
    parts.append(f"Origin: {kpi.origin}. Version {kpi.version}, `{kpi.definition_hash}`.")
    companions = company.companions(kpi.id)
    if companions:
        listed = "\n".join(f"- `{each.id}`: {words.describe(company, each, language)}" for each in companions)
        parts.append(f"Companions, computed with it:\n{listed}")
    parts.extend(f"**Contradiction**: {text}" for text in kpi.contradiction)
    parts.append(f"Definition page, written with the reports: `{page_path(Path('reports'), company, kpi)}`")
    parts.append(f"Explain a value: `kpi explain {company.id} {kpi.id}`")
    return "\n\n".join(part for part in parts if part)


def month_values(measured: Measured) -> dict[str, float]:
    """The last value of each month, for Dagster's plot by partition; a month without a value has no point."""
    return {month_of(row.day): float(row.value) for row in measured.observations if row.value is not None}


def _check(company: Company, kpi: Kpi, key: dg.AssetKey, measured: Measured) -> dg.AssetCheckResult:
    complete = [row for row in measured.observations if row.closed and not row.provisional]
    newest = complete[-1] if complete else None
    status = "no_data" if newest is None else newest.status
    return dg.AssetCheckResult(
        passed=status not in ("warning", "critical"),
        severity=dg.AssetCheckSeverity.ERROR if status == "critical" else dg.AssetCheckSeverity.WARN,
        check_name=CHECK,
        asset_key=key,
        description=status_text(status, company.language),
        metadata={"newest complete days": dg.MetadataValue.md(_table(company, kpi, complete[-SHOWN_DAYS:]))},
    )


def _table(company: Company, kpi: Kpi, rows: list[Observation]) -> str:
    language = company.language
    lines = ["| day | value | divided from; n | status |", "|---|---|---|---|"]
    for row in rows:
        value = kpi_text(kpi, row.value, language, reason=row.reason)
        sides = {"numerator": row.numerator, "denominator": row.denominator}
        said = evidence_text(company, kpi, language, value=row.value, n=row.n, **sides)
        lines.append(f"| {row.day} | {value} | {said} | {status_text(row.status, language)} |")
    return "\n".join(lines)


def _metadata(company: Company, found: list[Measured], trend: list[Decimal | None]) -> dict[str, Any]:
    """What people want to see of a run. Of all of it only the value of a month is a number, so that it is plotted."""
    main = found[0]
    counts = {name: sum(getattr(each.outcome, name) for each in found) for name in ("written", "revised", "unchanged")}
    metadata: dict[str, Any] = {
        "newest days": dg.MetadataValue.md(_table(company, main.kpi, list(main.observations[-SHOWN_DAYS:]))),
        "recorded": f"{len(main.observations)} days; {counts['written']} values new, {counts['revised']} revised, "
        f"{counts['unchanged']} unchanged",
    }
    drawn = _trend(company, main.kpi, trend)
    return metadata | ({"trend": dg.MetadataValue.md(drawn)} if drawn else {})


def _trend(company: Company, kpi: Kpi, values: list[Decimal | None]) -> str:
    """The last days as a picture, with what it reaches from and to; "" without a value."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    language, target = company.language, in_force(kpi.target, date.max)
    line = sparkline(values, None if target is None else target.value, kpi.title(language), TREND_SIZE)
    encoded = base64.b64encode(resolved(line).encode()).decode()
    lowest, highest, last = (kpi_text(kpi, value, language) for value in (min(known), max(known), known[-1]))
    said = f"{len(values)} days: lowest {lowest}, highest {highest}, last {last}"
    aim = "" if target is None else f"; dashed: target {threshold_text(target, kpi.unit, language)}"
    return f"![{said}](data:image/svg+xml;base64,{encoded})\n\n{said}{aim}"


def _role(company: Company, owner: str) -> str:
    return company.rotas[owner].name if owner in company.rotas else company.people[owner].role


def _tag(text: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in text)[:60]

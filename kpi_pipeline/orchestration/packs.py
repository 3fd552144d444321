"""Periodic reports as assets partitioned by their periods, each with a schedule at its hour in the company's zone.

A period is a partition: its key is its first day where Dagster can count the periods itself, its name (2026-W45-W48)
where it cannot. What a schedule missed is made by `due_reports` in the next run of everything.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import dagster as dg

from kpi_pipeline import clock
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Report
from kpi_pipeline.catalogue.periods import Period, newest_due, ready_at
from kpi_pipeline.flow.packs import Made, Sending, is_newest_due, make, make_due
from kpi_pipeline.orchestration import naming
from kpi_pipeline.orchestration.audits import audit_key
from kpi_pipeline.orchestration.failures import RETRIES, failing_as_dagster
from kpi_pipeline.orchestration.partitions import FIRST_MONTH
from kpi_pipeline.orchestration.resources import WorkspaceParam
from kpi_pipeline.orchestration.tags import COMPANY_TAG

DUE = "due_reports"
AHEAD = 13  # periods that a running code server knows of before it is reloaded: a year of four weeks
STARTS = {"day": "0 0 * * *", "week": "0 0 * * 1", "month": "0 0 1 * *", "quarter": "0 0 1 */3 *", "year": "0 0 1 1 *"}


def pack_key(company: Company, report: Report) -> dg.AssetKey:
    return naming.report_key(company.id, report.id)


def partitions_of(company: Company, report: Report) -> dg.PartitionsDefinition:
    """The periods of a report since there are months, the running one included."""
    unit = report.period.unit
    if unit in STARTS:
        return dg.TimeWindowPartitionsDefinition(
            start=f"{FIRST_MONTH}-01", fmt="%Y-%m-%d", cron_schedule=STARTS[unit], end_offset=1, timezone=company.zone
        )
    first = date.fromisoformat(f"{FIRST_MONTH}-01")
    period = report.period.containing(first)
    names = [period.name]
    last = clock.now().astimezone(company.tz).date()
    while unit != "once" and period.first <= last:
        period = report.period.after(period)
        names.append(period.name)
    for _ in range(0 if unit == "once" else AHEAD):
        period = report.period.after(period)
        names.append(period.name)
    return dg.StaticPartitionsDefinition(names)


def period_of(report: Report, key: str) -> Period:
    """The period of a partition."""
    if report.period.unit in STARTS:
        return report.period.containing(date.fromisoformat(key))
    return report.period.named(key)


def key_of(report: Report, period: Period) -> str:
    return period.first.isoformat() if report.period.unit in STARTS else period.name


def pack_asset(company: Company, report: Report) -> dg.AssetsDefinition:
    """One report, a partition a period."""

    @dg.asset(
        key=pack_key(company, report),
        deps=[audit_key(company)],  # after every KPI, and after the verdicts that are on its pages
        partitions_def=partitions_of(company, report),
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name=naming.group(company.id, "report"),
        owners=sorted({naming.owner(company.id, company.role_of(owner)) for owner in report.owners}),
        kinds=set(report.formats),
        tags={"company": company.id, "layer": "report"},
        description=_description(company, report),
        retry_policy=RETRIES,
    )
    def pack(context: dg.AssetExecutionContext, workspace: WorkspaceParam) -> dg.MaterializeResult:
        made: list[Made] = []
        with failing_as_dagster():
            for key in context.partition_keys:
                period = period_of(report, key)
                sending: Sending = "once" if is_newest_due(workspace.open, company, report, period) else "no"
                made += make(workspace.open, company, report, period, sending=sending)
        workspace.progress(f"report {report.id}", len(made))
        return dg.MaterializeResult(metadata=_metadata(made))

    return pack


def due_reports_asset(company: Company) -> dg.AssetsDefinition:
    """Every report whose newest due period nobody has made yet: what a schedule missed while nothing ran."""

    @dg.asset(
        key=naming.report_key(company.id, DUE),
        deps=[audit_key(company)],
        group_name=naming.group(company.id, "report"),
        kinds={"html"},
        tags={"company": company.id, "layer": "report"},
        description="Makes the reports that are due and were not made: each once, as known when it is made.",
    )
    def due_reports(context: dg.AssetExecutionContext, workspace: WorkspaceParam) -> dg.MaterializeResult:
        with failing_as_dagster():
            made = make_due(workspace.open, company)
        context.log.info(f"made {len(made)} files")
        for event in _materializations(company, made):
            context.log_event(event)
        workspace.progress("report due", len(made))
        return dg.MaterializeResult(metadata=_metadata(made))

    return due_reports


def _materializations(company: Company, made: Sequence[Made]) -> list[dg.AssetMaterialization]:
    """A report of a period that was made is there in the UI too, whoever made it."""
    groups: dict[tuple[str, str], list[Made]] = {}
    for each in made:
        groups.setdefault((each.report, each.period), []).append(each)
    found = []
    for (name, period), files in groups.items():
        report = company.reports[name]
        key = key_of(report, report.period.named(period))
        found.append(dg.AssetMaterialization(pack_key(company, report), partition=key, metadata=_metadata(files)))
    return found


def pack_job(company: Company, report: Report) -> Any:
    return dg.define_asset_job(
        f"{company.id}_report_{report.id}",
        selection=[pack_key(company, report)],
        tags={COMPANY_TAG: company.id},
        description=f"Makes {report.title('en')} of a period.",
    )


def pack_schedule(company: Company, report: Report, job: Any) -> dg.ScheduleDefinition:
    """At the report's hour in the company's zone, for the period that is due then."""

    @dg.schedule(
        job=job,
        name=f"{company.id}_{report.id}",
        cron_schedule=cron_of(report),
        execution_timezone=company.zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"{report.title('en')}, {report.period}, {report.due}: {report.audience}.",
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        now = context.scheduled_execution_time
        period = due_at(company, report, now)
        if period is None:
            return dg.SkipReason("no period is due now")
        key = key_of(report, period)
        return dg.RunRequest(run_key=f"{company.id}:{report.id}:{now.isoformat()}", partition_key=key)

    return schedule


def due_at(company: Company, report: Report, now: datetime) -> Period | None:
    """The period whose report is due at exactly this moment; what happens once is due every week until it is over."""
    period = newest_due(report.period, report.due, company.tz, now, running=report.running)
    if period is None:
        return None
    ready = ready_at(period, report.due, company.tz, running=report.running)
    is_due = now <= ready if report.period.unit == "once" else now == ready
    return period if is_due else None


def cron_of(report: Report) -> str:
    due, at = report.due, f"{report.due.at.minute} {report.due.at.hour}"
    if due.weekday is not None:
        return f"{at} * * {due.weekday % 7}"
    if due.day is None:
        return f"{at} * * *"
    return f"{at} {due.day} {({'quarter': '*/3', 'year': '1'}).get(report.period.unit, '*')} *"


def _description(company: Company, report: Report) -> str:
    titles = [section.heading(company.language) or section.kind for section in report.sections]
    asked = "\n".join(f"- {each}" for each in report.origin)
    return f"{report.title(company.language)}: {report.audience}.\n\n{asked}\n\nSections: {', '.join(titles)}."


def _metadata(made: Sequence[Made]) -> dict[str, Any]:
    pages = [each for each in made if each.format == "html"]
    found: dict[str, Any] = {"files": len(made)}
    if pages:
        found["page"] = dg.MetadataValue.path(str(pages[-1].path))
        rows = "\n".join(f"| {each.report} | {each.period} | {each.format} | {each.path} |" for each in made)
        found["reports"] = dg.MetadataValue.md(f"| report | period | format | file |\n|---|---|---|---|\n{rows}")
        found["sha256"] = pages[-1].entry.sha256
    return found

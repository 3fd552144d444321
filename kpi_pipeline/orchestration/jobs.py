"""Jobs and the 6-hourly schedule of a company."""

from datetime import datetime
from typing import Any

import dagster as dg

from kpi_pipeline.catalogue import Company
from kpi_pipeline.orchestration import naming
from kpi_pipeline.orchestration.failures import failing_as_dagster
from kpi_pipeline.orchestration.resources import WorkspaceParam
from kpi_pipeline.orchestration.tags import COMPANY_TAG, live_tags


def refresh_job(company: Company) -> Any:
    """Everything of a company: load, check, compute, judge, report."""
    return _job(company, "refresh", "Load every source, compute every KPI, write the report.", naming.LAYERS)


def landing_job(company: Company) -> Any:
    return _job(company, "landing", "Load every source.", ("landing",))


def kpi_job(company: Company) -> Any:
    layers = ("facts", "kpi", "report")
    return _job(company, "kpis", "Compute every KPI from what is landed and write the report.", layers)


def report_job(company: Company) -> Any:
    return dg.define_asset_job(
        f"{company.id}_report",
        selection=_layers(company, ("report",)),
        tags={COMPANY_TAG: company.id},
        description="Write the report pages from history.",
    )


def deliver_job(company: Company) -> dg.JobDefinition:
    """Sends what is due in the outbox; small, visible, retried by the next tick."""

    @dg.op(name=f"{company.id}_send_notices")
    def send_notices(context: dg.OpExecutionContext, workspace: WorkspaceParam) -> None:
        with failing_as_dagster():
            from kpi_pipeline.flow.tell import deliver

            attempts = deliver(workspace.open, company)
        for attempt in attempts:
            context.log.info(f"{attempt.channel}: {attempt.outcome}: {attempt.headline}")
            if attempt.error is not None:
                context.log.warning(attempt.error)

    @dg.job(
        name=f"{company.id}_deliver",
        tags={COMPANY_TAG: company.id},
        description="Send the notices that are due to Slack, Teams and mail.",
    )
    def job() -> None:
        send_notices()

    return job


def six_hourly(company: Company, job: Any) -> dg.ScheduleDefinition:
    """Every six hours in the company's zone, one run: the months in which records may still arrive late."""

    @dg.schedule(
        job=job,
        name=f"{company.id}_six_hourly",
        cron_schedule="0 */6 * * *",
        execution_timezone=company.zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Loads what is new and computes the running month and those that late records may still change.",
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        now: datetime = context.scheduled_execution_time
        return dg.RunRequest(run_key=f"{company.id}@{now.isoformat()}", tags=live_tags(company, now))

    return schedule


def _job(company: Company, name: str, description: str, layers: tuple[str, ...]) -> Any:
    return dg.define_asset_job(
        f"{company.id}_{name}",
        selection=_layers(company, layers),
        tags={COMPANY_TAG: company.id},
        description=description,
    )


def _layers(company: Company, layers: tuple[str, ...]) -> dg.AssetSelection:
    """All assets of these layers but the periodic reports, which have periods of their own instead of months."""
    packs = [naming.report_key(company.id, report) for report in company.reports]
    found = dg.AssetSelection.groups(*(naming.group(company.id, layer) for layer in layers))
    return found - dg.AssetSelection.assets(*packs) if packs and "report" in layers else found

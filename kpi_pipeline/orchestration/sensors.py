"""Sensors: thin shells that look at the alerts' clocks, send what is due, and note which runs failed."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from kpi_pipeline import clock
from kpi_pipeline.alerts import outbox
from kpi_pipeline.catalogue import Company
from kpi_pipeline.flow.alive import beat
from kpi_pipeline.flow.watch import tell_failure, tell_success, watch
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.orchestration.tags import COMPANY_TAG
from kpi_pipeline.settings import Settings

RUNNING = dg.DefaultSensorStatus.RUNNING


def delivery_sensor(company: Company, deliver_job: dg.JobDefinition) -> dg.SensorDefinition:
    """Asks for a delivery run when notices are due; the rules were judged as observations were written."""

    @dg.sensor(
        name=f"{company.id}_deliver_notices",
        job=deliver_job,
        minimum_interval_seconds=10,
        default_status=RUNNING,
        description="Sends what the alerts have to tell: to Slack, Teams, mail and the other channels.",
    )
    def sensor(_context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        now = clock.now()
        with Workspace(Settings.from_environment(), now=now) as workspace:
            waiting = outbox.due(workspace.history, company, now)
        if not waiting:
            return dg.SkipReason("no notice is due")
        # A run key per minute: two ticks at once ask for one run, a failed run does not block the next.
        return dg.RunRequest(run_key=f"{company.id}:{now:%Y-%m-%dT%H:%M}:{waiting}")

    return sensor


def watch_sensor(company: Company) -> dg.SensorDefinition:
    """One pass a minute over what time brings: stale sources, missing measurements, repeats, escalation, reminders."""

    @dg.sensor(
        name=f"{company.id}_watch_alerts",
        minimum_interval_seconds=60,
        default_status=RUNNING,
        description=(
            "Once a minute: tells when a source has nothing new (a load of old months cannot make it fresh) or a "
            "measurement that is due was not made, and does what waits for a clock: repeats, escalation, the end of "
            "silences, decisions, reminders."
        ),
    )
    def sensor(_context: dg.SensorEvaluationContext) -> dg.SkipReason:
        with Workspace(Settings.from_environment(), now=clock.now()) as workspace:
            made = watch(workspace, company)
            beat(workspace, company)
        return dg.SkipReason(f"{len(made)} new notices" if made else "nothing new to tell")

    return sensor


def run_failure_sensor(companies: Sequence[Company]) -> dg.SensorDefinition:
    """Notes which sources and KPIs a failed run leaves in error, and tells the owners of the data."""
    by_id = {company.id: company for company in companies}

    @dg.run_failure_sensor(
        name="run_failures",
        default_status=RUNNING,
        minimum_interval_seconds=30,
        description="Tells the owners of the data which sources and KPIs a failed run left as they were.",
    )
    def sensor(context: dg.RunFailureSensorContext) -> None:
        run = context.dagster_run
        company = by_id.get(run.tags.get(COMPANY_TAG, ""))
        if company is None:
            return
        steps = {
            str(event.step_key): event.event_specific_data.error_display_string.strip().splitlines()[0][:500]  # type: ignore[union-attr]
            for event in context.get_step_failure_events()
        }
        with Workspace(Settings.from_environment(), now=clock.now()) as workspace:
            tell_failure(workspace, company, run.job_name, run.run_id, steps)

    return sensor


def run_success_sensor(companies: Sequence[Company]) -> dg.SensorDefinition:
    """Tells that a job which had failed went well again."""
    by_id = {company.id: company for company in companies}

    @dg.run_status_sensor(
        run_status=dg.DagsterRunStatus.SUCCESS,
        name="run_successes",
        default_status=RUNNING,
        minimum_interval_seconds=30,
        description="Tells that a job which had failed went well again.",
    )
    def sensor(context: dg.RunStatusSensorContext) -> None:
        run = context.dagster_run
        company = by_id.get(run.tags.get(COMPANY_TAG, ""))
        if company is not None:
            with Workspace(Settings.from_environment(), now=clock.now()) as workspace:
                tell_success(workspace, company, run.job_name)

    return sensor

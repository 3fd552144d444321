"""Sensors: thin shells that send what is due, and put stale sources and failed runs into the same outbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg

from kpi_pipeline import clock
from kpi_pipeline.alerts import outbox
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.display import instant_text
from kpi_pipeline.flow.freshness import source_freshness
from kpi_pipeline.flow.tell import FRESHNESS, RUN_FAILURE, tell_level
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.orchestration import naming
from kpi_pipeline.settings import Settings

RUNNING = dg.DefaultSensorStatus.RUNNING
WORDS = {
    "nl": {
        "stale": "◔ verouderd: bron {source} levert geen nieuwe gegevens",
        "fresh": "✓ hersteld: bron {source} levert weer nieuwe gegevens",
        "newest": "Nieuwste gegeven",
        "loaded": "Laatst opgehaald",
        "never": "nooit",
        "failed": "■ mislukt: run {job}",
        "reason": "Oorzaak",
        "next": "Bekijk",
    },
    "en": {
        "stale": "◔ stale: source {source} delivers nothing new",
        "fresh": "✓ recovered: source {source} delivers again",
        "newest": "Newest record",
        "loaded": "Last loaded",
        "never": "never",
        "failed": "■ failed: run {job}",
        "reason": "Cause",
        "next": "See",
    },
}


def threshold_sensor(company: Company, deliver_job: dg.JobDefinition) -> dg.SensorDefinition:
    """Asks for a delivery run when the rules, judged as observations were written, left notices to send."""

    @dg.sensor(
        name=f"{company.id}_threshold_alerts",
        job=deliver_job,
        minimum_interval_seconds=30,
        default_status=RUNNING,
        description="Delivers alerts of KPIs past their thresholds, of stale sources and of failed runs.",
    )
    def sensor(_context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        now = clock.now()
        with Workspace(Settings.from_environment(), now=now) as workspace:
            waiting = outbox.due(workspace.history, company.id, now)
        if not waiting:
            return dg.SkipReason("no notice is due")
        # A run key per minute: two ticks at once ask for one run, a failed run does not block the next.
        return dg.RunRequest(run_key=f"{company.id}:{now:%Y-%m-%dT%H:%M}:{waiting}")

    return sensor


def freshness_sensor(company: Company) -> dg.SensorDefinition:
    """Tells a source's owner once when its newest record is too old, and once when it delivers again."""

    @dg.sensor(
        name=f"{company.id}_freshness",
        minimum_interval_seconds=300,
        default_status=RUNNING,
        description="Judges the newest record of each source, which a load of old months cannot make fresh.",
    )
    def sensor(_context: dg.SensorEvaluationContext) -> dg.SkipReason:
        now = clock.now()
        words = WORDS[company.language]

        def shown(instant: Any) -> str:
            return words["never"] if instant is None else instant_text(instant.astimezone(company.tz), company.language)

        told = []
        with Workspace(Settings.from_environment(), now=now) as workspace:
            for item in source_freshness(workspace, company):
                if item.loaded_at is None:
                    continue  # never loaded: nothing to be late with, and the schedule's failure is told by itself
                stale = item.is_stale(now)
                notice = tell_level(
                    workspace,
                    company,
                    subject=f"source/{item.source}",
                    rule=FRESHNESS,
                    level="warning" if stale else "ok",
                    owners=[item.owner],
                    headline=words["stale" if stale else "fresh"].format(source=item.source),
                    facts=[(words["newest"], shown(item.newest_at)), (words["loaded"], shown(item.loaded_at))],
                    now=now,
                )
                if notice is not None:
                    told.append(item.source)
        return dg.SkipReason(f"told about {', '.join(told)}" if told else "every source is as it was")

    return sensor


def run_failure_sensor(companies: Sequence[Company]) -> dg.SensorDefinition:
    """Tells the owners of a company's sources when one of its runs fails, and which step and why."""
    by_id = {company.id: company for company in companies}

    @dg.run_failure_sensor(name="run_failures", default_status=RUNNING, minimum_interval_seconds=30)
    def sensor(context: dg.RunFailureSensorContext) -> None:
        run = context.dagster_run
        company = by_id.get(run.tags.get(naming.COMPANY_TAG, ""))
        if company is None:
            return
        words = WORDS[company.language]
        causes = [
            (event.step_key, event.event_specific_data.error_display_string.strip().splitlines()[0])  # type: ignore[union-attr]
            for event in context.get_step_failure_events()
        ]
        now = clock.now()
        with Workspace(Settings.from_environment(), now=now) as workspace:
            tell_level(
                workspace,
                company,
                subject=f"run/{run.run_id}",
                rule=RUN_FAILURE,
                level="critical",
                owners=sorted({source.owner for source in company.sources.values()}),
                headline=words["failed"].format(job=run.job_name),
                facts=[
                    *((f"{words['reason']} ({step})", cause[:500]) for step, cause in causes[:5]),
                    (words["next"], f"/runs/{run.run_id}"),
                ],
                now=now,
            )

    return sensor

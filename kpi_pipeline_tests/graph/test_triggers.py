"""What starts runs and what tells people: the schedule on days of 23 and 25 hours, and the three sensors."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator
from sqlalchemy import select

from kpi_pipeline.alerts.tables import delivery, notice
from kpi_pipeline.alerts.watch import Finding, set_level
from kpi_pipeline.catalogue import Company
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.database import writing
from kpi_pipeline.orchestration.tags import COMPANY_TAG, MODE_TAG, RANGE_END, RANGE_START
from kpi_pipeline_tests.graph.conftest import NOW, landed

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOUR = timedelta(hours=1)


def notices(workspace: Workspace) -> list[dict[str, object]]:
    with workspace.history.engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(select(notice).order_by(notice.c.created_at))]


def deliveries(workspace: Workspace) -> int:
    with workspace.history.engine.connect() as connection:
        return len(connection.execute(select(delivery)).all())


@pytest.mark.parametrize(
    ("at", "first", "last"),
    [
        (datetime(2026, 3, 29, 6, tzinfo=AMSTERDAM), "2026-02", "2026-03"),  # a day of 23 hours
        (datetime(2026, 10, 25, 6, tzinfo=AMSTERDAM), "2026-09", "2026-10"),  # a day of 25 hours
        (datetime(2026, 11, 1, 0, tzinfo=AMSTERDAM), "2026-09", "2026-11"),  # 31 October in UTC
        (datetime(2027, 1, 1, 0, tzinfo=AMSTERDAM), "2026-11", "2027-01"),
    ],
)
def test_the_schedule_asks_for_the_months_that_records_may_still_change(
    definitions: dg.Definitions, at: datetime, first: str, last: str
) -> None:
    schedule = definitions.get_repository_def().get_schedule_def("mister_dj_six_hourly")
    with dg.build_schedule_context(scheduled_execution_time=at) as context:
        (request,) = schedule.evaluate_tick(context).run_requests
    assert (request.tags[RANGE_START], request.tags[RANGE_END]) == (first, last)
    assert request.tags[MODE_TAG] == "incremental"
    assert request.run_key == f"mister_dj@{at.isoformat()}"


@pytest.mark.parametrize(
    "start", [datetime(2026, 3, 29, tzinfo=AMSTERDAM), datetime(2026, 10, 25, tzinfo=AMSTERDAM)], ids=["23 h", "25 h"]
)
def test_the_schedule_ticks_four_times_on_days_of_23_and_25_hours(definitions: dg.Definitions, start: datetime) -> None:
    schedule = definitions.get_repository_def().get_schedule_def("mister_dj_six_hourly")
    found = schedule_execution_time_iterator(start.timestamp(), schedule.cron_schedule, schedule.execution_timezone)
    local = [next(found).astimezone(AMSTERDAM) for _ in range(4)]
    assert [each.hour for each in local] == [0, 6, 12, 18]
    assert {each.date() for each in local} == {start.date()}


def sensor(definitions: dg.Definitions, name: str) -> dg.SensorDefinition:
    return definitions.get_repository_def().get_sensor_def(name)


def stale(workspace: Workspace, company: Company) -> list[str]:
    finding = Finding("source/stripe", "freshness", "warning", ("hugo_smit",), {"source": "stripe"}, "stale")
    with writing(workspace.history.engine, "noting a stale source", company.id) as connection:
        return set_level(connection, company, finding, NOW - HOUR, [])


def test_the_delivery_sensor_asks_for_a_run_only_when_a_notice_is_due(
    definitions: dg.Definitions, workspace: Workspace, company: Company, clock: object
) -> None:
    ticking = sensor(definitions, "mister_dj_deliver_notices")
    with dg.build_sensor_context() as context:
        idle = ticking.evaluate_tick(context)
        assert (idle.run_requests, idle.skip_message) == ([], "no notice is due")
        assert len(stale(workspace, company)) == 1
        asked = ticking.evaluate_tick(context).run_requests
        again = ticking.evaluate_tick(context).run_requests
    assert [request.job_name for request in asked] in (["mister_dj_deliver"], [None])
    assert [each.run_key for each in asked] == [each.run_key for each in again], "two ticks at once ask for one run"


def test_a_stale_source_is_told_once_and_its_recovery_once(
    definitions: dg.Definitions, workspace: Workspace, company: Company, clock: object
) -> None:
    ticking = sensor(definitions, "mister_dj_watch_alerts")

    def tick() -> str | None:
        with dg.build_sensor_context() as context:
            return ticking.evaluate_tick(context).skip_message

    assert tick() == "nothing new to tell", "what was never loaded is not late"
    landed(workspace, company.id, "prometheus", "metric_samples", NOW - 5 * HOUR, NOW - HOUR)
    assert tick() == "1 new notices"
    assert tick() == "nothing new to tell"
    landed(workspace, company.id, "prometheus", "metric_samples", NOW - HOUR / 2, NOW - HOUR / 4)
    assert tick() == "1 new notices"
    assert tick() == "nothing new to tell"
    told = [row for row in notices(workspace) if row["rule"] == "freshness"]
    assert [(row["subject"], row["level"], row["reason"]) for row in told] == [
        ("source/prometheus", "warning", "first_breach"),
        ("source/prometheus", "ok", "resolved"),
    ]
    assert deliveries(workspace) == 2, "Nadia Willems is told by Teams, twice: a mail is for what is critical"


def test_a_failed_run_is_told_once_with_its_step_and_cause(
    definitions: dg.Definitions, workspace: Workspace, company: Company, clock: object
) -> None:
    @dg.op
    def load() -> None:
        raise dg.Failure("stripe: reading charges: HTTP 401", allow_retries=False)

    @dg.job(tags={COMPANY_TAG: company.id})
    def mister_dj_landing() -> None:
        load()

    with dg.DagsterInstance.ephemeral() as instance:
        result = mister_dj_landing.execute_in_process(instance=instance, raise_on_error=False)
        ticking = sensor(definitions, "run_failures")
        for _ in range(2):
            context = dg.build_run_status_sensor_context(
                sensor_name="run_failures",
                dagster_event=result.get_run_failure_event(),
                dagster_instance=instance,
                dagster_run=result.dagster_run,
            ).for_run_failure()
            ticking(context)
    (told,) = notices(workspace)
    assert (told["subject"], told["level"]) == ("run/mister_dj_landing", "critical")
    assert "stripe: reading charges: HTTP 401" in str(told["content"])
    assert told["content"]["run"] == result.run_id  # type: ignore[index]

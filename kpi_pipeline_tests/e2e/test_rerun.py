"""The same again changes nothing, a day later adds that day, and an old month read again changes nothing either."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from kpi_pipeline.alerts.tables import alert_event, alert_state, delivery, notice
from kpi_pipeline.flow.streams import loaded_streams
from kpi_pipeline.history.tables import observation
from kpi_pipeline.orchestration import naming
from kpi_pipeline.sandbox import Sandbox, truth
from kpi_pipeline_tests.e2e.installation import COMPANY, NOW, Installation
from kpi_pipeline_tests.e2e.test_truth import differences

DAY = timedelta(days=1)
ALERTS = (alert_state, alert_event, notice, delivery)


def receipts(installation: Installation, now: datetime = NOW) -> dict[tuple[str, str], Any]:
    with installation.at(now) as (workspace, company):
        return {
            (source, stream.name): workspace.landing.receipts(COMPANY, source, stream.name)
            for source, streams in loaded_streams(company).items()
            for stream in streams
        }


def watermarks(installation: Installation, now: datetime = NOW) -> dict[tuple[str, str], datetime | None]:
    with installation.at(now) as (workspace, _):
        return {key: workspace.landing.watermark(COMPANY, *key) for key in receipts(installation, now)}


def current(rows: list[dict[str, Any]]) -> dict[tuple[str, date], dict[str, Any]]:
    return {(row["kpi"], row["day"]): row for row in rows if row["superseded_at"] is None}


@pytest.mark.slow
def test_a_second_run_with_nothing_new_writes_nothing(mine: Installation) -> None:
    before = {table: mine.rows(table) for table in (observation, *ALERTS)}
    landed = receipts(mine)
    ran = mine.live(NOW)
    assert ran.success, ran.failures
    assert {table: mine.rows(table) for table in before} == before
    fresh = {key: [each for each in found if each not in landed[key]] for key, found in receipts(mine).items()}
    assert sum(map(len, fresh.values())) >= len(fresh), "every stream was asked again"
    assert {
        key: [each.written for each in found] for key, found in fresh.items() if any(e.written for e in found)
    } == {}
    assert sum(each.received for found in fresh.values() for each in found) > 0


@pytest.mark.slow
def test_a_day_later_that_day_is_new_and_late_records_restate_the_days_before(
    mine: Installation, sandbox: Sandbox
) -> None:
    before = mine.rows(observation)
    tomorrow = NOW + DAY
    sandbox.set_now(tomorrow)
    ran = mine.live(tomorrow)
    assert ran.success, ran.failures
    after = mine.rows(observation, tomorrow)
    assert {row["id"] for row in before} <= {row["id"] for row in after}, "nothing is ever overwritten"
    was, became = current(before), current(after)
    assert {day for _, day in became.keys() - was.keys()} == {tomorrow.date()}
    revised = {key: row for key, row in became.items() if key in was and row["id"] != was[key]["id"]}
    causes = {row["cause"] for row in revised.values()}
    assert causes <= {"running_day", "late_records", "settled"}
    assert {(kpi, day) for kpi, day in revised if day == NOW.date()} == {(k, d) for k, d in was if d == NOW.date()}
    late = {day for (kpi, day), row in revised.items() if kpi == "nps_response_rate" and row["cause"] == "late_records"}
    assert late, "answers that came in today belong to invitations of earlier days"
    assert all(row["superseded_at"] == revised[key]["recorded_at"] for key, row in _superseded(after, revised))
    first = (tomorrow - 35 * DAY).date()
    true = truth.values(sandbox.world(COMPANY), first, tomorrow.date(), tomorrow)
    with mine.at(tomorrow) as (workspace, company):
        for kpi in company.kpis:
            rows = {row.day: row for row in workspace.history.series(COMPANY, kpi, first, tomorrow.date())}
            assert differences(rows, true[kpi]) == [], kpi
    told = {table: mine.rows(table, tomorrow) for table in (observation, *ALERTS)}
    judged = [tuple(row[name] for name in ("rule", "subject", "day", "level", "why")) for row in told[alert_event]]
    assert len(set(judged)) == len(judged), "a rule says the same of a day once"
    assert NOW.date() in {row["day"] for row in told[alert_event]}
    assert mine.months("kpis", "2026-10", "2026-11", tomorrow).success
    assert {table: mine.rows(table, tomorrow) for table in told} == told, "computed again, nothing is told again"


def _superseded(rows: list[dict[str, Any]], revised: dict[Any, Any]) -> list[tuple[Any, dict[str, Any]]]:
    """Of each revised day the row that was current until now."""
    ended = [row for row in rows if row["superseded_at"] is not None and (row["kpi"], row["day"]) in revised]
    return [((row["kpi"], row["day"]), row) for row in ended]


@pytest.mark.slow
def test_an_old_month_read_again_leaves_watermarks_and_history_alone(mine: Installation) -> None:
    marks, before = watermarks(mine), {table: mine.rows(table) for table in (observation, *ALERTS)}
    windows = [("hubspot", "contacts"), ("stripe", "refunds"), ("uptimerobot", "incidents")]
    keys = [naming.landing_key(COMPANY, *stream) for stream in windows]
    keys += [naming.fact_key(COMPANY, "monitor_interval"), naming.kpi_key(COMPANY, "website_availability")]
    result = mine.part(keys, "2026-02", "2026-02", NOW)
    assert result.success
    # the clock stands still, so the order of a stream's receipts is that of their random run ids
    again = [[receipt for receipt in receipts(mine)[stream] if receipt.kind == "backfill"] for stream in windows]
    assert [[receipt.written for receipt in found] for found in again] == [[0]] * 3
    assert all(receipt.received > 0 for found in again for receipt in found)
    assert watermarks(mine) == marks
    assert {table: mine.rows(table) for table in before} == before

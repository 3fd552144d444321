"""Reports as assets: a partition a period, due at an hour of the company's zone, sent when they are the newest due."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from kpi_pipeline.catalogue import Company
from kpi_pipeline.flow.packs import period_of as newest
from kpi_pipeline.flow.sending import is_sent
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history import archive
from kpi_pipeline.orchestration.packs import (
    cron_of,
    due_at,
    due_reports_asset,
    key_of,
    pack_asset,
    partitions_of,
    period_of,
)
from kpi_pipeline.orchestration.resources import workspace_resource
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.flow.reporting_company import NOW, REPORTS, declare, fill

MORE = """\
- id: four_weekly
  name: {nl: Vierwekelijks}
  period: 4 weeks from 2025-12-29
  due: mon 08:00
  audience: iedereen
  owners: [ann]
  origin: Elke vier weken
  sections:
    - {kind: scorecard}
- id: daily
  name: {nl: Dagelijks}
  period: day
  due: "07:30"
  audience: iedereen
  owners: [ann]
  origin: Elke dag
  sections:
    - {kind: scorecard}
- id: quarterly
  name: {nl: Kwartaal}
  period: quarter
  due: day 10 09:00
  audience: iedereen
  owners: [ann]
  origin: Elk kwartaal
  sections:
    - {kind: scorecard}
"""
SENDING = REPORTS.replace(
    "  sections:\n    - {kind: scorecard}\n    - {kind: focus",
    "  send: [{folder: archive}]\n  sections:\n    - {kind: scorecard}\n    - {kind: focus",
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = declare(tmp_path, SENDING + MORE)
    fill(found)
    return found


@pytest.fixture
def company(settings: Settings) -> Company:
    with Workspace(settings, now=NOW) as space:
        return space.company("acme")


def materialize(
    settings: Settings, asset: dg.AssetsDefinition, partition: str | None = None
) -> dg.ExecuteInProcessResult:
    resources = {"workspace": workspace_resource(settings, now=lambda: NOW)}
    return dg.materialize([asset], resources=resources, partition_key=partition)


@pytest.mark.parametrize(
    ("report", "cron"),
    [("weekly", "0 8 * * 1"), ("monthly", "0 8 3 * *"), ("daily", "30 7 * * *"), ("quarterly", "0 9 10 */3 *")],
)
def test_the_schedule_ticks_when_the_report_is_due(company: Company, report: str, cron: str) -> None:
    assert cron_of(company.reports[report]) == cron


@pytest.mark.parametrize(
    ("report", "at", "period"),
    [
        ("weekly", datetime(2026, 11, 23, 7, tzinfo=UTC), "2026-W47"),
        ("weekly", datetime(2026, 3, 30, 6, tzinfo=UTC), "2026-W13"),  # the clock went forward the night before
        ("weekly", datetime(2026, 10, 26, 7, tzinfo=UTC), "2026-W43"),  # and back
        ("weekly", datetime(2026, 11, 23, 8, tzinfo=UTC), None),
        ("daily", datetime(2026, 11, 23, 6, 30, tzinfo=UTC), "2026-11-22"),
        ("quarterly", datetime(2026, 10, 10, 7, tzinfo=UTC), "2026-Q3"),
        ("four_weekly", datetime(2026, 11, 30, 7, tzinfo=UTC), "2026-W45-W48"),
        ("four_weekly", datetime(2026, 11, 23, 7, tzinfo=UTC), None),
    ],
)
def test_a_tick_is_for_the_period_that_is_due_then(
    company: Company, report: str, at: datetime, period: str | None
) -> None:
    found = due_at(company, company.reports[report], at)
    assert (None if found is None else found.name) == period


@pytest.mark.parametrize("name", ["weekly", "monthly", "daily", "quarterly", "four_weekly"])
def test_the_period_of_a_partition_is_found_again_by_its_key(company: Company, name: str) -> None:
    report = company.reports[name]
    period = newest(company, report, None, NOW)
    key = key_of(report, period)
    assert key in partitions_of(company, report).get_partition_keys(current_time=NOW)
    assert period_of(report, key) == period


def test_a_partition_makes_and_sends_the_newest_due_report(settings: Settings, company: Company) -> None:
    report = company.reports["weekly"]
    asset = pack_asset(company, report)
    done = materialize(settings, asset, "2026-11-16")
    assert done.success
    (event,) = done.get_asset_materialization_events()
    assert event.materialization.metadata["files"].value == 2
    with Workspace(settings, now=NOW) as space:
        assert is_sent(space, company, report, "2026-W47")


def test_an_old_partition_is_made_and_not_sent(settings: Settings, company: Company) -> None:
    report = company.reports["weekly"]
    assert materialize(settings, pack_asset(company, report), "2026-11-02").success
    with Workspace(settings, now=NOW) as space:
        assert {entry.period for entry in archive.entries(space.history, "acme")} == {"2026-W45"}
        assert not is_sent(space, company, report, "2026-W45")


def test_what_is_due_is_made_by_the_refresh(settings: Settings, company: Company) -> None:
    run = materialize(settings, due_reports_asset(company))
    assert run.success
    events = run.get_asset_materialization_events()
    assert {(event.asset_key.path[-1], event.partition) for event in events if event.asset_key is not None} == {
        ("due_reports", None),
        ("weekly", "2026-11-16"),
        ("monthly", "2026-10-01"),
        ("daily", "2026-11-22"),
        ("quarterly", "2026-07-01"),
        ("four_weekly", "2026-W41-W44"),
    }
    with Workspace(settings, now=NOW) as space:
        kept = {(entry.report, entry.period) for entry in archive.entries(space.history, "acme")}
    assert kept == {
        ("weekly", "2026-W47"),
        ("monthly", "2026-10"),
        ("daily", "2026-11-22"),
        ("quarterly", "2026-Q3"),
        ("four_weekly", "2026-W41-W44"),
    }

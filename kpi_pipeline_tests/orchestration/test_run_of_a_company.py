"""One run of a small company as Dagster runs it: its audit and checks, its receipts, and what the run log says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from kpi_pipeline.flow.journal import log_file
from kpi_pipeline.flow.workspace import Workspace, read_catalogue
from kpi_pipeline.history import journal
from kpi_pipeline.history.inputs import inputs_of
from kpi_pipeline.history.integrity import check
from kpi_pipeline.history.journal import Event
from kpi_pipeline.orchestration.assemble import assemble
from kpi_pipeline.orchestration.execution import QUIET
from kpi_pipeline.orchestration.resources import workspace_resource
from kpi_pipeline.orchestration.tags import months_tags
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.flow.plan_company import NOW, installed
from kpi_pipeline_tests.flow.test_audited import AUDIT, declare

TAGS = months_tags("acme", "2025-02", "2025-03")


@dataclass
class Ran:
    settings: Settings
    root: Path
    first: dg.ExecuteInProcessResult
    broken: dg.ExecuteInProcessResult

    def events(self, result: dg.ExecuteInProcessResult) -> list[Event]:
        with Workspace(self.settings, now=NOW) as workspace:
            return journal.events(workspace.history, "acme", run_id=result.run_id)


def execute(settings: Settings, now: datetime) -> dg.ExecuteInProcessResult:
    resource = workspace_resource(settings, now=lambda: now)
    job = assemble(read_catalogue(settings), settings.companies_root, resource).resolve_job_def("acme_refresh")
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(instance=instance, tags=TAGS, run_config=QUIET, raise_on_error=False)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run that goes well, and one a day later whose register is broken."""
    root = tmp_path_factory.mktemp("run")
    settings = installed(root)
    declare(root, AUDIT.replace("migration / 30", "migration / 10"))
    first = execute(settings, NOW)
    register = root / "companies" / "acme" / "registers" / "milestones.csv"
    kept = register.read_text(encoding="utf-8")
    register.write_text(kept.replace("2025-03-01", "some day"), encoding="utf-8")
    broken = execute(settings, NOW + timedelta(days=1))
    return Ran(settings, root, first, broken)


def test_the_audit_is_an_asset_with_a_check_of_each_kind(ran: Ran) -> None:
    assert ran.first.success
    found = {
        each.check_name: each for each in ran.first.get_asset_check_evaluations() if each.asset_key.path[-1] == "audit"
    }
    assert {name: each.passed for name, each in found.items()} == {
        "level": True,
        "trend": True,
        "volume": True,
        "reconciles_rows_of_the_plan": False,
    }
    reconciled = found["reconciles_rows_of_the_plan"]
    assert reconciled.severity == dg.AssetCheckSeverity.WARN
    assert "| Rows of the plan | 2025-03-19 | 1 | 3 | -2 (allowed 0) | 0 days |" in str(
        reconciled.metadata["what is open"].value
    )


def test_a_run_is_written_down_from_its_start_to_its_end(ran: Ran) -> None:
    steps = {event.step: event for event in ran.events(ran.first)}
    assert [event.step for event in ran.events(ran.first)][:1] == ["run started"]
    assert steps["run started"].content["job"] == "acme_refresh"
    assert steps["registers milestones"].content == {
        "count": 2,
        "written": 2,
        "unchanged": 0,
        "deleted": 0,
        "quarantined": 0,
    }
    assert steps["kpi migration"].content["count"] == 48
    ended = steps["run ended"]
    assert (ended.outcome, ended.content["failed"], ended.content["recorded"]) == ("ok", 0, 96)
    assert list(steps)[-1] == "run ended"


def test_a_failed_step_is_written_down_with_what_to_mend(ran: Ran) -> None:
    assert not ran.broken.success
    failed = [event for event in ran.events(ran.broken) if event.outcome == "failed"]
    assert [event.step for event in failed][-1] == "run ended"
    assert "reading the register milestones: 2 fault(s)" in str(failed[0].content["error"])


def test_the_log_file_holds_every_event_once_in_order(ran: Ran) -> None:
    with Workspace(ran.settings, now=NOW) as workspace:
        company = workspace.company("acme")
        lines = [json.loads(line) for line in log_file(workspace, company).read_text(encoding="utf-8").splitlines()]
        known = journal.events(workspace.history, "acme")
    assert [line["id"] for line in lines] == [event.id for event in known]
    assert {line["run"] for line in lines} == {ran.first.run_id, ran.broken.run_id}
    assert lines[0]["outcome"] == "started"


def test_the_run_noted_its_facts_and_streams_and_its_rows_are_proved(ran: Ran) -> None:
    with Workspace(ran.settings, now=NOW) as workspace:
        (found,) = inputs_of(workspace.history, "acme", [ran.first.run_id]).values()
        proved = check(workspace.history, "acme")
    assert set(found.facts) == {"milestone", "scorecard_value"}
    assert set(found.streams) == {("registers", "milestones"), ("registers", "scorecard")}
    assert (proved.unproved, proved.differences) == (0, ())

"""What a run computed from is noted once, and a later run that differs can say why."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from kpi_pipeline.flow.facts import check_fact
from kpi_pipeline.flow.inputs import settings as settings_of
from kpi_pipeline.flow.measure import measure
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.inputs import FactState, inputs_of
from kpi_pipeline.history.receipts import receipts
from kpi_pipeline.reports.restated import restated
from kpi_pipeline.reports.trust import trust_lines
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.flow.plan_company import FIRST, MILESTONES, NOW, SECOND, installed, load, write

LATER = NOW + timedelta(days=1)
DAY = date(2025, 3, 10)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return installed(tmp_path)


def compute(settings: Settings, run_id: str, days: int = 0) -> None:
    with Workspace(settings, now=NOW + timedelta(days=days)) as workspace:
        company = workspace.company("acme")
        check_fact(workspace, company, "milestone", run_id=run_id)
        measure(workspace, company, list(company.kpis.values()), DAY, DAY, run_id=run_id)


def correct_the_register(settings: Settings, root: Path, run_id: str) -> None:
    """The first milestone was done a week later than the register said."""
    done = FIRST.replace("2025-03-03,done,,,bob,2025-03-04", "2025-03-12,done,,,bob,2025-03-21")
    write(root, "milestones.csv", "\n".join([MILESTONES, done, SECOND, ""]))
    load(settings, run_id, LATER)


def test_a_run_notes_the_loads_and_facts_it_computed_from(settings: Settings) -> None:
    load(settings, "l1")
    compute(settings, "r1")
    with Workspace(settings, now=NOW) as workspace:
        (found,) = inputs_of(workspace.history, "acme", ["r1"]).values()
        company = workspace.company("acme")
    assert {stream: state.records for stream, state in found.streams.items()} == {
        ("registers", "milestones"): 2,
        ("registers", "scorecard"): 1,
    }
    assert found.streams["registers", "milestones"].watermark == NOW
    assert found.facts == {"milestone": FactState(2, 0)}
    assert found.settings == settings_of(company)
    assert found.software is not None


def test_a_corrected_register_is_the_cause_of_what_it_changed(settings: Settings, tmp_path: Path) -> None:
    load(settings, "l1")
    compute(settings, "r1")
    correct_the_register(settings, tmp_path, "l2")
    compute(settings, "r2", days=1)
    with Workspace(settings, now=LATER) as workspace:
        (found,) = restated(workspace.history, workspace.company("acme"))
    assert (found.kpi, found.day, found.reported, found.now) == ("migration", DAY, 30, 0)
    assert [cause.kind for cause in found.causes] == ["register"]
    assert "registers/milestones: 1 records new or changed, loaded by l2" in found.causes[0].evidence


def test_a_changed_definition_is_the_cause_of_what_it_changed(settings: Settings, tmp_path: Path) -> None:
    load(settings, "l1")
    compute(settings, "r1")
    file = tmp_path / "companies" / "acme" / "kpis.yaml"
    file.write_text(file.read_text().replace("take: weight", "take: items\n  version: 2"))
    compute(settings, "r2", days=1)
    with Workspace(settings, now=LATER) as workspace:
        (found,) = restated(workspace.history, workspace.company("acme"))
    assert [cause.kind for cause in found.causes] == ["definition"]
    assert found.causes[0].evidence.startswith("v1 (")


def test_a_second_run_in_one_workspace_sees_the_streams_as_the_first_did(settings: Settings, tmp_path: Path) -> None:
    """One instant for the whole run: loads that come meanwhile belong to the next."""
    load(settings, "l1")
    with Workspace(settings, now=NOW) as workspace:
        company = workspace.company("acme")
        seen = workspace.inputs(company)
        before = seen.hash([("registers", "milestones")])
        correct_the_register(settings, tmp_path, "l2")
        assert seen.hash([("registers", "milestones")]) == before
    with Workspace(settings, now=LATER) as workspace:
        assert workspace.inputs(company).hash([("registers", "milestones")]) != before


def test_the_receipt_of_a_number_says_what_stands_behind_it(settings: Settings) -> None:
    load(settings, "l1")
    compute(settings, "r1")
    with Workspace(settings, now=NOW) as workspace:
        row = workspace.history.value("acme", "migration", DAY)
        assert row is not None
        (found,) = receipts(workspace.history, "acme", [row])
        (line,) = trust_lines(workspace.history, workspace.company("acme"), [row], known_at=NOW)
    assert found.formula["en"].startswith("weight of finished ÷ of all milestones")
    assert found.streams["registers/milestones"] is not None
    assert found.streams["registers/milestones"].records == 2
    assert found.facts == {"milestone": FactState(2, 0)}
    assert (found.batch, found.rows_checked, found.rows_failed) == (1, 2, 0)
    assert {mark.name: mark.verdict for mark in line.marks} == {
        "fresh": "yes",
        "complete": "yes",
        "valid": "yes",
        "reconciled": "unknown",
        "restated": "no",
    }

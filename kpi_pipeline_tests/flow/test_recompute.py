"""Computed again from landing history comes out the same; where it does not, the difference is named and explained."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from kpi_pipeline.flow.measure import measure
from kpi_pipeline.flow.recompute import recompute
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.integrity import Difference
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.flow.plan_company import NOW, installed, load
from kpi_pipeline_tests.flow.test_inputs import LATER, correct_the_register

FIRST, LAST = date(2025, 3, 1), date(2025, 3, 18)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = installed(tmp_path)
    load(found, "l1")
    compute(found, "r1", FIRST)
    return found


def compute(settings: Settings, run_id: str, first: date) -> None:
    with Workspace(settings, now=NOW) as workspace:
        company = workspace.company("acme")
        measure(workspace, company, list(company.kpis.values()), first, LAST, run_id=run_id)


def again(settings: Settings, progress: Callable[[str], None] = lambda _: None) -> list[Difference]:
    with Workspace(settings, now=LATER) as workspace:
        company = workspace.company("acme")
        return recompute(workspace, company, list(company.kpis.values()), FIRST, LAST, progress)


def test_what_nobody_touched_comes_out_the_same(settings: Settings) -> None:
    told: list[str] = []
    assert again(settings, told.append) == []
    assert told == ["migration", "satisfaction"]


def test_a_number_changed_in_the_database_does_not_follow_from_its_records(settings: Settings) -> None:
    with Workspace(settings, now=NOW) as workspace, workspace.history.engine.begin() as connection:
        connection.execute(text("update observation set value = '31' where kpi = 'migration' and day = '2025-03-10'"))
    (found,) = again(settings)
    assert (found.kind, found.kpi, found.day) == ("another_value", "migration", date(2025, 3, 10))
    assert found.message == "value 31 on record, 30 computed, from the same records"


def test_records_that_came_since_are_told_apart(settings: Settings, tmp_path: Path) -> None:
    """The register moved a milestone from the 3rd to the 12th; only the days from the 5th on were computed again."""
    correct_the_register(settings, tmp_path, "l2")
    compute(settings, "r2", date(2025, 3, 5))
    found = again(settings)
    assert [(each.kind, each.kpi, str(each.day)) for each in found] == [
        ("inputs_changed", "migration", "2025-03-03"),
        ("inputs_changed", "migration", "2025-03-04"),
    ]
    assert found[0].message == (
        "value 30 on record, 0 computed; numerator 30 on record, 0 computed; registers/milestones came after run r1"
    )


def test_a_number_of_an_older_definition_is_told_apart(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "companies" / "acme" / "kpis.yaml"
    file.write_text(file.read_text().replace("take: weight", "take: items\n  version: 2"))
    found = again(settings)
    assert {each.kind for each in found} == {"definition_changed"}
    assert found[0].message == "recorded by definition v1, it is v2 now"


def test_a_day_that_is_gone_from_history_is_named(settings: Settings) -> None:
    with Workspace(settings, now=NOW) as workspace, workspace.history.engine.begin() as connection:
        connection.execute(text("delete from observation where kpi = 'migration' and day = '2025-03-10'"))
    (found,) = again(settings)
    assert (found.kind, found.day) == ("not_computed", date(2025, 3, 10))


def test_a_run_of_before_there_were_receipts_says_so(settings: Settings, tmp_path: Path) -> None:
    with Workspace(settings, now=NOW) as workspace, workspace.history.engine.begin() as connection:
        connection.execute(text("delete from run_input"))
    correct_the_register(settings, tmp_path, "l2")
    found = again(settings)
    assert {each.kind for each in found} == {"another_value"}
    assert all(each.message.endswith("run r1 left no receipt") for each in found)

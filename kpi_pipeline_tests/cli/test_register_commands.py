"""`kpi register`: templates that pass their own check, faults with an exit code, and what is kept."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.cli import main
from kpi_pipeline.connectors.registers.formats import FORMATS
from kpi_pipeline.flow.measure import measure
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.flow.plan_company import FIRST, MILESTONES, NOW, SECOND, installed, load, variables


@pytest.fixture
def kpi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    installed(tmp_path)
    for name, value in variables(tmp_path).items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str) -> tuple[int, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit, match=r"^\d+$") as ended:
            main(arguments)
        shown = capfd.readouterr()
        return int(str(ended.value.code)), shown.out + shown.err

    return call


@pytest.fixture
def taken(kpi: Any, tmp_path: Path) -> Any:
    """The command, after the registers were loaded."""
    load(Settings.from_environment(variables(tmp_path)), "r1")
    return kpi


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_template_passes_the_check_of_its_register(kpi: Any, tmp_path: Path, suffix: str) -> None:
    for name in FORMATS:
        file = tmp_path / f"{name}.{suffix}"
        assert kpi("register", "template", "acme", name, "--out", str(file))[0] == 0
        code, said = kpi("register", "check", "acme", str(file), "--json")
        found = json.loads(said)
        assert (code, found["register"], found["rows"], found["issues"]) == (0, name, 1, [])


def test_a_kpi_leads_to_the_register_it_is_computed_from(kpi: Any) -> None:
    code, said = kpi("register", "template", "acme", "migration", "--json")
    found = json.loads(said)
    cells = {column["header"]: column["example"] for column in found["columns"]}
    assert (code, found["register"], cells["kpi_id"]) == (0, "milestones", "migration")


def test_the_weekly_scorecard_comes_with_the_last_whole_week_and_an_owner(kpi: Any) -> None:
    code, said = kpi("register", "template", "acme", "satisfaction")
    header, row = said.splitlines()
    cells = dict(zip(header.split(","), row.split(","), strict=True))
    assert (code, cells["framework"], cells["kpi_id"]) == (0, "acme", "satisfaction")
    assert (cells["entered_by"], cells["period_end"] > cells["period_start"]) == ("ann@acme.example", True)


def test_a_file_is_judged_without_being_taken(taken: Any, tmp_path: Path) -> None:
    file = tmp_path / "milestones-new.csv"
    moved = SECOND.replace("2025-04-01,2025-04-01", "2025-05-01,2025-05-01")
    file.write_text(f"{MILESTONES}\n{FIRST.replace('30', 'x')}\n{moved}\n", encoding="utf-8")
    code, said = taken("register", "check", "acme", str(file))
    assert code == 1
    assert "milestones-new.csv:2: error: column 5 `weight`: a text of 1 characters is not a number" in said
    assert "milestones-new.csv:3: error: column 6 `baseline_date`: the baseline is frozen" in said
    assert "2 faults, nothing of it would be taken" in said


def test_files_and_names_that_are_not_there(kpi: Any, tmp_path: Path) -> None:
    strange = tmp_path / "plan.csv"
    strange.write_text("a", encoding="utf-8")
    assert kpi("register", "check", "acme", str(strange))[0] == 2
    code, said = kpi("register", "check", "acme", str(strange), "--as", "milestone")
    assert (code, "there is no register 'milestone'" in said) == (2, True)
    assert kpi("register", "check", "acme", str(tmp_path / "milestones.csv"))[0] == 2
    assert kpi("register", "template", "acme", "milestones", "--out", str(strange))[0] == 2
    assert kpi("register", "template", "acme", "no_such_kpi")[0] == 2


def test_what_is_kept_names_owner_rows_and_last_entry(taken: Any) -> None:
    code, said = taken("register", "list", "acme", "--json")
    found = json.loads(said)["registers"]
    assert (code, [(each["name"], each["owner"], each["rows"]) for each in found]) == (
        0,
        [("milestones", "bob", 2), ("scorecard", "ann", 1)],
    )
    assert found[0]["last_entry"] == {"initials": "AS", "role": "Finance", "at": "2025-03-10T09:00:00+00:00"}
    assert "AS (Finance)" in taken("register", "list", "acme")[1]


def test_a_value_is_marked_with_who_filled_it_in(taken: Any, tmp_path: Path) -> None:
    with Workspace(Settings.from_environment(variables(tmp_path)), now=NOW) as workspace:
        company = workspace.company("acme")
        measure(workspace, company, [company.kpis["migration"]], date(2025, 3, 1), date(2025, 3, 19), run_id="r1")
    signed = {"initials": "AS", "role": "Finance", "at": "2025-03-10T09:00:00+00:00"}
    for command in ("value", "explain"):
        code, said = taken(command, "acme", "migration", "--on", "2025-03-19", "--json")
        assert (code, json.loads(said)["by_hand"]) == (0, signed)
        assert "by hand: AS (Finance), 10 March 2025" in taken(command, "acme", "migration", "--on", "2025-03-19")[1]

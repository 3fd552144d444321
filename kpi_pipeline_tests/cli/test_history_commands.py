"""What the history commands answer, to people and as JSON, with the exit codes of the command line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from kpi_pipeline.cli.app import app
from kpi_pipeline.errors import KpiError, UsageError
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.flow.plan_company import NOW, installed, load, variables
from kpi_pipeline_tests.flow.test_audited import AUDIT, declare
from kpi_pipeline_tests.flow.test_inputs import compute, correct_the_register

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a plan whose register was corrected a day after it was computed; to be copied."""
    root = tmp_path_factory.mktemp("corrected")
    found = installed(root)
    load(found, "l1")
    compute(found, "r1")
    correct_the_register(found, root, "l2")
    compute(found, "r2", days=1)
    return root


@pytest.fixture
def settings(corrected: Path, tmp_path: Path) -> Settings:
    shutil.copytree(corrected, tmp_path, dirs_exist_ok=True)
    return Settings.from_environment(variables(tmp_path))


@pytest.fixture
def ask(settings: Settings, tmp_path: Path) -> Ask:
    """Runs `kpi …`; gives what it wrote, as JSON where it asked for that, and checks the exit code."""

    def run(*arguments: str, code: int = 0) -> Any:
        found = CliRunner().invoke(app, list(arguments), env=variables(tmp_path) | {"COLUMNS": "200"})
        if isinstance(found.exception, KpiError):
            raise found.exception
        assert found.exit_code == code, found.output
        return json.loads(found.stdout) if "--json" in arguments else found.stdout

    return run


def change(settings: Settings, statement: str) -> None:
    with Workspace(settings, now=NOW) as workspace, workspace.history.engine.begin() as connection:
        connection.execute(text(statement))


def test_a_value_as_it_was_known_then_and_as_it_is_known_now(ask: Ask) -> None:
    day = ("acme", "migration", "--on", "2025-03-10", "--json")
    assert ask("value", *day)["value"] == "0"
    assert ask("value", *day, "--known-at", NOW.isoformat())["value"] == "30"
    with pytest.raises(UsageError, match="no observation was recorded by 2025-03-01"):
        ask("value", *day, "--known-at", "2025-03-01T00:00:00+00:00")


def test_a_series_shows_what_was_reported_known_and_is(ask: Ask) -> None:
    span = ("acme", "migration", "--first", "2025-03-10", "--last", "2025-03-10")
    (day,) = ask("history", "series", *span, "--known-at", NOW.isoformat(), "--json")
    assert [day[name]["value"] for name in ("reported", "known", "now")] == ["30", "30", "0"]
    assert day["revisions"] == 1
    shown = ask("history", "series", *span, "--known-at", NOW.isoformat(), "--changed")
    assert "30.0%" in shown
    assert "(late_records)" in shown


def test_restatements_are_told_with_their_cause(ask: Ask) -> None:
    (found,) = ask("history", "restatements", "acme", "--json")
    assert (found["kpi"], found["reported"], found["now"], found["delta"]) == ("migration", "30", "0", "-30")
    assert [cause["kind"] for cause in found["causes"]] == ["register"]
    shown = ask("history", "restatements", "acme")
    assert "Acme: 1 restatements" in shown
    assert "loaded by l2" in shown
    assert ask("history", "restatements", "acme", "--since", "2025-04-01", "--json") == []
    assert ask("history", "restatements", "acme", "--known-at", NOW.isoformat(), "--json") == []


def test_a_change_that_is_not_material_is_told_only_on_request(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "companies" / "acme" / "kpis.yaml"
    file.write_text(file.read_text().replace('target: ">= 50"', "material: 40"))
    change(Settings.from_environment(variables(tmp_path)), "update observation set status = 'unrated'")
    assert ask("history", "restatements", "acme", "--json") == []
    assert len(ask("history", "restatements", "acme", "--all", "--json")) == 1
    assert "and 1 too small to be material" in ask("history", "restatements", "acme")


def test_history_is_verified_and_a_changed_row_is_named(ask: Ask, settings: Settings) -> None:
    found = ask("history", "verify", "acme", "--json")
    assert (found["rows"], found["batches"], found["differences"]) == (3, 3, [])
    assert "are as they were written and come out of landing again" in ask("history", "verify", "acme")
    with Workspace(settings, now=NOW) as workspace, workspace.history.engine.begin() as connection:
        connection.execute(text("update observation set value = '1' where superseded_at is null and kpi = 'migration'"))
    found = ask("history", "verify", "acme", "--json", code=1)
    assert [each["kind"] for each in found["differences"]] == ["changed_row", "another_value"]
    assert "changed_row" in ask("history", "verify", "acme", "--rows-only", code=1)


def test_a_history_without_rows_is_not_called_sound(ask: Ask, settings: Settings) -> None:
    change(settings, "delete from observation")
    with pytest.raises(UsageError, match=r"verifying the history of Acme: .*home holds no observation of it"):
        ask("history", "verify", "acme")


def test_an_open_difference_is_a_finding(ask: Ask, tmp_path: Path) -> None:
    assert "0 d" not in ask("history", "audit", "acme")
    declare(tmp_path, AUDIT.replace("migration / 30", "(migration + 300) / 10"))
    found = ask("history", "audit", "acme", "--on", "2025-03-19", "--json", code=1)
    assert found["counts"]["differs"] == 1
    assert "open difference" in ask("history", "audit", "acme", "--on", "2025-03-19", code=1)


def test_a_correction_has_an_author_and_a_reason(ask: Ask, tmp_path: Path) -> None:
    said = ("--by", "bob", "--on", "2025-03-10", "--reason", "done a week later <b>| than said")
    first = ask("history", "correct", "acme", "migration", *said, "--json")
    ask("history", "correct", "acme", "satisfaction", *said, "--until", "2025-03-12", "--action", "asked twice")
    assert [each["number"] for each in ask("history", "corrections", "acme", "--json")] == [1, 2]
    assert "Bob de Wit" in ask("history", "corrections", "acme", "--kpi", "migration")
    lines = Path(first["file"]).read_text(encoding="utf-8").splitlines()
    assert lines[4].endswith("| bob | migration | done a week later \\<b\\>\\| than said |  |")
    assert "| 2025-03-10 – 2025-03-12 | bob | satisfaction |" in lines[5]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (("--by", "eve", "--on", "2025-03-10", "--reason", "x"), "there is no such person"),
        (("--by", "bob", "--on", "2025-03-10", "--reason", " "), "it has no reason"),
        (("--by", "bob", "--on", "2025-03-10", "--until", "2025-03-01", "--reason", "x"), "lies before"),
        (("--by", "bob", "--on", "soon", "--reason", "x"), "it is not a date"),
    ],
)
def test_a_correction_that_says_nothing_is_refused(ask: Ask, said: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ask("history", "correct", "acme", "migration", *said)


def test_an_empty_run_log_is_an_empty_list(ask: Ask) -> None:
    assert ask("history", "log", "acme", "--json") == []
    assert "kpi-pipeline.log" in ask("history", "log", "acme")


def test_explain_shows_the_receipt_and_the_trust_line(ask: Ask) -> None:
    found = ask("explain", "acme", "migration", "--on", "2025-03-10", "--json")
    assert found["receipt"]["streams"]["registers/milestones"]["records"] == 3
    assert found["receipt"]["facts"]["milestone"] == {"rows": 2, "failures": 0, "rules": []}
    assert [mark["name"] for mark in found["trust"]["marks"]][-1] == "restated"
    shown = ask("explain", "acme", "migration", "--on", "2025-03-10", "--no-sql")
    assert f"Receipt {found['receipt']['id']}" in shown
    assert "↻ restated (restated: register)" in shown
    assert "registers/milestones" in shown


def test_every_moment_needs_a_zone(ask: Ask) -> None:
    with pytest.raises(UsageError, match="it is not an instant with a zone"):
        ask("history", "restatements", "acme", "--known-at", "2025-03-20T12:00:00")

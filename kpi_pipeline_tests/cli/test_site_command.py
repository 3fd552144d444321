"""`kpi report site`: where the pages are, in words and as JSON, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpi_pipeline.cli.app import app
from kpi_pipeline.errors import UsageError
from kpi_pipeline_tests.catalogue.conftest import COMPANY, KPI


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "companies" / "acme"
    folder.mkdir(parents=True)
    (folder / "company.yaml").write_text(COMPANY, encoding="utf-8")
    (folder / "kpis.yaml").write_text(KPI, encoding="utf-8")
    monkeypatch.setenv("KPI_COMPANIES", str(tmp_path / "companies"))
    monkeypatch.setenv("KPI_HOME", str(tmp_path / "home"))
    return tmp_path


def test_the_overview_is_named_and_there(home: Path) -> None:
    found = CliRunner().invoke(app, ["report", "site", "acme", "--json"])
    overview = home / "home" / "reports" / "acme" / "index.html"
    assert json.loads(found.stdout) == [{"company": "acme", "overview": str(overview), "pages": 5}]
    assert overview.is_file()
    assert "5 pages:" in CliRunner().invoke(app, ["report", "site"]).stdout


def test_a_site_of_the_past_needs_a_folder_of_its_own(home: Path) -> None:
    past = ["report", "site", "acme", "--known-at", "2026-01-01T00:00:00Z"]
    refused = CliRunner().invoke(app, past)
    with pytest.raises(UsageError, match="it would take the place of the one as known now"):
        raise refused.exception if refused.exception is not None else AssertionError
    assert CliRunner().invoke(app, [*past, "--out", str(home / "then")]).exit_code == 0
    page = (home / "then" / "acme" / "index.html").read_text(encoding="utf-8")
    assert "zoals bekend op 1 jan 2026 01:00" in page

"""The definitions as Dagster loads them, and an empty installation for sensors to look at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
import time_machine

from kpi_pipeline.catalogue import Catalogue, Company
from kpi_pipeline.flow.workspace import Workspace, read_catalogue
from kpi_pipeline.orchestration.assemble import assemble
from kpi_pipeline.settings import Settings

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
LANDED = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture(scope="session")
def shipped() -> Catalogue:
    return read_catalogue(Settings.from_environment({}))


@pytest.fixture(scope="session")
def definitions(shipped: Catalogue) -> dg.Definitions:
    return assemble(shipped, Settings.from_environment({}).companies_root)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty installation, which the sensors find in their environment."""
    variables = {"KPI_HOME": str(tmp_path), "KPI_HASH_SALT": "salt"}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Settings.from_environment(variables)


@pytest.fixture
def company(shipped: Catalogue) -> Company:
    return shipped.companies["mister_dj"]


@pytest.fixture
def workspace(settings: Settings) -> Iterator[Workspace]:
    with Workspace(settings, now=NOW) as opened:
        yield opened


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Sensors are the edge that asks the machine for the time; here it says NOW until it is moved."""
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


def landed(workspace: Workspace, company: str, source: str, stream: str, newest: datetime, at: datetime) -> None:
    """Leave a live receipt of a load at `at` whose newest record is of `newest`."""
    instant = at.isoformat()
    receipt = {
        "company": company, "source": source, "stream": stream, "run_id": f"r{at:%d%H%M}", "kind": "live",
        "window": {"start": instant, "end": instant}, "expected": None, "received": 1, "written": 0, "unchanged": 1,
        "deleted": 0, "quarantined": {}, "duplicates": 0, "superseded": 0, "pages": 1, "page_bytes": 1,
        "watermark": instant, "proof": "exhausted", "api_version": "v1", "files": [], "columns": {}, "fields": [],
        "drift": {"appeared": [], "gone": []}, "observed_at": instant, "newest": newest.isoformat(),
    }  # fmt: skip
    folder = Path(workspace.settings.landing_root) / company / source / stream / "_receipts"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{receipt['run_id']}.json").write_text(json.dumps(receipt), encoding="utf-8")

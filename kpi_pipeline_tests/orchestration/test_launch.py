"""Starting runs where there is no Dagster instance."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpi_pipeline.catalogue import Catalogue
from kpi_pipeline.errors import SettingsError
from kpi_pipeline.orchestration.launch import run_side_by_side
from kpi_pipeline.settings import Settings


def test_runs_that_would_vanish_are_not_started(tmp_path: Path) -> None:
    settings = Settings.from_environment({"DAGSTER_HOME": str(tmp_path)})
    with pytest.raises(SettingsError, match=r"there is no dagster\.yaml in .*set DAGSTER_HOME"):
        run_side_by_side(settings, Catalogue(companies={}), {}, lambda *_: None)

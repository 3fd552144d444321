"""The same history tests run on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.histories import new_history, new_postgres_history


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def history_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return new_history(tmp_path / "history.db")
    return new_postgres_history(request.getfixturevalue("postgres_url"))


@pytest.fixture
def store(history_url: str) -> Iterator[HistoryStore]:
    found = HistoryStore.open(history_url)
    yield found
    found.engine.dispose()

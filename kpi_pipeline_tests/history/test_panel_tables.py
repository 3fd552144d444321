"""Tables beneath the KPIs in history: kept once, superseded and never overwritten, read as they were known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kpi_pipeline.history.panel_table import PanelTable, newest, save
from kpi_pipeline.history.store import HistoryStore

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAY = date(2026, 11, 21)
TABLE = PanelTable("acme", "cohorts", DAY, [{"cohort": "2026-10", "kept": 9}], "d", "i", "run 1", NOW)
MONTH = timedelta(days=30)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> HistoryStore:
    if request.param == "sqlite":
        return HistoryStore.open(f"sqlite:///{tmp_path / 'history.db'}")
    return HistoryStore.open(request.getfixturevalue("postgres_url").replace("postgresql://", "postgresql+psycopg://"))


def read(store: HistoryStore, known_at: datetime, until: date = DAY) -> PanelTable | None:
    return newest(store, "acme", "cohorts", until, known_at=known_at, within=MONTH)


def test_a_table_is_kept_once_and_read_as_it_was_known(store: HistoryStore) -> None:
    later = NOW + timedelta(hours=1)
    assert save(store, TABLE)
    assert not save(store, replace(TABLE, run_id="run 2", recorded_at=later))
    changed = replace(TABLE, rows=[{"cohort": "2026-10", "kept": 8}], run_id="run 3", recorded_at=later)
    assert save(store, changed)
    assert read(store, NOW) == TABLE
    assert read(store, later) == changed
    assert read(store, NOW - timedelta(seconds=1)) is None
    store.engine.dispose()


def test_another_definition_is_another_table_though_its_rows_are_equal(tmp_path: Path) -> None:
    store = HistoryStore.open(f"sqlite:///{tmp_path / 'history.db'}")
    save(store, TABLE)
    assert save(store, replace(TABLE, definition_hash="other"))
    found = read(store, NOW + timedelta(seconds=1))
    assert found is not None
    assert found.definition_hash == "other"
    store.engine.dispose()


def test_the_newest_day_counts_and_an_old_one_not_for_ever(tmp_path: Path) -> None:
    store = HistoryStore.open(f"sqlite:///{tmp_path / 'history.db'}")
    for back in (0, 7):
        save(store, replace(TABLE, day=DAY - timedelta(days=back)))
    assert [getattr(read(store, NOW, DAY + timedelta(days=ahead)), "day", None) for ahead in (-8, -1, 5, 30, 31)] == [
        None,
        DAY - timedelta(days=7),
        DAY,
        DAY,
        None,
    ]
    store.engine.dispose()

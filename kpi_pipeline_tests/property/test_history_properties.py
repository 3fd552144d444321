"""Whatever is recorded in whatever order: what was known stays known, intervals never overlap, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from kpi_pipeline.history.integrity import check
from kpi_pipeline.history.observation import Observation, Recorded
from kpi_pipeline.history.restatements import restatements
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.history.tables import observation
from kpi_pipeline.history.told import told
from kpi_pipeline_tests.histories import new_history, new_postgres_history
from kpi_pipeline_tests.history.test_store import NOW, observed

FIRST = date(2026, 3, 1)
DAYS = 4
KPIS = ("nps", "runway")
LONG_AGO = NOW - timedelta(days=3_650)  # so that what was recorded last says up to when history is known
VALUES = (None, Decimal(0), Decimal("-1.5"), Decimal(20), Decimal("33.333333333333"))
FEW = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
FEWER = settings(FEW, max_examples=8)


@st.composite
def batches(draw: st.DrawFn) -> list[tuple[timedelta, list[Observation]]]:
    """Runs: days as they go on, records that come late, corrected definitions, backfills; clocks that were set back."""
    found = []
    for _ in range(draw(st.integers(1, 8))):
        wait = timedelta(minutes=draw(st.sampled_from((-90, -1, 1, 360))))
        first = draw(st.integers(0, DAYS - 1))
        span = draw(st.integers(1, DAYS - first))  # a backfill has many days, a run one or two
        rows = []
        for kpi in draw(st.sets(st.sampled_from(KPIS), min_size=1)):
            version = draw(st.integers(1, 2))
            for offset in range(first, first + span):
                end = observed().period_end - timedelta(hours=draw(st.sampled_from((0, 0, 0, 6))))
                rows.append(
                    observed(
                        kpi=kpi,
                        day=FIRST + timedelta(days=offset),
                        value=draw(st.sampled_from(VALUES)),
                        status=draw(st.sampled_from(("ok", "critical", "stale"))),
                        provisional=draw(st.booleans()),
                        closed=end == observed().period_end,
                        period_end=end,
                        definition_version=version,
                        definition_hash=f"v{version}",
                    )
                )
        found.append((wait, rows))
    return found


def everything(store: HistoryStore, known_at: datetime | None = None) -> list[tuple[Any, ...]]:
    """What is said of every KPI and day, as known at an instant."""
    last = FIRST + timedelta(days=DAYS)
    rows = [row for kpi in KPIS for row in store.series("mister_dj", kpi, FIRST, last, known_at=known_at)]
    return [_meaning(row) for row in rows]


def _meaning(row: Recorded) -> tuple[Any, ...]:
    bare = replace(row, superseded_at=None)
    return tuple(getattr(bare, name) for name in Recorded.__match_args__)


def table(store: HistoryStore) -> dict[int, dict[str, Any]]:
    with store.engine.connect() as connection:
        return {row.id: dict(row._mapping) for row in connection.execute(select(observation))}


def play(store: HistoryStore, runs: list[tuple[timedelta, list[Observation]]]) -> None:
    now, seen, before = NOW, list[tuple[datetime, list[tuple[Any, ...]]]](), dict[int, dict[str, Any]]()
    for number, (wait, rows) in enumerate(runs):
        now += wait
        store.record(rows, run_id=f"r{number}", now=now)
        after = table(store)
        assert before.keys() <= after.keys(), "a row is gone"
        for key, row in before.items():
            changed = {name for name in row if row[name] != after[key][name]}
            assert changed <= {"superseded_at"}, "only the end of a row may be written later"
            assert not changed or row["superseded_at"] is None, "an end is written once"
        before = after
        seen.append((store.known_until("mister_dj", LONG_AGO), everything(store)))
    for at, _ in seen:
        last = [said for when, said in seen if when == at][-1]  # runs of one instant are known together
        assert everything(store, at) == last, "what was known has changed after the fact"
    proved = check(store, "mister_dj")
    assert (proved.differences, proved.unproved, proved.rows) == ((), 0, len(before))
    _told_and_restated_agree(store)


def _told_and_restated_agree(store: HistoryStore) -> None:
    changed = {
        (each.kpi, each.day): (each.reported, each.now) for each in restatements(store, "mister_dj", lambda *_: True)
    }
    for kpi in KPIS:
        for each in told(store, "mister_dj", kpi, FIRST, FIRST + timedelta(days=DAYS), known_at=NOW):
            assert each.now is not None
            if each.reported is None or (each.reported.value, each.reported.text_value) == (
                each.now.value,
                each.now.text_value,
            ):
                assert (kpi, each.day) not in changed
            elif (kpi, each.day) in changed:
                assert changed[kpi, each.day] == (each.reported.value, each.now.value)


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HistoryStore]:
    store = HistoryStore.open(new_history(tmp_path_factory.mktemp("history") / "h.db"))
    yield store
    store.engine.dispose()


@FEW
@given(runs=batches())
def test_history_on_sqlite(on_sqlite: HistoryStore, runs: list[Any]) -> None:
    with on_sqlite.engine.begin() as connection:
        connection.execute(text("delete from observation"))
        connection.execute(text("delete from batch"))
    play(on_sqlite, runs)


@pytest.fixture(scope="module")
def on_postgres(postgres_url: str) -> Iterator[HistoryStore]:
    store = HistoryStore.open(new_postgres_history(postgres_url))
    yield store
    store.engine.dispose()


@pytest.mark.postgres
@FEWER
@given(runs=batches())
def test_history_on_postgresql(on_postgres: HistoryStore, runs: list[Any]) -> None:
    with on_postgres.engine.begin() as connection:
        connection.execute(text("truncate observation, batch"))
    play(on_postgres, runs)

"""The history keeps what was known when, writes nothing twice, and says why a value changed."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, inspect, text

from kpi_pipeline.errors import SettingsError, StoreUnavailable
from kpi_pipeline.history.database import connect
from kpi_pipeline.history.observation import Change, Observation, Recorded
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.history.tables import metadata, observation
from kpi_pipeline_tests.histories import new_history

DAY = date(2026, 3, 29)
NOW = datetime(2026, 3, 30, 6, tzinfo=UTC)


def observed(**changes: object) -> Observation:
    base = Observation(
        company="mister_dj",
        kpi="nps",
        day=DAY,
        segment="",
        value=Decimal("33.333333333333"),
        text_value=None,
        numerator=Decimal(3),
        denominator=Decimal(9),
        n=9,
        status="ok",
        reason=None,
        target=">= 30",
        warning="< 20",
        critical=None,
        period_start=datetime(2026, 2, 28, 23, tzinfo=UTC),
        period_end=datetime(2026, 3, 29, 22, tzinfo=UTC),
        closed=True,
        provisional=False,
        definition_version=1,
        definition_hash="abc",
        input_hash="i1",
    )
    return replace(base, **changes)


def test_a_value_comes_back_exactly(store: HistoryStore) -> None:
    outcome = store.record([observed()], run_id="r1", now=NOW)
    assert (outcome.written, outcome.revised, outcome.unchanged) == (1, 0, 0)
    found = store.value("mister_dj", "nps", DAY)
    assert found is not None
    assert (found.value, found.numerator, found.n, found.cause) == (Decimal("33.333333333333"), 3, 9, "first")
    assert found.recorded_at == NOW
    assert found.period_end == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_recomputing_the_same_value_writes_nothing_even_from_other_inputs(store: HistoryStore) -> None:
    store.record([observed()], run_id="r1", now=NOW)
    outcome = store.record([observed(input_hash="i2")], run_id="r2", now=NOW + timedelta(hours=6))
    assert (outcome.written, outcome.revised, outcome.unchanged) == (0, 0, 1)
    assert len(store.revisions("mister_dj", "nps", DAY)) == 1


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"value": Decimal(40), "numerator": Decimal(4)}, "late_records"),
        ({"definition_hash": "xyz", "definition_version": 2, "value": Decimal(1)}, "definition"),
        ({"target": ">= 60", "status": "below_target"}, "threshold"),
        ({"provisional": True}, "settled"),
        ({"value": None, "numerator": Decimal(0), "denominator": Decimal(0), "status": "no_data"}, "late_records"),
    ],
)
def test_a_different_value_supersedes_the_old_one_and_says_why(
    store: HistoryStore, change: dict[str, object], cause: str
) -> None:
    store.record([observed()], run_id="r1", now=NOW)
    later = NOW + timedelta(days=2)
    assert store.record([observed(**change)], run_id="r2", now=later).revised == 1
    old, new = store.revisions("mister_dj", "nps", DAY)
    assert (old.superseded_at, new.superseded_at, new.cause) == (later, None, cause)


def test_the_running_day_is_replaced_as_it_goes_on(store: HistoryStore) -> None:
    store.record([observed(closed=False, period_end=NOW - timedelta(days=1))], run_id="r1", now=NOW)
    store.record([observed(value=Decimal(50))], run_id="r2", now=NOW + timedelta(hours=6))
    assert [row.cause for row in store.revisions("mister_dj", "nps", DAY)] == ["first", "running_day"]


def test_a_past_moment_reads_as_it_was_known_then(store: HistoryStore) -> None:
    later = NOW + timedelta(days=2)
    store.record([observed()], run_id="r1", now=NOW)
    store.record([observed(value=Decimal(40))], run_id="r2", now=later)
    known = [NOW - timedelta(seconds=1), NOW, later - timedelta(microseconds=1), later]
    values = [store.value("mister_dj", "nps", DAY, known_at=at) for at in known]
    assert [None if found is None else found.value for found in values] == [
        None,
        Decimal("33.333333333333"),
        Decimal("33.333333333333"),
        Decimal(40),
    ]


def test_a_clock_that_was_set_back_leaves_one_current_value(store: HistoryStore) -> None:
    store.record([observed()], run_id="r1", now=NOW)
    store.record([observed(value=Decimal(40))], run_id="r2", now=NOW - timedelta(hours=1))
    old, new = store.revisions("mister_dj", "nps", DAY)
    assert old.superseded_at == new.recorded_at > NOW


def test_what_runs_within_fails_together_with_the_observation(store: HistoryStore) -> None:
    def fail(connection: Connection, changes: list[Change]) -> None:
        assert [change.after.day for change in changes] == [DAY]
        raise RuntimeError("rule is broken")

    with pytest.raises(RuntimeError, match="rule is broken"):
        store.record([observed()], run_id="r1", now=NOW, within=fail)
    assert store.value("mister_dj", "nps", DAY) is None


def test_latest_gives_the_newest_day_of_each_kpi(store: HistoryStore) -> None:
    store.record(
        [observed(), observed(day=DAY + timedelta(1), value=Decimal(1)), observed(kpi="runway", value=Decimal(7))],
        run_id="r1",
        now=NOW,
    )
    assert {kpi: row.value for kpi, row in store.latest("mister_dj").items()} == {"nps": 1, "runway": 7}


def test_latest_of_a_past_moment_is_the_newest_day_known_then(store: HistoryStore) -> None:
    later = NOW + timedelta(days=1)
    store.record([observed(), observed(kpi="runway")], run_id="r1", now=NOW)
    store.record([observed(day=DAY + timedelta(1), value=Decimal(1))], run_id="r2", now=later)
    assert {kpi: row.day for kpi, row in store.latest("mister_dj", known_at=NOW).items()} == {"nps": DAY, "runway": DAY}
    assert {kpi: row.day for kpi, row in store.latest("mister_dj", until=DAY).items()} == {"nps": DAY, "runway": DAY}
    found = [store.newest("mister_dj", "nps", known_at=at) for at in (NOW - timedelta(1), NOW, later)]
    assert [None if row is None else row.value for row in found] == [None, observed().value, 1]
    assert store.latest("nobody") == {}


def test_nothing_is_recorded_before_what_was_recorded_already(store: HistoryStore) -> None:
    """A run whose clock is behind writes a new day: a moment that was told already must not come to know it."""
    store.record([observed()], run_id="r1", now=NOW)
    told = store.latest("mister_dj", known_at=NOW - timedelta(minutes=1))
    store.record([observed(day=DAY + timedelta(1))], run_id="r2", now=NOW - timedelta(hours=1))
    assert store.latest("mister_dj", known_at=NOW - timedelta(minutes=1)) == told == {}
    assert store.known_until("mister_dj", NOW - timedelta(hours=1)) == NOW + timedelta(microseconds=1)
    assert store.known_until("mister_dj", NOW + timedelta(hours=1)) == NOW + timedelta(hours=1)


def test_the_columns_of_the_table_are_the_fields_of_an_observation(store: HistoryStore) -> None:
    names = [column.name for column in observation.columns]
    assert names == ["id", *Recorded.__match_args__, "digest", "batch"]


def test_two_writers_at_once_leave_one_current_value_a_day(store: HistoryStore) -> None:
    days = [DAY + timedelta(days=offset) for offset in range(40)]
    failures: list[BaseException] = []

    def write(offset: int) -> None:
        try:
            for turn in range(3):
                rows = [observed(day=day, value=Decimal(offset * 10 + turn)) for day in days]
                store.record(rows, run_id=f"w{offset}", now=NOW + timedelta(seconds=turn))
        except BaseException as error:  # noqa: BLE001 - a thread's failure must reach the assertion below
            failures.append(error)

    threads = [threading.Thread(target=write, args=(offset,)) for offset in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(store.series("mister_dj", "nps", days[0], days[-1])) == 40


def test_the_migrations_build_exactly_the_tables_of_the_code(store: HistoryStore) -> None:
    found = inspect(store.engine)
    for table in metadata.sorted_tables:
        assert {column["name"] for column in found.get_columns(table.name)} == set(table.c.keys())
        assert {index["name"] for index in found.get_indexes(table.name)} >= {index.name for index in table.indexes}


def test_a_database_of_a_newer_version_is_refused(store: HistoryStore, history_url: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(SettingsError, match="newer version of kpi_pipeline"):
        connect(history_url)


def test_a_locked_database_says_that_trying_again_may_help(tmp_path: object) -> None:
    url = f"sqlite:///{tmp_path}/history.db"
    holder = HistoryStore.open(url)
    other = HistoryStore(connect(url, busy_timeout_ms=50))
    with (
        holder.engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
        pytest.raises(StoreUnavailable, match=r"database is locked\. Trying again may help"),
    ):
        other.record([observed()], run_id="r1", now=NOW)
    assert other.value("mister_dj", "nps", DAY) is None


def test_an_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(StoreUnavailable, match="opening the history database") as caught:
        connect("postgresql+psycopg://kpi:hunter2@127.0.0.1:1/kpi?connect_timeout=2")
    assert "hunter2" not in str(caught.value)


def test_an_unknown_kind_of_database_is_a_setting_to_mend() -> None:
    with pytest.raises(SettingsError, match="'mysql' is not supported"):
        connect("mysql://127.0.0.1/kpi")


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    writes=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([None, Decimal(1), Decimal(2)]), st.integers(0, 5)), max_size=12
    )
)
def test_what_was_known_never_changes_after_the_fact(tmp_path_factory: pytest.TempPathFactory, writes: list) -> None:
    store = HistoryStore.open(new_history(tmp_path_factory.mktemp("history") / "h.db"))
    now, seen = NOW, []
    for offset, value, wait in writes:
        now += timedelta(minutes=wait, microseconds=1)
        store.record([observed(day=DAY + timedelta(days=offset), value=value)], run_id="r", now=now)
        now += timedelta(microseconds=1)
        seen.append((now, store.series("mister_dj", "nps", DAY, DAY + timedelta(days=5))))
    for at, rows in seen:
        again = store.series("mister_dj", "nps", DAY, DAY + timedelta(days=5), known_at=at)
        assert [(row.day, row.value, row.recorded_at) for row in again] == [
            (row.day, row.value, row.recorded_at) for row in rows
        ]
    store.engine.dispose()

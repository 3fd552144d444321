"""Reading a company's own tables: complete, in one snapshot, unable to write, and with words for what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import sqlalchemy as sa

from kpi_pipeline.connectors.base import Stream
from kpi_pipeline.errors import ContractError, KpiError, SettingsError, SourceRefused, SourceUnavailable
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.landing.page import Window
from kpi_pipeline.schemas.sql import ProductEvents
from kpi_pipeline_tests.connectors.sql.conftest import EVENTS, MAPPED, NOW, START, Open, opened, read

FIRST = START - timedelta(days=20)
LAST = FIRST + timedelta(minutes=105 * (EVENTS - 1), milliseconds=EVENTS - 1)


def run(address: str, *statements: str) -> None:
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def land(connector: Any, folder: Path, run_id: str = "run1") -> Any:
    stream = next(each for each in connector.streams if each.name == "product_events")
    window = Window(FIRST, NOW)
    reading = connector.read(stream, window)
    return Landing(folder / "landing").load(
        "acme",
        ProductEvents,
        reading,
        run_id=run_id,
        window=window,
        proof=lambda: reading.proof,
        kind="live",
        api_version=connector.api_version,
        month_zone=ZoneInfo("Europe/Amsterdam"),
        now=NOW,
        salt="salt",
    )


def test_every_row_of_the_window_comes_typed_and_the_count_proves_it(connected: Open) -> None:
    found, proof = read(connected(), "product_events", FIRST, NOW)
    assert (found.height, proof.how, proof.expected) == (EVENTS, "total", EVENTS)
    assert found.columns == ["event_id", "user_id", "account_id", "event", "occurred_at"]
    assert found["occurred_at"].dtype == pl.Datetime("us", "UTC")
    assert (found["occurred_at"].min(), found["occurred_at"].max()) == (FIRST, LAST)
    assert found["event_id"].dtype == pl.String
    assert proof.watermark == NOW


@pytest.mark.parametrize("pieces", [2, 7])
def test_adjoining_windows_hold_each_row_once(connected: Open, pieces: int) -> None:
    connector, span = connected(), (NOW - FIRST) / pieces
    parts = [read(connector, "product_events", FIRST + span * n, FIRST + span * (n + 1))[0] for n in range(pieces)]
    assert sum(part.height for part in parts) == EVENTS
    assert pl.concat(part for part in parts if part.height)["event_id"].n_unique() == EVENTS


def test_a_row_on_the_edge_belongs_to_the_later_window(connected: Open) -> None:
    edge = FIRST + timedelta(minutes=105 * 7, milliseconds=7)
    assert read(connected(), "product_events", FIRST, edge)[0].height == 7
    assert read(connected(), "product_events", edge, NOW)[0].height == EVENTS - 7


def test_a_snapshot_is_the_whole_table_whatever_the_window(connected: Open) -> None:
    found, proof = read(connected(), "users", NOW, NOW)
    assert found.sort("user_id")["internal"].to_list() == [False, False, True]
    assert (proof.expected, "profile_set_at" in found.columns) == (3, False)


def test_rows_land_and_a_second_load_writes_nothing(connected: Open, tmp_path: Path) -> None:
    first = land(connected(), tmp_path)
    assert (first.written, first.expected, first.newest) == (EVENTS, EVENTS, LAST)
    again = land(connected(), tmp_path, "run2")
    assert (again.written, again.unchanged) == (0, EVENTS)


def test_only_tables_that_are_mapped_are_streams(connected: Open) -> None:
    connector = connected()
    assert {stream.name for stream in connector.streams} == {"product_events", "users"}
    with pytest.raises(SettingsError, match="tables has no tickets"):
        connector.read(Stream("sql", "tickets"), Window(START, NOW))


def test_nothing_can_be_written(connected: Open) -> None:
    connector: Any = connected()
    with (
        pytest.raises(KpiError, match=r"(readonly|read-only)"),
        connector._database.snapshot("sql: trying to write") as connection,
    ):
        connection.exec_driver_sql("DELETE FROM people")
    assert read(connector, "users")[0].height == 3


def test_rows_that_come_while_we_read_do_not_break_the_count(connected: Open, filled: str) -> None:
    """One snapshot for the count and the rows: what is written meanwhile belongs to the next read."""
    connector = connected()
    stream = next(each for each in connector.streams if each.name == "product_events")
    reading = connector.read(stream, Window(FIRST, NOW))
    pages = iter(reading)
    first = next(pages)
    if filled.startswith("postgresql"):  # SQLite's reader holds the writer off instead
        run(filled, "INSERT INTO activity VALUES (9999, 'p1', 'a1', 'look', '2026-11-02 00:00:00+00')")
    assert first.count + sum(page.count for page in pages) == EVENTS == reading.proof.expected


# what is wrong with the settings


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"product_events": {"table": "activty"}}, "no table 'activty', did you mean 'activity'"),
        (
            {"product_events": {**MAPPED["product_events"], "columns": {"event_id": "idd"}}},
            r"the table activity has no column 'idd' \(for event_id\), did you mean 'id'",
        ),
        (
            {"product_events": {**MAPPED["product_events"], "cursor": "inserted"}},
            r"no column 'inserted' \(for the cursor\)",
        ),
        (
            {"product_events": {"table": "activity", "columns": {"evnt": "action"}}},
            "'evnt' is no column of ours, did you mean 'event'",
        ),
        (
            {"product_events": {"table": "activity", "columns": {"event": None}}},
            "event must be there, and is mapped to nothing",
        ),
        ({"people": None}, "there is no stream 'people'"),
        ({"users": {"tabel": "people"}}, "'tabel' is not known, did you mean 'table'"),
        ({"users": {"instants": "minutes"}}, "instants is 'minutes'"),
        ({"users": {"zone": "Mars/Base"}}, "zone 'Mars/Base' is no time zone"),
        ({}, "there is no `tables`"),
    ],
)
def test_a_wrong_setting_is_named_with_what_may_have_been_meant(
    connected: Open, tables: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingsError, match=message) as told:
        read(connected(tables=tables), next(iter(tables)))
    assert told.value.exit_code == 10


def test_numbers_are_instants_only_when_the_settings_say_of_what(connected: Open, filled: str) -> None:
    run(filled, "CREATE TABLE counted AS SELECT id, person, account_id, action, 1793000000000 + id AS at FROM activity")
    tables = {"product_events": {**MAPPED["product_events"], "table": "counted"}}
    with pytest.raises(ContractError, match=r"cursor at holds int, not instants.*Say `instants: ms`"):
        read(connected(tables=tables), "product_events")
    found, _ = read(connected(tables=tables, instants="ms"), "product_events", FIRST, NOW)
    assert found.height == EVENTS
    assert found["occurred_at"].min() == datetime.fromtimestamp(1_793_000_000, UTC)


def test_instants_without_a_zone_are_of_the_zone_that_the_settings_name(connected: Open, filled: str) -> None:
    kind = "timestamp" if filled.startswith("postgresql") else "text"
    run(
        filled,
        f"CREATE TABLE local_times (id integer, person text, account_id text, action text, at {kind})",
        "INSERT INTO local_times VALUES (1, 'p1', 'a', 'look', '2026-10-25 01:30:00'), "
        "(2, 'p1', 'a', 'look', '2026-10-25 03:30:00'), (3, 'p1', 'a', 'look', '2026-11-01 00:30:00')",
    )
    mapped = {**MAPPED["product_events"], "table": "local_times", "zone": "Europe/Amsterdam"}
    found, _ = read(connected(tables={"product_events": mapped}), "product_events", FIRST, START)
    expected = [datetime(2026, 10, 24, 23, 30, tzinfo=UTC), datetime(2026, 10, 25, 2, 30, tzinfo=UTC)]
    assert sorted(found["occurred_at"].to_list()) == [*expected, datetime(2026, 10, 31, 23, 30, tzinfo=UTC)]


# a database in trouble


def test_a_column_that_changed_its_type_lands_nothing(connected: Open, filled: str, tmp_path: Path) -> None:
    land(connected(), tmp_path)
    run(filled, "ALTER TABLE activity RENAME COLUMN at TO was", "ALTER TABLE activity ADD COLUMN at integer")
    run(filled, "UPDATE activity SET at = 1793000000 + id")
    with pytest.raises(ContractError, match="the cursor at holds int"):
        land(connected(), tmp_path, "run2")
    tables = {"product_events": {**MAPPED["product_events"], "cursor": "was"}}
    with pytest.raises(ContractError, match=r"do not fit the model .*type in occurred_at"):
        land(connected(tables=tables), tmp_path, "run3")
    assert len(Landing(tmp_path / "landing").receipts("acme", "sql", "product_events")) == 1


def test_seconds_taken_for_milliseconds_are_refused(connected: Open, filled: str) -> None:
    run(filled, "CREATE TABLE counted AS SELECT id, person, account_id, action, 1793000000 + id AS at FROM activity")
    tables = {"product_events": {**MAPPED["product_events"], "table": "counted"}}
    with pytest.raises(
        ContractError, match=r"holds 17930\d+, which is no likely number of ms since 1970, not instants"
    ):
        read(connected(tables=tables, instants="ms"), "product_events")


def test_a_slow_answer_is_given_up_with_advice(connected: Open, filled: str) -> None:
    slow = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT count(*) FROM n"
        if filled.startswith("sqlite")
        else "SELECT pg_sleep(30)::text::integer"
    )
    run(filled, f"CREATE VIEW activities AS SELECT a.* FROM activity a WHERE ({slow}) > 0")
    tables = {"product_events": {**MAPPED["product_events"], "table": "activities"}}
    connector = connected(tables=tables, statement_timeout="1 second")
    with pytest.raises(SourceUnavailable, match=r"longer than the statement_timeout of 1 s.*index") as told:
        read(connector, "product_events")
    assert (told.value.exit_code, told.value.retryable) == (20, True)


@pytest.mark.parametrize("said", ["soon", "0 seconds", "5"])
def test_a_timeout_that_is_no_span_is_refused(connected: Open, said: str) -> None:
    with pytest.raises(SettingsError, match="no span such as '30 seconds'"):
        connected(statement_timeout=said)


SECRETS = ("s3cr3t", "db.internal", "kpi_reader")


@pytest.mark.parametrize(
    ("address", "error", "match"),
    [
        ("postgresql://kpi_reader:s3cr3t@127.0.0.1:1/product", SourceUnavailable, "(?i)refused"),
        ("postgresql://kpi_reader:s3cr3t@db.internal.invalid/product", SourceUnavailable, "."),
        ("mssql+nothing://kpi_reader:s3cr3t@db.internal/product", SettingsError, "no SQLAlchemy URL, or its dialect"),
        ("kpi_reader:s3cr3t at db.internal", SettingsError, "no SQLAlchemy URL"),
        ("sqlite:////nowhere/s3cr3t/product.db", SettingsError, "no such SQLite file"),
    ],
)
def test_a_database_that_is_not_there_is_named_by_its_variable_only(
    tmp_path: Path, address: str, error: type[KpiError], match: str
) -> None:
    with pytest.raises(error, match=match) as told:
        read(opened(address, tmp_path), "users")
    said = f"{told.value} {told.value.__cause__!r}"
    assert "ACME_SQL_BASE_URL" in said
    assert not [secret for secret in SECRETS if secret in said], said


@pytest.mark.postgres
def test_a_wrong_password_and_a_missing_grant_are_refused(
    filled: str, connected: Open, request: pytest.FixtureRequest
) -> None:
    if filled.startswith("sqlite"):
        pytest.skip("SQLite has neither users nor grants")
    run(filled, "DO $$ BEGIN CREATE ROLE stranger LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    stranger = sa.make_url(filled).set(username="stranger").render_as_string(hide_password=False)
    with pytest.raises(SourceRefused, match=r"permission denied.*grant SELECT"):
        read(connected(stranger), "users")
    nobody = sa.make_url(filled).set(username="nobody_at_all").render_as_string(hide_password=False)
    with pytest.raises((SourceRefused, SourceUnavailable), match="ACME_SQL_BASE_URL"):
        read(connected(nobody), "users")


def test_an_empty_table_is_complete_with_nothing(connected: Open, filled: str) -> None:
    run(filled, "DELETE FROM activity")
    found, proof = read(connected(), "product_events")
    assert (found.height, proof.expected) == (0, 0)

from __future__ import annotations

import sys
from typing import Any

import pytest

from kpi_pipeline.errors import SettingsError, StoreUnavailable
from kpi_pipeline.facts.backends import open_backend


def test_duckdb_is_in_memory_bounded_and_in_utc(duckdb: Any) -> None:
    query = "SELECT current_setting('TimeZone'), current_setting('memory_limit'), current_database()"
    assert duckdb.raw_sql(query).fetchall() == [("UTC", "1.8 GiB", "memory")]


@pytest.mark.postgres
def test_postgres_is_in_utc_and_reads_a_socket_folder_in_the_address(postgres_url: str) -> None:
    backend = open_backend("postgres", postgres_url)
    assert backend.raw_sql("SHOW TIME ZONE").fetchall() == [("UTC",)]
    backend.disconnect()


def test_an_unknown_engine_names_those_we_have() -> None:
    with pytest.raises(SettingsError, match=r"KPI_ENGINE is 'oracle'.*Use one of duckdb, postgres, spark"):
        open_backend("oracle")


def test_duckdb_takes_no_address() -> None:
    with pytest.raises(SettingsError, match=r"DuckDB runs in memory"):
        open_backend("duckdb", "kpi.duckdb")


def test_postgres_needs_an_address() -> None:
    with pytest.raises(SettingsError, match=r"no address was given"):
        open_backend("postgres")


def test_a_server_that_is_away_may_come_back() -> None:
    with pytest.raises(StoreUnavailable, match=r"Trying again may help"):
        open_backend("postgres", "postgresql://nobody@127.0.0.1:9/none")


@pytest.mark.parametrize(("engine", "package"), [("postgres", "psycopg"), ("spark", "pyspark")])
def test_a_missing_extra_is_named(engine: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # what an import of a package that is not there looks like
    with pytest.raises(SettingsError, match=rf'pip install "kpi-pipeline\[{engine}\]"'):
        open_backend(engine, "postgresql://somewhere")

"""The same rows and the same milliseconds on DuckDB, PostgreSQL and Spark."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import pytest

from kpi_pipeline.clock import epoch_ms as expected_ms
from kpi_pipeline.landing.instants import epoch_ms
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline_tests.landing.orders import NOW, Orders, load, order, page

INSTANTS = [
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:59.999999Z",
    "2026-03-29T00:59:59.999500Z",
    "2026-03-29T01:00:00.000999Z",
    "2025-10-26T00:59:59.001999Z",
    "1999-12-31T23:59:59.999999Z",
    None,
]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, there is none on the path")
    sql = pytest.importorskip("pyspark.sql", reason="the spark extra is not installed")
    session = (
        sql.SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1")  # too short a life to optimise for
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(
    params=[
        "duckdb",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.slow]),
    ]
)
def backend(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "spark":
        yield ibis.pyspark.connect(request.getfixturevalue("spark"))
        return
    opened = (
        ibis.duckdb.connect() if request.param == "duckdb" else ibis.connect(request.getfixturevalue("postgres_url"))
    )
    yield opened
    opened.disconnect()


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Landing:
    landing = Landing(tmp_path_factory.mktemp("engines"))
    first = [order(number, changed=changed) for number, changed in enumerate(INSTANTS)]
    load(landing, [page([*first, order(8), order(9)])])
    later = [order(8, status="paid", placed=int((NOW - timedelta(days=60)).timestamp()))]
    load(landing, [page(later), page([{"id": "o9"}], deleted=True)], run_id="run2", now=NOW + timedelta(hours=1))
    return landing


def test_the_latest_rows_are_equal(backend: Any, landed: Landing) -> None:
    table = landed.latest(backend, "acme", Orders)
    reference = landed.latest(ibis.duckdb.connect(), "acme", Orders).order_by("id").to_pyarrow()
    found = table.order_by("id").to_pyarrow()
    assert found.column_names == [*Orders.to_schema().columns, "_observed_at"]
    assert found.num_rows == 8
    assert found.select(["id", "status", "quantity", "price", "gift", "tags", "day", "buyer"]).to_pylist() == (
        reference.select(["id", "status", "quantity", "price", "gift", "tags", "day", "buyer"]).to_pylist()
    )
    assert landed.versions(backend, "acme", Orders).count().execute() == 11


def test_milliseconds_are_exact_and_never_rounded_up(backend: Any, landed: Landing) -> None:
    table = landed.latest(backend, "acme", Orders).filter(ibis._.status == "open").order_by("id")
    found = table.select(ms=epoch_ms(table.changed_at), placed=epoch_ms(table.placed_at)).to_pyarrow().to_pylist()
    wanted = [None if text is None else expected_ms(datetime.fromisoformat(text)) for text in INSTANTS]
    assert [None if each["ms"] is None else int(each["ms"]) for each in found] == wanted
    assert [int(each["placed"]) for each in found] == [
        expected_ms(NOW) - 60_000 * number for number in range(len(INSTANTS))
    ]


def test_a_stream_that_was_never_loaded_is_an_empty_table_with_its_columns(backend: Any, tmp_path: Path) -> None:
    table = Landing(tmp_path).latest(backend, "acme", Orders)
    assert table.count().execute() == 0
    assert table.schema()["placed_at"].timezone == "UTC"
    assert str(table.schema()["price"]) == "decimal(38, 12)"
    assert table.filter(table.placed_at > datetime(2026, 1, 1, tzinfo=UTC)).count().execute() == 0

"""The same expressions give the same facts and the same KPIs on every engine."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from kpi_pipeline.catalogue import Company
from kpi_pipeline.facts import FACTS
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.flow.streams import computed_facts
from kpi_pipeline.metrics.engine import Engine, Measurement

NOW = datetime(2026, 4, 25, 13, 30, tzinfo=UTC)
# Spark takes seconds for a query of any size, so it is held to a few that use all the arithmetic there is: instants,
# local days, currencies, window functions, gaps and islands, percentiles and rolling sums.
ON_SPARK = ("ledger_entry", "survey_answer", "issue_open_interval", "histogram_increase")
KPIS_ON_SPARK = ("nps_post_event", "retry_age_p95")
FIRST, LAST = date(2026, 3, 20), date(2026, 4, 25)


def rows(tables: FactTables, name: str) -> list[dict[str, Any]]:
    found = tables.backend.to_pyarrow(tables.table(name)).to_pylist()
    key = FACTS[name].key
    return sorted(found, key=lambda row: tuple(row[column] for column in key))


def measurements(tables: FactTables, company: Company, names: Iterable[str]) -> dict[str, list[Measurement]]:
    engine = Engine(tables.backend, tables, company, now=NOW)
    return {name: engine.measure(company.kpis[name], FIRST, LAST) for name in names}


def compare_facts(one: FactTables, other: FactTables, names: Iterable[str]) -> None:
    for name in names:
        expected = rows(one, name)
        assert expected, f"no {name} to compare"
        assert rows(other, name) == expected, name


def compare_kpis(one: FactTables, other: FactTables, company: Company, names: Collection[str]) -> None:
    found, expected = measurements(other, company, names), measurements(one, company, names)
    assert any(each.value is not None for series in expected.values() for each in series)
    for name, series in expected.items():
        for left, right in zip(found[name], series, strict=True):
            assert (left.day, left.n, left.reason, left.closed) == (right.day, right.n, right.reason, right.closed), (
                name
            )
            for column in ("value", "numerator", "denominator"):
                assert close(getattr(left, column), getattr(right, column)), (name, left.day, column)


def close(left: Decimal | str | None, right: Decimal | str | None) -> bool:
    if left is None or right is None or isinstance(left, str) or isinstance(right, str):
        return left == right
    if left == left.to_integral_value() and right == right.to_integral_value():
        return left == right
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.postgres
def test_postgres_gives_the_facts_of_duckdb(on_duckdb: FactTables, on_postgres: FactTables, mister_dj: Company) -> None:
    compare_facts(on_duckdb, on_postgres, computed_facts(mister_dj))


@pytest.mark.postgres
def test_postgres_gives_the_kpis_of_duckdb(on_duckdb: FactTables, on_postgres: FactTables, mister_dj: Company) -> None:
    compare_kpis(on_duckdb, on_postgres, mister_dj, mister_dj.kpis)


@pytest.mark.slow
@pytest.mark.spark
def test_spark_gives_the_facts_of_duckdb(on_duckdb: FactTables, on_spark: FactTables) -> None:
    compare_facts(on_duckdb, on_spark, ON_SPARK)


@pytest.mark.slow
@pytest.mark.spark
def test_spark_gives_the_kpis_of_duckdb(on_duckdb: FactTables, on_spark: FactTables, mister_dj: Company) -> None:
    compare_kpis(on_duckdb, on_spark, mister_dj, KPIS_ON_SPARK)

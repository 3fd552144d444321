"""Recurring revenue is the same on every engine: the facts, and the kinds that measure them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from kpi_pipeline.facts.backends import open_backend
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.metrics.engine import Engine
from kpi_pipeline_tests.facts.records import Records
from kpi_pipeline_tests.recurring import kpis
from kpi_pipeline_tests.recurring.cases import account
from kpi_pipeline_tests.recurring.kpis import kpi
from kpi_pipeline_tests.recurring.subscribers import Company

NOW = datetime(2026, 4, 2, 13, 30, tzinfo=UTC)
FACTS = ("mrr_change", "billing_customer", "subscription_trial")
KPIS = (
    kpi("balance", "at day end", take="mean"),
    kpi("base_cohort", "at day end", "percent", base="1 month ago", measure="retained_capped", over="base"),
    kpi("base_cohort", "calendar month", measure=["new", "-lost"], base="start of window", first="first_at",
        moving="reason = 'subscription'"),
)  # fmt: skip


@pytest.fixture(scope="module")
def records() -> Records:
    return account()


def computed(backend: Any, records: Records) -> Iterator[FactTables]:
    with FactTables(records, Company(), backend) as tables:
        tables.materialise(FACTS)
        yield tables
    backend.disconnect()


@pytest.fixture(scope="module")
def revenue_on_duckdb(records: Records) -> Iterator[FactTables]:
    yield from computed(open_backend("duckdb"), records)


@pytest.fixture(scope="module")
def revenue_on_postgres(records: Records, postgres_url: str) -> Iterator[FactTables]:
    yield from computed(open_backend("postgres", postgres_url), records)


@pytest.mark.postgres
@pytest.mark.slow
def test_postgres_gives_the_recurring_revenue_of_duckdb(
    revenue_on_duckdb: FactTables, revenue_on_postgres: FactTables
) -> None:
    for name in FACTS:
        one, other = (
            sorted(tables.backend.to_pyarrow(tables.table(name)).to_pylist(), key=repr)
            for tables in (revenue_on_duckdb, revenue_on_postgres)
        )
        assert one, f"no {name} to compare"
        assert other == one, name


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.parametrize("declared", KPIS, ids=lambda declared: declared.kind)
def test_postgres_measures_it_as_duckdb_does(
    revenue_on_duckdb: FactTables, revenue_on_postgres: FactTables, declared: Any
) -> None:
    one, other = (
        Engine(tables.backend, tables, kpis.Company(), now=NOW).measure(declared, date(2026, 1, 1), NOW.date())
        for tables in (revenue_on_duckdb, revenue_on_postgres)
    )
    assert other == one
    assert len({each.value for each in one}) > 2

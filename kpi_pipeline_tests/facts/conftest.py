from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
import pytest

from kpi_pipeline.facts import FACTS
from kpi_pipeline.facts.backends import open_backend
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.schemas.facts import MODELS
from kpi_pipeline_tests.facts.records import Company, Records

Rows = list[dict[str, Any]]


@pytest.fixture(scope="session")
def duckdb() -> Iterator[Any]:
    backend = open_backend("duckdb")
    yield backend
    backend.disconnect()


@pytest.fixture(scope="session")
def postgres(postgres_url: str) -> Iterator[Any]:
    backend = open_backend("postgres", postgres_url)
    yield backend
    backend.disconnect()


@pytest.fixture
def records() -> Records:
    return Records()


@pytest.fixture
def rows_of(duckdb: Any, postgres: Any, records: Records) -> Callable[..., Rows]:
    """A fact's rows, checked against its pandera model, in order of its key; PostgreSQL must give the same."""

    def read(name: str, company: Company | None = None) -> Rows:
        found, other = (
            _rows(FactTables(records, company or Company(), backend), name) for backend in (duckdb, postgres)
        )
        MODELS[name].validate(found)
        rows = found.sort(found.columns).to_dicts()
        assert other.sort(other.columns).to_dicts() == rows, "PostgreSQL gives other rows than DuckDB"
        return rows

    return read


def _rows(facts: FactTables, name: str) -> pl.DataFrame:
    """As a run computes it: the facts that it builds on are tables by then, or their queries would be written anew."""
    facts.materialise(FACTS[name].uses)
    try:
        return pl.DataFrame(facts.table(name).to_pyarrow())
    finally:
        facts.release()

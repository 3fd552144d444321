from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
import pytest

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


@pytest.fixture
def records() -> Records:
    return Records()


@pytest.fixture
def rows_of(duckdb: Any, records: Records) -> Callable[..., Rows]:
    """A fact's rows, checked against its pandera model, in order of its key."""

    def read(name: str, company: Company | None = None) -> Rows:
        tables = FactTables(records, company or Company(), duckdb)
        frame = pl.DataFrame(tables.table(name).to_pyarrow())
        MODELS[name].validate(frame)
        return frame.sort(frame.columns).to_dicts()

    return read

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


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])])
def backend(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


@pytest.fixture
def rows_of(backend: Any, records: Records) -> Callable[..., Rows]:
    """A fact's rows, checked against its pandera model, in order of its key.

    As a run computes it: the facts that it builds on are tables by then, or their queries would be written anew.
    """

    def read(name: str, company: Company | None = None) -> Rows:
        with FactTables(records, company or Company(), backend) as facts:
            facts.materialise(FACTS[name].uses)
            found = pl.DataFrame(facts.table(name).to_pyarrow())
        MODELS[name].validate(found)
        return found.sort(found.columns).to_dicts()

    return read

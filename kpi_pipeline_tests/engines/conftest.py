from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import kpi_pipeline
from kpi_pipeline import catalogue
from kpi_pipeline.catalogue import Company
from kpi_pipeline.facts import columns
from kpi_pipeline.facts.backends import open_backend
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.flow.streams import computed_facts
from kpi_pipeline.metrics import windows
from kpi_pipeline.metrics.kinds import PARAMS
from kpi_pipeline_tests.facts.company_life import live
from kpi_pipeline_tests.facts.records import Records


@pytest.fixture(scope="session")
def mister_dj() -> Company:
    root = Path(kpi_pipeline.__file__).parent / "companies"
    return catalogue.load(root, PARAMS, columns(), windows.parse).companies["mister_dj"]


@pytest.fixture(scope="session")
def life() -> Records:
    return live(Records())


def facts_on(backend: Any, life: Records, company: Company) -> Iterator[FactTables]:
    with FactTables(life, company, backend) as tables:
        yield tables
    backend.disconnect()


def materialised(tables: Iterator[FactTables]) -> Iterator[FactTables]:
    for each in tables:
        each.materialise(computed_facts(each.company))
        yield each


@pytest.fixture(scope="session")
def on_duckdb(life: Records, mister_dj: Company) -> Iterator[FactTables]:
    yield from materialised(facts_on(open_backend("duckdb"), life, mister_dj))


@pytest.fixture(scope="session")
def on_postgres(life: Records, mister_dj: Company, postgres_url: str) -> Iterator[FactTables]:
    yield from materialised(facts_on(open_backend("postgres", postgres_url), life, mister_dj))


@pytest.fixture(scope="session")
def on_spark(life: Records, mister_dj: Company) -> Iterator[FactTables]:
    pytest.importorskip("pyspark", reason="the extra [spark] is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is none on the path")
    yield from facts_on(open_backend("spark"), life, mister_dj)

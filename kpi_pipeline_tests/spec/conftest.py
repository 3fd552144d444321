"""Specs read as tables: facts in, one row a day out, recounted by hand and run through the real engine on DuckDB.

In expectations '100/3' is a third of a hundred and '-' is None; of facts see tables.py. KPIs are Mister DJ's, unless
a folder's conftest.py says otherwise with a fixture `company_id`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import ibis
import pytest

import kpi_pipeline
from kpi_pipeline import catalogue
from kpi_pipeline.catalogue import Company
from kpi_pipeline.facts.spec import FACTS
from kpi_pipeline.metrics import rating, windows
from kpi_pipeline.metrics.engine import Engine, Measurement
from kpi_pipeline.metrics.kinds import PARAMS
from kpi_pipeline.metrics.uses import facts_of
from kpi_pipeline_tests.spec.tables import fact, instant, rows

Tables = Mapping[str, str]
Recount = Callable[..., None]


@pytest.fixture(scope="session")
def shipped() -> catalogue.Catalogue:
    facts = {name: set(spec.columns) for name, spec in FACTS.items()}
    root = Path(kpi_pipeline.__file__).parent / "companies"
    return catalogue.inspect(root, PARAMS, facts, windows.parse)[0]


@pytest.fixture
def company_id() -> str:
    return "mister_dj"


@pytest.fixture
def company(shipped: catalogue.Catalogue, company_id: str) -> Company:
    return shipped.companies[company_id]


@pytest.fixture(scope="session")
def mister_dj(shipped: catalogue.Catalogue) -> Company:
    return shipped.companies["mister_dj"]


@pytest.fixture(scope="session")
def backend() -> Any:
    return ibis.duckdb.connect()


@pytest.fixture
def engine(backend: Any, company: Company) -> Callable[..., Engine]:
    """Engine over facts written as tables."""

    def make(facts: Tables, now: str = "2026-11-22 12:00", company: Company = company) -> Engine:
        tables = {name: fact(name, text, company.tz) for name, text in facts.items()}
        return Engine(backend, tables, company, now=instant(now, company.tz))

    return make


@pytest.fixture
def recount(engine: Callable[..., Engine], company: Company) -> Recount:
    """Measures a KPI for the days of the expected table and compares every column that the table names.

    KPIs that a test measures over the same facts share an engine, as in a run: a formula finds its parts measured.
    """
    engines: dict[tuple[Any, ...], Engine] = {}

    def check(
        kpi_id: str, facts: Tables, expected: str, now: str = "2026-11-22 12:00", company: Company = company
    ) -> None:
        kpi = company.kpis[kpi_id]
        assert set(facts) <= set(facts_of(kpi, company)), f"{kpi_id} does not read these facts"
        read = {name: next(iter(FACTS[name].columns)) for name in facts_of(kpi, company)} | dict(facts)
        key = (now, id(company), *sorted(read.items()))
        if key not in engines:
            engines[key] = engine(read, now, company)
        wanted = rows(expected)
        days = [date.fromisoformat(row["day"]) for row in wanted]
        found = {m.day: m for m in engines[key].measure(kpi, min(days), max(days))}
        for day, row in zip(days, wanted, strict=True):
            measurement = found[day]
            seen = {name: _seen(kpi, measurement, name) for name in row if name != "day"}
            assert seen == {name: _wanted(name, cell, company) for name, cell in row.items() if name != "day"}, day

    return check


def _seen(kpi: Any, measurement: Measurement, name: str) -> Any:
    return rating.rate(kpi, measurement) if name == "status" else getattr(measurement, name)


def _wanted(name: str, cell: str, company: Company) -> Any:
    if cell == "-":
        return None
    if name in ("status", "reason", "text"):
        return cell
    if name in ("closed", "provisional"):
        return {"yes": True, "no": False}[cell]
    if name == "n":
        return int(cell)
    if name in ("period_start", "period_end"):
        return instant(cell, company.tz)
    top, _, bottom = cell.partition("/")
    with localcontext(prec=28):
        return (Decimal(top) / Decimal(bottom or 1)).quantize(Decimal("1e-12"))

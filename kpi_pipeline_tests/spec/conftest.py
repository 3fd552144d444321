"""Specs read as tables: facts in, one row a day out, recounted by hand and run through the real engine on DuckDB.

Cells of facts: blank is null, times are local to Amsterdam ('2026-03-29 01:30', or with '+02:00' where that is twice a
day), yes/no are flags. Cells of expectations: '100/3' is a third of a hundred, '-' is None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pytest

import kpi_pipeline
from kpi_pipeline import catalogue
from kpi_pipeline.catalogue import Company
from kpi_pipeline.clock import epoch_ms
from kpi_pipeline.facts.spec import FACTS
from kpi_pipeline.metrics import rating, windows
from kpi_pipeline.metrics.engine import Engine, Measurement
from kpi_pipeline.metrics.kinds import PARAMS
from kpi_pipeline.metrics.uses import facts_of
from kpi_pipeline.metrics.windows import day_index

ZONE = ZoneInfo("Europe/Amsterdam")
TYPES = {"int64": pa.int64(), "float64": pa.float64(), "string": pa.string(), "boolean": pa.bool_()}
Tables = Mapping[str, str]
Recount = Callable[..., None]


def rows(text: str) -> list[dict[str, str]]:
    """A table with a header and bars between columns → one dict a row."""
    header, *lines = [
        [cell.strip() for cell in line.split("|")] for line in text.strip().splitlines() if not set(line) <= set("-| ")
    ]
    return [dict(zip(header, line, strict=True)) for line in lines]


def instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=ZONE)


def fact(name: str, text: str) -> ibis.Table:
    """A fact with all its columns; those the table leaves out are null."""
    columns = FACTS[name].columns
    read = [{column: _cell(column, columns[column].type, cell) for column, cell in row.items()} for row in rows(text)]
    schema = pa.schema([(column, TYPES[spec.type]) for column, spec in columns.items()])
    return ibis.memtable(pa.Table.from_pylist(read, schema=schema))


def _cell(column: str, kind: str, cell: str) -> Any:
    if cell == "":
        return None
    if column.endswith("_at"):
        return epoch_ms(instant(cell))
    if column == "day":
        return day_index(date.fromisoformat(cell))
    if kind == "boolean":
        return {"yes": True, "no": False}[cell]
    if kind == "float64":
        return 1e308 if cell == "inf" else float(cell)
    return int(cell) if kind == "int64" else cell


@pytest.fixture(scope="session")
def mister_dj() -> Company:
    facts = {name: set(spec.columns) for name, spec in FACTS.items()}
    root = Path(kpi_pipeline.__file__).parent / "companies"
    return catalogue.load(root, PARAMS, facts, windows.parse).companies["mister_dj"]


@pytest.fixture(scope="session")
def backend() -> Any:
    return ibis.duckdb.connect()


@pytest.fixture
def engine(backend: Any, mister_dj: Company) -> Callable[..., Engine]:
    """Engine over facts written as tables, Mister DJ's if no other company is given."""

    def make(facts: Tables, now: str = "2026-11-22 12:00", company: Company = mister_dj) -> Engine:
        tables = {name: fact(name, text) for name, text in facts.items()}
        return Engine(backend, tables, company, now=instant(now))

    return make


@pytest.fixture
def recount(engine: Callable[..., Engine], mister_dj: Company) -> Recount:
    """Measures a KPI for the days of the expected table and compares every column that the table names."""

    def check(kpi_id: str, facts: Tables, expected: str, now: str = "2026-11-22 12:00") -> None:
        kpi = mister_dj.kpis[kpi_id]
        assert set(facts) <= set(facts_of(kpi, mister_dj)), f"{kpi_id} does not read these facts"
        nothing = {name: next(iter(FACTS[name].columns)) for name in facts_of(kpi, mister_dj)}
        wanted = rows(expected)
        days = [date.fromisoformat(row["day"]) for row in wanted]
        found = {m.day: m for m in engine({**nothing, **facts}, now).measure(kpi, min(days), max(days))}
        for day, row in zip(days, wanted, strict=True):
            measurement = found[day]
            seen = {name: _seen(kpi, measurement, name) for name in row if name != "day"}
            assert seen == {name: _wanted(name, cell) for name, cell in row.items() if name != "day"}, day

    return check


def _seen(kpi: Any, measurement: Measurement, name: str) -> Any:
    return rating.rate(kpi, measurement) if name == "status" else getattr(measurement, name)


def _wanted(name: str, cell: str) -> Any:
    if cell == "-":
        return None
    if name in ("status", "reason"):
        return cell
    if name in ("closed", "provisional"):
        return {"yes": True, "no": False}[cell]
    if name == "n":
        return int(cell)
    if name in ("period_start", "period_end"):
        return instant(cell)
    top, _, bottom = cell.partition("/")
    with localcontext(prec=28):
        return (Decimal(top) / Decimal(bottom or 1)).quantize(Decimal("1e-12"))

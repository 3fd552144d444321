"""What holds of recurring revenue whatever happened: movements add up, order and batches of records do not matter."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis.expr.operations import InMemoryTable

from kpi_pipeline.catalogue.model import Kpi
from kpi_pipeline.facts.backends import open_backend
from kpi_pipeline.facts.local_time import from_day_number
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.landing.page import Page, Proof, Window
from kpi_pipeline.metrics.engine import Engine
from kpi_pipeline.sandbox.truth.recurring import Revenue
from kpi_pipeline_tests.connectors.wire import wired
from kpi_pipeline_tests.recurring.kpis import Company, kpi
from kpi_pipeline_tests.recurring.shifts import of_fact, of_truth
from kpi_pipeline_tests.recurring.subscribers import MANY, NOW, STREAMS, ZONE, build
from kpi_pipeline_tests.recurring.subscribers import Company as Billed

MOVEMENTS = {"new": 1, "reactivated": 1, "expansion": 1, "contraction": -1, "lost": -1}
FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
COLUMNS = ("customer_id", "product", "reason", "changed_at", "delta_minor", "first_at")
STARTS = datetime(2025, 12, 20, tzinfo=UTC)
MONTH_ENDS = [datetime(2026, month, 1, tzinfo=ZoneInfo(ZONE)) - timedelta(milliseconds=1) for month in range(1, 8)]
SHAPE = pa.schema([(name, pa.int64() if name[-3:] in ("_at", "nor") else pa.string()) for name in COLUMNS])


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Amounts of a few customers in two products that change at random instants; rates move them at month-ends."""
    found: list[dict[str, Any]] = []
    for customer in range(draw(st.integers(1, 4))):
        rates = draw(st.lists(st.integers(900, 1100), min_size=len(MONTH_ENDS), max_size=len(MONTH_ENDS)))
        mine: list[dict[str, Any]] = []
        for product in ("portal", "archive"):
            minutes = draw(st.lists(st.integers(0, 200 * 1440), max_size=6, unique=True))
            amounts = {
                STARTS + timedelta(minutes=each): draw(st.sampled_from((0, 0, 1, 2_500, 9_999))) for each in minutes
            }
            mine += _changes(f"c{customer}", product, amounts, dict(zip(MONTH_ENDS, rates, strict=True)))
        first = min((row["changed_at"] for row in mine), default=None)
        found += [{**row, "first_at": first} for row in mine]
    return draw(st.permutations(found))


def _changes(
    customer: str, product: str, amounts: dict[datetime, int], rates: dict[datetime, int]
) -> Iterator[dict[str, Any]]:
    """Worth is amount × rate (in thousandths), so what is held never falls below nothing, whatever rates do."""
    amount, rate, worth = 0, 1_000, 0
    for at in sorted({**amounts, **rates}):
        amount, rate = amounts.get(at, amount), rates.get(at, rate)
        was, worth = worth, (amount * rate + 500) // 1_000
        if worth != was:
            reason = "fx" if at in rates else "subscription"
            values = (customer, product, reason, round(at.timestamp() * 1000), worth - was, None)
            yield dict(zip(COLUMNS, values, strict=True))


class Measures:
    """KPIs over changes that are replaced from one example to the next: written and planned once, run on each."""

    def __init__(self, **kpis: Kpi) -> None:
        self.backend = open_backend("duckdb")
        self.backend.create_table("changes", schema=ibis.schema(SHAPE))
        engine = Engine(self.backend, {"mrr_change": self.backend.table("changes")}, Company(), now=NOW)
        self.expressions = {name: engine.expression(each, FIRST, LAST) for name, each in kpis.items()}
        for name, expression in self.expressions.items():
            for days in expression.op().find(InMemoryTable):  # known to DuckDB for as long as the expression lives
                self.backend.to_pyarrow(days.to_expr())
            sql = self.backend.compile(expression["day_index", "numerator"])
            self.backend.raw_sql(f'PREPARE "{name}" AS {sql}')

    def of(self, rows: list[dict[str, Any]]) -> dict[str, dict[date, int]]:
        """KPI → day → numerator in minor units."""
        self.backend.raw_sql("DELETE FROM changes")
        self.backend.insert("changes", pa.Table.from_pylist(rows, schema=SHAPE))
        return {name: self._run(name) for name in self.expressions}

    def _run(self, name: str) -> dict[date, int]:
        found = self.backend.raw_sql(f'EXECUTE "{name}"').fetchall()
        return {from_day_number(number): minor for number, minor in found}


@pytest.fixture(scope="module", params=[("customer_id",), ("customer_id", "product")], ids="-".join)
def month(request: pytest.FixtureRequest) -> Measures:
    """What was held at the start of the month, every movement since, and what is held at the end of the day."""
    per: tuple[str, ...] = request.param
    shared: dict[str, Any] = {"base": "start of window", "first": "first_at", "per": per}
    moved = {
        name: kpi("base_cohort", "calendar month", measure=name, moving="reason = 'subscription'", **shared)
        for name in MOVEMENTS
    }
    start = kpi("base_cohort", "calendar month", measure="base", **shared)
    return Measures(start=start, end=kpi("balance", "at day end", per=per), **moved)


@given(rows=histories())
@settings(max_examples=10)
def test_start_and_all_movements_of_a_month_come_to_its_end(month: Measures, rows: list[dict[str, Any]]) -> None:
    """start + new + reactivation + expansion − contraction − churn + rates = end, on every day, to the cent."""
    found = month.of(rows)
    rates: dict[date, int] = defaultdict(int)
    for row in rows:
        day = datetime.fromtimestamp(row["changed_at"] / 1000, ZoneInfo(ZONE)).date()
        for each in found["end"]:
            if row["reason"] == "fx" and day <= each and (day.year, day.month) == (each.year, each.month):
                rates[each] += row["delta_minor"]
    for day, level in found["end"].items():
        assert level == found["start"][day] + sum(s * found[name][day] for name, s in MOVEMENTS.items()) + rates[day]
        assert all(found[name][day] >= 0 for name in MOVEMENTS)


@pytest.fixture(scope="module")
def retention() -> Measures:
    return Measures(kept=kpi("base_cohort", "rolling 30 days", base="start of window", measure="retained_capped"))


@given(rows=histories())
@settings(max_examples=10)
def test_a_slow_loop_finds_the_same_retention(retention: Measures, rows: list[dict[str, Any]]) -> None:
    def held(customer: str, before: date) -> int:
        limit = datetime.combine(before, datetime.min.time(), ZoneInfo(ZONE)).timestamp() * 1000
        return sum(row["delta_minor"] for row in rows if row["customer_id"] == customer and row["changed_at"] < limit)

    customers = {row["customer_id"] for row in rows}
    for day, minor in retention.of(rows)["kept"].items():
        if day.day % 9:
            continue
        then = {each: held(each, day - timedelta(days=29)) for each in customers}
        now = {each: held(each, day + timedelta(days=1)) for each in customers}
        assert minor == sum(min(then[each], now[each]) for each in customers if then[each] > 0 and now[each] > 0)


def _shuffled(pages: Iterator[Page], r: random.Random) -> list[Page]:
    """The same records on other pages in another order."""
    whole = list(pages)
    if not whole:
        return []
    path = whole[0].rows.partition("[]")[0].split(".")[0]
    records = [record for page in whole for record in orjson.loads(page.body)[path]]
    r.shuffle(records)
    size = r.randint(1, max(2, len(records) // 3))
    batches = [records[place : place + size] for place in range(0, len(records), size)]
    return [Page(orjson.dumps({path: batch}), whole[0].rows, len(batch)) for batch in batches]


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_any_order_and_any_batches_of_the_same_records_give_the_same_changes(
    tmp_path: Path, backend: Any, seed: int
) -> None:
    r = random.Random(seed)
    world = build(seed=seed, arrivals=12)
    landing = Landing(tmp_path / "landing")
    for vendor, names in (("registers", ["fx_rates"]), ("stripe", r.sample(STREAMS, len(STREAMS)))):
        options: dict[str, Any] = {"files": ["fx_rates"]} if vendor == "registers" else {"requests_per_second": 10**6}
        limits = {"account": MANY, "endpoint": MANY} if vendor == "stripe" else None
        with wired(vendor, world, tmp_path, options, now=lambda: NOW, limits=limits) as wire:
            for name in names:
                stream = wire.stream(name)
                window = Window(datetime(2020, 1, 1, tzinfo=UTC), NOW)
                pages = list(wire.connector.read(stream, window))
                pages = pages if vendor == "registers" else _shuffled(iter(pages), r)
                middle = r.randint(0, len(pages))
                # two loads, the second with some of the first again; a load of a part proves no absence
                for number, part in enumerate((pages[:middle], pages[max(0, middle - 1) :])):
                    landing.load(
                        "mister_dj",
                        stream.model,
                        part,
                        run_id=f"{name}-{number}",
                        window=window,
                        proof=lambda: Proof("exhausted", None, NOW),
                        kind="live",
                        api_version="test",
                        month_zone=ZoneInfo(ZONE),
                        now=NOW,
                        salt="salt",
                    )
    with FactTables(landing, Billed(), backend) as tables:
        assert of_fact(tables) == of_truth(Revenue(world, NOW))

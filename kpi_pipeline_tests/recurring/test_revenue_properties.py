"""What holds of recurring revenue whatever happened: movements add up, order and batches of records do not matter."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import orjson
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
SHAPE = pa.schema([(name, pa.int64() if name[-3:] in ("_at", "nor") else pa.string()) for name in COLUMNS])


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Levels of a few customers in two products that change at random instants; rates move them at month-ends."""
    found: list[dict[str, Any]] = []
    start = datetime(2025, 12, 20, tzinfo=UTC)
    for customer in range(draw(st.integers(1, 4))):
        mine: list[dict[str, Any]] = []
        for product in ("portal", "archive"):
            minutes = draw(st.lists(st.integers(0, 200 * 1440), max_size=6, unique=True))
            level = 0
            for minute in sorted(minutes):
                at = start + timedelta(minutes=minute)
                new = draw(st.sampled_from((0, 0, 1, 2_500, 9_999)))
                mine.append(_row(f"c{customer}", product, "subscription", at, new - level))
                level = new
        level_of: dict[str, int] = defaultdict(int)
        for row in sorted(mine, key=lambda each: each["changed_at"]):
            level_of[row["product"]] += row["delta_minor"]
        found += [row for row in mine if row["delta_minor"]]
        first = min((row["changed_at"] for row in mine if row["delta_minor"] > 0), default=None)
        found += _rates(f"c{customer}", mine, draw(st.integers(-300, 300)))
        for row in found:
            if row["customer_id"] == f"c{customer}":
                row["first_at"] = first
    return draw(st.permutations(found))


def _row(customer: str, product: str, reason: str, at: datetime, delta: int) -> dict[str, Any]:
    return dict(zip(COLUMNS, (customer, product, reason, round(at.timestamp() * 1000), delta, None), strict=True))


def _rates(customer: str, mine: list[dict[str, Any]], by: int) -> list[dict[str, Any]]:
    """At the end of each month a held product is worth a little more or less; what is lost is lost whole."""
    found = []
    for product in ("portal", "archive"):
        held = 0
        gained = 0
        rows = sorted((row for row in mine if row["product"] == product), key=lambda row: row["changed_at"])
        for month in range(1, 8):
            end = round(datetime(2026, month, 1, tzinfo=ZoneInfo(ZONE)).timestamp() * 1000) - 1
            while rows and rows[0]["changed_at"] <= end:
                row = rows.pop(0)
                held += row["delta_minor"]
                row["delta_minor"] -= gained if held == 0 else 0
                gained = 0 if held == 0 else gained
            if held > 400 and by:
                found.append({**_row(customer, product, "fx", NOW, by), "changed_at": end})
                gained += by
    return found


def _measured(engine: Engine, kind: str, window: str, **params: Any) -> dict[date, Decimal]:
    found = engine.measure(kpi(kind, window, **params), FIRST, LAST)
    return {each.day: each.numerator for each in found if each.numerator is not None}


@pytest.mark.parametrize("per", [("customer_id",), ("customer_id", "product")])
@given(data=st.data())
@settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_start_and_all_movements_of_a_month_come_to_its_end(
    backend: Any, per: tuple[str, ...], data: st.DataObject
) -> None:
    """start + new + reactivation + expansion − contraction − churn + rates = end, on every day, to the cent."""
    rows = data.draw(histories())
    table = ibis.memtable(pa.Table.from_pylist(rows, schema=SHAPE))
    engine = Engine(backend, {"mrr_change": table}, Company(), now=NOW)
    shared: dict[str, Any] = {"base": "start of window", "first": "first_at", "per": per}
    start = _measured(engine, "base_cohort", "calendar month", measure="base", **shared)
    moved = {
        name: _measured(
            engine, "base_cohort", "calendar month", measure=name, moving="reason = 'subscription'", **shared
        )
        for name in MOVEMENTS
    }
    end = _measured(engine, "balance", "at day end", per=per)
    rates: dict[date, int] = defaultdict(int)
    for row in rows:
        day = datetime.fromtimestamp(row["changed_at"] / 1000, ZoneInfo(ZONE)).date()
        for each in end:
            if row["reason"] == "fx" and day <= each and (day.year, day.month) == (each.year, each.month):
                rates[each] += row["delta_minor"]
    for day, level in end.items():
        assert level == start[day] + sum(sign * moved[name][day] for name, sign in MOVEMENTS.items()) + rates[day]
        assert all(moved[name][day] >= 0 for name in MOVEMENTS)


@given(rows=histories())
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_slow_loop_finds_the_same_retention(backend: Any, rows: list[dict[str, Any]]) -> None:
    table = ibis.memtable(pa.Table.from_pylist(rows, schema=SHAPE))
    engine = Engine(backend, {"mrr_change": table}, Company(), now=NOW)
    kept = _measured(engine, "base_cohort", "rolling 30 days", base="start of window", measure="retained_capped")

    def held(customer: str, before: date) -> int:
        limit = datetime.combine(before, datetime.min.time(), ZoneInfo(ZONE)).timestamp() * 1000
        return sum(row["delta_minor"] for row in rows if row["customer_id"] == customer and row["changed_at"] < limit)

    customers = {row["customer_id"] for row in rows}
    for day, minor in kept.items():
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


@pytest.mark.parametrize("seed", [1, 2])
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

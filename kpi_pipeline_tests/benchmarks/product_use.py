"""Product events from columns to KPIs: 1.5 million, and ten times as many in the same two years and by as many users.

A process each: seconds to land them, to compute and check the fact usage_day, and to measure five KPIs for 700 days;
peak memory after each step. Ten times the events are to take less than eight times as long from landing to KPIs.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.facts.backends import open_backend
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.landing.page import Page, Proof, Window
from kpi_pipeline.metrics.engine import Engine
from kpi_pipeline.metrics.kinds import PARAMS
from kpi_pipeline.schemas.facts import MODELS
from kpi_pipeline.schemas.sql import ProductEvents, Users

ROWS = 20_000
BURST = 8  # events that a user does in one go, of two kinds
USERS, NAMES, DAYS = 3_000, 20, 730
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIRST, LAST = date(2024, 12, 23), date(2026, 11, 21)
USE = {"fact": "usage_day", "time": "day", "where": "qualifying"}
MEASURED: dict[str, dict[str, Any]] = {
    "dau": {"kind": "daily_mean", "window": "rolling 7 days", "of": {**USE, "count": "distinct user_id"}},
    "mau": {"kind": "count", "window": "rolling 30 days", "of": {**USE, "count": "distinct user_id"}},
    "accounts": {"kind": "count", "window": "calendar week", "of": {**USE, "count": "distinct account_id"}},
    "events_per_row": {
        "kind": "ratio",
        "window": "calendar month",
        "numerator": {**USE, "sum": "times"},
        "denominator": {**USE, "count": "rows"},
    },
    "adoption": {
        "kind": "per_entity",
        "window": "rolling 30 days",
        "having": {**USE, "per": "user_id", "distinct": "event", "at_least": 3},
        "among": {**USE, "per": "user_id"},
    },
}


@dataclass
class Steps:
    """Prints what each step took, as JSON lines."""

    began: float = 0.0

    def done(self, name: str, **more: Any) -> None:
        seconds, self.began = time.perf_counter() - self.began, time.perf_counter()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({"step": name, "seconds": round(seconds, 2), "peak": peak, **more}), flush=True)


def pages(number: int) -> Iterator[Page]:
    """Events in order of time, in bursts: some users are keen, most look in now and then."""
    rng = np.random.default_rng(7)
    start = int((NOW - timedelta(days=DAYS)).timestamp() * 1_000)
    for first in range(0, number, ROWS):
        count = min(ROWS, number - first)
        share = DAYS * 86_400_000 / number
        at = start + ((first + np.sort(rng.random(count)) * count) * share).astype(np.int64)
        who = np.repeat((USERS * rng.random(-(-count // BURST)) ** 2).astype(np.int64), BURST)[:count]
        kind = np.repeat(rng.integers(0, NAMES, -(-count // (BURST // 2))), BURST // 2)[:count]
        frame = pl.DataFrame(
            {
                "event_id": pl.Series(np.arange(first, first + count)).cast(pl.String),
                "user_id": "user-" + pl.Series(who).cast(pl.String),
                "account_id": "account-" + pl.Series(who // 8).cast(pl.String),
                "role": pl.Series([None] * count, dtype=pl.String),
                "event": "event_" + pl.Series(kind).cast(pl.String),
                "occurred_at": pl.Series(at)
                .cast(pl.Datetime("ms"))
                .cast(pl.Datetime("us"))
                .dt.replace_time_zone("UTC"),
            }
        )
        yield _page(frame)


def users() -> Iterator[Page]:
    names = [f"user-{number}" for number in range(USERS)]
    yield _page(pl.DataFrame({"user_id": names, "internal": [number % 100 == 0 for number in range(USERS)]}))


def _page(frame: pl.DataFrame) -> Page:
    body = io.BytesIO()
    frame.write_ipc_stream(body)
    return Page(body.getvalue(), "", frame.height, format="arrow")


def load(landing: Landing, model: Any, sent: Iterator[Page], *, snapshot: bool = False) -> int:
    receipt = landing.load(
        "bench", model, sent, run_id="bench", window=Window(NOW - timedelta(days=DAYS), NOW),
        proof=lambda: Proof("exhausted", None, NOW), kind="live", api_version="bench",
        month_zone=ZoneInfo("Europe/Amsterdam"), now=NOW, salt="bench", snapshot=snapshot,
    )  # fmt: skip
    return receipt.written


def kpi(name: str, kind: str, window: str, **params: Any) -> Kpi:
    return Kpi(
        id=name, company="bench", name={"en": name}, kind=kind, params=PARAMS[kind].model_validate(params),
        window=window, unit="count", better="higher", cadence="daily", origin="", file="", line=1,
    )  # fmt: skip


def company() -> Company:
    events = [f"event_{number}" for number in range(NAMES // 2)]
    kpis = {name: kpi(name, **params) for name, params in MEASURED.items()}
    source = {"owner": "x", "settings": {"qualifying_events": events}}
    made = {
        "id": "bench",
        "name": "Bench",
        "zone": "Europe/Amsterdam",
        "currency": "EUR",
        "language": "nl",
        "people": {},
    }
    return Company.model_validate({**made, "sources": {"sql": source}, "kpis": kpis})


def run(number: int, folder: Path) -> None:
    steps = Steps(time.perf_counter())
    landing = Landing(folder)
    load(landing, Users, users(), snapshot=True)
    steps.done("land", events=load(landing, ProductEvents, pages(number)))
    acme, backend = company(), open_backend()
    with FactTables(landing, acme, backend) as tables:
        tables.materialise(["usage_day"])
        rows = tables["usage_day"].count().to_pyarrow().as_py()
        steps.done("fact", events=rows)
        MODELS["usage_day"].validate(pl.DataFrame(backend.to_pyarrow(tables["usage_day"])), lazy=True)
        steps.done("check", events=rows)
        engine = Engine(backend, tables, acme, now=NOW)
        values = [engine.measure(kpi, FIRST, LAST) for kpi in acme.kpis.values()]
        assert all(each.value is not None for series in values for each in series)
        steps.done("KPIs", events=sum(map(len, values)))
    backend.disconnect()


def main(quick: bool) -> None:
    sizes = (150_000, 1_500_000) if quick else (1_500_000, 15_000_000)
    print(f"{'events':>12}{'step':>8}{'seconds':>10}{'peak MB':>10}{'rows':>12}")
    after_landing = []
    for number in sizes:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-W", "ignore", "-m", __name__, str(number), folder]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        steps = [json.loads(line) for line in done.stdout.splitlines()]
        after_landing.append(sum(step["seconds"] for step in steps if step["step"] != "land"))
        for step in steps:
            print(f"{number:12,}{step['step']:>8}{step['seconds']:10.1f}{step['peak']:10,}{step['events']:12,}")
    print(
        f"ten times the events take {after_landing[1] / after_landing[0]:.1f} times as long after landing (at most 8)"
    )


if __name__ == "__main__":
    run(int(sys.argv[1]), Path(sys.argv[2]))

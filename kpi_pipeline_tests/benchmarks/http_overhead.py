"""What our HTTP layer adds to a request: budget, origin, classified and parsed answer, against a bare Session.

A page is 100 subscriptions (157 kB), read again and again from the local server; both parse it with orjson.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson
import requests

from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.connectors.http import Http
from kpi_pipeline.connectors.stripe.protocol import classify, list_of
from kpi_pipeline_tests.benchmarks.extraction import server

PARAMS = {"limit": "100"}


def milliseconds(ask: Callable[[], object], times: int) -> float:
    """Median over `times` calls."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - started)
    return 1_000 * statistics.median(taken)


def main(quick: bool) -> None:
    times, rounds = (100, 1) if quick else (500, 3)
    with server(1_000, 0) as url, tempfile.TemporaryDirectory() as folder:
        ours = Http(
            "stripe",
            url,
            auth={"Authorization": "Bearer sk_bench"},
            key_variable="BENCH_KEY",
            classify=classify,
            budget=Budget(Path(folder) / "budget.db", {"all": Rate(1_000_000)}),
            now=lambda: datetime(2030, 1, 1, tzinfo=UTC),
        )
        session = requests.Session()

        def bare() -> object:
            answer = session.get(f"{url}/v1/subscriptions", params=PARAMS, timeout=10)
            return orjson.loads(answer.content)

        def through() -> object:
            return ours.get("/v1/subscriptions", params=PARAMS, doing="timing", success=list_of("subscription"))

        print(f"{'':10}{'Session ms':>12}{'ours ms':>10}{'added ms':>10}")
        for number in range(rounds):
            plain, full = milliseconds(bare, times), milliseconds(through, times)
            print(f"round {number + 1:<4}{plain:12.2f}{full:10.2f}{full - plain:10.2f}")
        session.close()
        ours.close()

"""What one small load costs apart from its records: most of a run's 45 streams bring less than 2,000 rows.

CPU and wall milliseconds from pages to receipt, of 100 and 1,000 subscriptions that fall in 1 and in 14 months.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.landing.page import Page, Proof, Window
from kpi_pipeline.schemas.stripe import Subscriptions
from kpi_pipeline_tests.benchmarks.extraction_server import FIRST, subscription

NOW = datetime(2030, 1, 1, tzinfo=UTC)
MONTH = 2_629_746  # seconds


def pages(records: int, months: int) -> list[Page]:
    made = [{**subscription(number), "created": FIRST + number % months * MONTH} for number in range(records)]
    return [
        Page(json.dumps({"data": made[start : start + 100]}).encode(), "data", 100) for start in range(0, records, 100)
    ]


def load(sent: Sequence[Page], times: int) -> tuple[float, float]:
    """Median CPU and wall milliseconds of one load into an empty landing."""
    cpu, wall = [], []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            began, started = time.process_time(), time.perf_counter()
            receipt = Landing(folder).load(
                "bench",
                Subscriptions,
                sent,
                run_id="bench",
                window=Window(datetime(2020, 1, 1, tzinfo=UTC), NOW),
                proof=lambda: Proof("exhausted", None, None),
                kind="backfill",
                api_version="bench",
                month_zone=ZoneInfo("Europe/Amsterdam"),
                now=NOW,
                salt="bench",
            )
            cpu.append(time.process_time() - began)
            wall.append(time.perf_counter() - started)
        assert receipt.written == sum(page.count for page in sent)
    return 1_000 * statistics.median(cpu), 1_000 * statistics.median(wall)


def main(quick: bool) -> None:
    print(f"{'records':>8}{'months':>8}{'CPU ms':>10}{'wall ms':>10}")
    for records in (100, 1_000):
        for months in (1, 14):
            sent = pages(records, months)
            load(sent, 1)
            cpu, wall = load(sent, 3 if quick else 15)
            print(f"{records:8,}{months:8}{cpu:10.0f}{wall:10.0f}")

"""Our own path, nothing left out: the Stripe connector (paced, classified, checked) into landing, receipt included.

`python extraction_ours.py URL FOLDER FIRST END CONCURRENCY`
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kpi_pipeline.clock import from_epoch_ms
from kpi_pipeline.connectors import stripe
from kpi_pipeline.connectors.budget import Budget
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.landing.page import Window
from kpi_pipeline.schemas.stripe import Subscriptions

NOW = datetime(2030, 1, 1, tzinfo=UTC)
UNLIMITED = 1_000_000  # requests a second: the vendor's limit is not what is timed


def main(url: str, folder: str, first: int, end: int, concurrency: int) -> None:
    window = Window(from_epoch_ms(first * 1_000), from_epoch_ms(end * 1_000))
    connector = stripe.connect(
        base_url=url,
        key="sk_bench",
        key_variable="BENCH_KEY",
        settings={"requests_per_second": UNLIMITED, "concurrency": concurrency},
        budget=lambda rules: Budget(
            Path(folder) / "budget.db",
            {name: type(rule)(UNLIMITED, rule.per) for name, rule in rules.items()},
        ),
        now=lambda: NOW,
    )
    stream = next(each for each in stripe.STREAMS if each.name == "subscriptions")
    reading = connector.read(stream, window)
    receipt = Landing(folder).load(
        "bench",
        Subscriptions,
        reading,
        run_id="bench",
        window=window,
        proof=lambda: reading.proof,
        kind="backfill",
        api_version=connector.api_version,
        month_zone=ZoneInfo("Europe/Amsterdam"),
        now=NOW,
        salt="bench",
    )
    connector.close()
    print(receipt.written)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))

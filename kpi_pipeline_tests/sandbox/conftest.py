"""The simulated company behind all its vendors, built once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from kpi_pipeline.sandbox import Limit, Sandbox

ANCHOR = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 11, 30, tzinfo=UTC)
UNLIMITED = Limit(1_000_000, 1.0)


@pytest.fixture(scope="session")
def mister_dj() -> Iterator[Sandbox]:
    """Stripe and HubSpot of Mister DJ, its clock stopped, its limits out of the way."""
    limits = {
        "stripe": {"account": UNLIMITED, "endpoint": UNLIMITED},
        "hubspot": {"ten_secondly": UNLIMITED, "search": UNLIMITED},
    }
    with Sandbox(anchor=ANCHOR, now=lambda: NOW, limits=limits, vendor_names=("stripe", "hubspot")) as sandbox:
        yield sandbox

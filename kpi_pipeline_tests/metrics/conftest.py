"""Mister DJ's catalogue and measurements made by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import kpi_pipeline
from kpi_pipeline import catalogue
from kpi_pipeline.catalogue import Company
from kpi_pipeline.facts.spec import FACTS
from kpi_pipeline.metrics import windows
from kpi_pipeline.metrics.engine import Measurement
from kpi_pipeline.metrics.kinds import PARAMS


@pytest.fixture(scope="session")
def mister_dj() -> Company:
    facts = {name: set(spec.columns) for name, spec in FACTS.items()}
    root = Path(kpi_pipeline.__file__).parent / "companies"
    return catalogue.load(root, PARAMS, facts, windows.parse).companies["mister_dj"]


@pytest.fixture
def measured() -> Callable[..., Measurement]:
    def make(
        value: str | None,
        *,
        n: int = 1_000,
        reason: str | None = None,
        provisional: bool = False,
        day: str = "2026-11-01",
    ) -> Measurement:
        at = datetime(2026, 11, 1, tzinfo=UTC)
        number = None if value is None else Decimal(value)
        return Measurement(date.fromisoformat(day), "", number, None, None, n, at, at, True, provisional, reason)

    return make

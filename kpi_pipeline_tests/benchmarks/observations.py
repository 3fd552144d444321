"""Observations that nobody measured, for benchmarks of what is done with them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from kpi_pipeline.history.observation import Observation


def observed(company: str, kpi: str, day: date, value: Decimal) -> Observation:
    """A complete and settled value of a rolling month, with a hundred records."""
    end = datetime(day.year, day.month, day.day, 23, tzinfo=UTC)
    return Observation(
        company=company,
        kpi=kpi,
        day=day,
        segment="",
        value=value,
        text_value=None,
        numerator=value * 100,
        denominator=Decimal(100),
        n=100,
        status="ok",
        reason=None,
        target=">= 30",
        warning="< 20",
        critical="< 10",
        period_start=end - timedelta(days=30),
        period_end=end,
        closed=True,
        provisional=False,
        definition_version=1,
        definition_hash="0123456789abcdef",
        input_hash="f" * 64,
    )

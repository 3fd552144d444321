"""Observations of one KPI, for tests that judge what they did not measure."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from kpi_pipeline.history.observation import Observation


def observation(starts: datetime, value: int, status: str = "ok") -> Observation:
    """The value of the day that begins at `starts`, complete and settled."""
    return Observation(
        company="acme",
        kpi="conversion",
        day=starts.date(),
        segment="",
        value=Decimal(value),
        text_value=None,
        numerator=Decimal(value),
        denominator=Decimal(100),
        n=100,
        status=status,
        reason=None,
        target=">= 32",
        warning="< 28",
        critical="< 24",
        period_start=starts,
        period_end=starts + timedelta(hours=1),
        closed=True,
        provisional=False,
        definition_version=1,
        definition_hash="d",
        input_hash="i",
    )

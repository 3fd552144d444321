"""Inopsio's KPIs as its world counts them, a module a field."""

from __future__ import annotations

from kpi_pipeline.sandbox.truth.inopsio import (
    customers,
    money,
    operations,
    outreach,
    platform,
    security,
    signals,
    usage,
)

FAMILY = (
    usage.values,
    customers.values,
    money.values,
    outreach.values,
    signals.values,
    platform.values,
    operations.values,
    security.values,
)

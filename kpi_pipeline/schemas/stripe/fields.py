"""Columns that most of Stripe's records have."""

from __future__ import annotations

from typing import Any

from kpi_pipeline.schemas.base import column


def created(path: str = "created") -> Any:
    return column(path, unit="s", cursor=True)


def instant(path: str, *, nullable: bool = True) -> Any:
    return column(path, unit="s", nullable=nullable)


def currency(path: str = "currency", *, nullable: bool = False) -> Any:
    return column(path, nullable=nullable, str_matches=r"^[a-z]{3}$")


def livemode() -> Any:
    return column("livemode", nullable=True)

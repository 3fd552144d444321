"""Changes of MRR side by side: those of the fact, and those of the truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.sandbox.truth.recurring import Revenue

Key = tuple[int, str, str, str]  # instant (ms), customer, product, reason


def milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1_000)


def of_fact(tables: FactTables) -> dict[Key, int]:
    rows: Iterable[dict[str, Any]] = tables.table("mrr_change").to_pyarrow().to_pylist()
    return _summed(
        ((row["changed_at"], row["customer_id"], row["product"], row["reason"]), row["delta_minor"]) for row in rows
    )


def of_truth(revenue: Revenue) -> dict[Key, int]:
    return _summed(
        ((milliseconds(s.at), s.customer, s.product, "fx" if s.rates else "subscription"), s.delta)
        for s in revenue.shifts
    )


def _summed(parts: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    found: dict[Key, int] = defaultdict(int)
    for key, minor in parts:
        found[key] += minor
    return {key: minor for key, minor in sorted(found.items()) if minor}

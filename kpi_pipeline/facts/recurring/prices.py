"""What a period costs at a price and quantity, and how many months a period is.

Prices are few, so they are read into Python, where tiers (JSON) and fractions of cents are exact on every engine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa
from ibis.expr.types import Table

from kpi_pipeline.facts.recurring.records import ever
from kpi_pipeline.facts.tables import FactTables

# A month of a period: its net amount × 'times' ÷ ('per' × interval count).
MONTHLY = {"month": (1, 1), "year": (1, 12), "week": (52, 12), "day": (365, 12)}
SHAPE = pa.schema(
    [
        ("price_id", pa.string()),
        ("product_id", pa.string()),
        ("times", pa.int64()),
        ("per", pa.int64()),
        ("is_licensed", pa.bool_()),
        ("is_inclusive", pa.bool_()),
    ]
)


@dataclass(frozen=True, slots=True)
class Price:
    """`tiers` are (up to and including, unit amount, flat amount) in minor units, ascending; the last has no end."""

    id: str
    product_id: str
    interval: str | None
    interval_count: int
    is_licensed: bool
    is_inclusive: bool
    unit: Decimal | None
    tiers: tuple[tuple[int | None, Decimal, Decimal], ...] = ()
    is_volume: bool = False

    def cost(self, quantity: int) -> int | None:
        """Minor units of one period, halves upwards as Stripe rounds; None when the price's tiers are not known."""
        if self.unit is None and not self.tiers:
            return None
        exact = self._tiered(quantity) if self.tiers else (self.unit or Decimal(0)) * quantity
        return int(exact.quantize(Decimal(1), ROUND_HALF_UP))

    def _tiered(self, quantity: int) -> Decimal:
        total, below = Decimal(0), 0
        for up_to, unit, flat in self.tiers:
            inside = quantity if up_to is None else min(quantity, up_to)
            if self.is_volume:
                if inside == quantity:
                    return quantity * unit + flat
            elif inside > below:
                total += (inside - below) * unit + flat
                below = inside
        return total


def prices(facts: FactTables) -> dict[str, Price]:
    """Every recurring price by id: those of the catalogue, and those made for one subscription, which no list shows."""
    listed = ever(facts, "prices", "id")
    listed = listed.filter(listed.interval.notnull())
    inline = ever(facts, "subscription_items", "id")
    inline = inline.filter(inline.interval.notnull())
    shared = ("product_id", "unit_amount_decimal", "interval", "interval_count", "usage_type", "tax_behavior")
    rows = inline.select("price_id", *shared).distinct().to_pyarrow().to_pylist()
    rows += listed.select(*shared, "tiers_mode", "tiers", price_id="id").to_pyarrow().to_pylist()
    return {row["price_id"]: _price(row) for row in rows}


def price_table(facts: FactTables, known: Iterable[Price]) -> Table:
    """price_id, product_id, times, per, is_licensed, is_inclusive."""
    rows = []
    for price in known:
        times, per = MONTHLY[price.interval or "month"]
        row = (price.id, price.product_id, times, per * price.interval_count, price.is_licensed, price.is_inclusive)
        rows.append(dict(zip(SHAPE.names, row, strict=True)))
    return facts.inline(pa.Table.from_pylist(rows, schema=SHAPE))


def with_cost(facts: FactTables, rows: Table, known: Mapping[str, Price]) -> Table:
    """`rows` (price_id, quantity) with `cycle`, what one period costs; those at a price nobody knows are left out."""
    pairs = rows.select("price_id", "quantity").distinct().filter(lambda t: t.price_id.notnull() & t.quantity.notnull())
    found = [
        {"_price": row["price_id"], "_quantity": row["quantity"], "cycle": cost}
        for row in facts.computed(pairs).to_pyarrow().to_pylist()
        if row["price_id"] in known and (cost := known[row["price_id"]].cost(row["quantity"])) is not None
    ]
    shape = pa.schema([("_price", pa.string()), ("_quantity", pa.int64()), ("cycle", pa.int64())])
    costs = facts.inline(pa.Table.from_pylist(found, schema=shape))
    joined = rows.join(costs, [rows.price_id == costs["_price"], rows.quantity == costs["_quantity"]])
    return joined.select(*rows.columns, "cycle")


def _price(row: Mapping[str, Any]) -> Price:
    tiers = json.loads(row.get("tiers") or "[]")
    return Price(
        id=row["price_id"],
        product_id=row["product_id"],
        interval=row["interval"],
        interval_count=row["interval_count"] or 1,
        is_licensed=row["usage_type"] != "metered",
        is_inclusive=row["tax_behavior"] == "inclusive",
        unit=row["unit_amount_decimal"],
        tiers=tuple((tier["up_to"], _amount(tier, "unit"), _amount(tier, "flat")) for tier in tiers),
        is_volume=row.get("tiers_mode") == "volume",
    )


def _amount(tier: Mapping[str, Any], name: str) -> Decimal:
    """A tier's amount; Stripe gives null where it has none."""
    text = tier.get(f"{name}_amount_decimal")
    return Decimal(0) if text is None else Decimal(str(text))

"""A small stream, and loads of it with everything that a test does not care about filled in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import ibis

from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.landing.page import Page, Proof, Window
from kpi_pipeline.landing.receipt import Receipt
from kpi_pipeline.schemas.base import Day, Exact, Flag, Instant, Number, StreamModel, Text, TextList, Whole, column

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=30), NOW)
SALT = "a salt of the tests"


class Orders(StreamModel):
    """One order of a shop."""

    id: Text = column("id", key=True)
    placed_at: Instant = column("placed", unit="s", cursor=True)
    changed_at: Instant = column("changed", unit="iso", nullable=True)
    seen_at: Instant = column("seen", unit="ms", nullable=True)
    status: Text = column("status", isin=["open", "paid"])
    quantity: Whole = column("quantity", ge=0)
    weight: Number = column("weight", nullable=True)
    price: Exact = column("price.amount", nullable=True)
    gift: Flag = column("gift", nullable=True)
    day: Day = column("day", nullable=True)
    buyer: Text = column("buyer.email", hashed=True, nullable=True)
    tags: TextList = column("tags", nullable=True)
    line_ids: TextList = column("lines[].id", nullable=True)
    first_sku: Text = column("lines[0].sku", nullable=True)
    extra: Text = column("extra", unit="json", nullable=True)
    shop: Text = column("@shop", nullable=True)
    end: Text = column("end", nullable=True)  # a word of SQL

    class Config(StreamModel.Config):
        name = "shop.orders"


class Lines(StreamModel):
    """One line of an order, nested in it."""

    id: Text = column("id", key=True)
    order_id: Text = column("^.id", key=True)
    placed_at: Instant = column("^.placed", unit="s", cursor=True)
    quantity: Whole = column("quantity")

    class Config(StreamModel.Config):
        name = "shop.lines"


class Narrow(StreamModel):
    """The same orders, few columns."""

    id: Text = column("id", key=True)
    placed_at: Instant = column("placed", unit="s", cursor=True)
    status: Text = column("status", isin=["open", "paid"])

    class Config(StreamModel.Config):
        name = "shop.narrow"


def order(number: int, **changed: Any) -> dict[str, Any]:
    """A good order; `changed` replaces fields, None deletes none: it is JSON's null."""
    return {
        "id": f"o{number}",
        "placed": int(NOW.timestamp()) - 60 * number,
        "status": "open",
        "quantity": number,
        "price": {"amount": "12.50"},
        "buyer": {"email": f"Buyer{number}@Example.com "},
        "tags": ["a", "b"],
        "lines": [{"id": f"l{number}", "sku": "x", "quantity": 1}],
        **changed,
    }


def page(records: Sequence[Any], **fields: Any) -> Page:
    body = json.dumps({"data": list(records)}).encode()
    return Page(**{"body": body, "rows": "data", "count": len(records), "constants": {"shop": "main"}, **fields})


def load(landing: Landing, pages: Iterable[Page], **changed: Any) -> Receipt:
    asked: dict[str, Any] = {
        "company": "acme",
        "model": Orders,
        "run_id": "run1",
        "window": WINDOW,
        "expected": None,
        "watermark": NOW,
        "kind": "live",
        "api_version": "v1",
        "month_zone": ZoneInfo("Europe/Amsterdam"),
        "now": NOW,
        "salt": SALT,
        **changed,
    }
    proof = Proof("exhausted", asked.pop("expected"), asked.pop("watermark"))
    return landing.load(asked.pop("company"), asked.pop("model"), pages, proof=lambda: proof, **asked)


def rows(landing: Landing, model: type[StreamModel] = Orders, *, every: bool = False) -> list[dict[str, Any]]:
    """The latest rows (or every version) by key, read through DuckDB."""
    backend = ibis.duckdb.connect()
    table = landing.versions(backend, "acme", model) if every else landing.latest(backend, "acme", model)
    by = ["_key", "_observed_at", "_run_id"] if every else [next(iter(table.columns))]
    found: list[dict[str, Any]] = table.order_by(by).to_pyarrow().to_pylist()
    backend.disconnect()
    return found


def ids(landing: Landing) -> list[str]:
    return [row["id"] for row in rows(landing)]


def files(root: Path) -> dict[str, bytes]:
    """Every file below a folder with its content."""
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}

"""What products are called and which group they belong to."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
from ibis.expr.types import Table

from kpi_pipeline.facts.recurring.records import ever
from kpi_pipeline.facts.tables import FactTables


def products(facts: FactTables) -> Table:
    """product_id, product (its name), product_group: the metadata that the setting `product_group_metadata` names.

    A company without groups sets it to null. Products are few, so their metadata (JSON) is read in Python.
    """
    key = facts.setting("stripe", "product_group_metadata")
    rows = ever(facts, "products", "id").select("id", "name", "metadata").to_pyarrow().to_pylist()
    shape = pa.schema([("product_id", pa.string()), ("product", pa.string()), ("product_group", pa.string())])
    found = [
        {"product_id": row["id"], "product": row["name"], "product_group": _group(row["metadata"], key)} for row in rows
    ]
    return facts.inline(pa.Table.from_pylist(found, schema=shape))


def _group(metadata: str | None, key: str | None) -> str | None:
    if metadata is None or key is None:
        return None
    entries: dict[str, Any] = json.loads(metadata)
    value = entries.get(key)
    return None if value in (None, "") else str(value)

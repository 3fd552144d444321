"""Pages of columns land as the same records in JSON do, and what does not fit is named alike."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kpi_pipeline.errors import ContractError, IncompleteLoad
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.landing.page import Page
from kpi_pipeline.schemas.base import Day, Exact, Flag, Instant, Number, StreamModel, Text, Whole, column
from kpi_pipeline_tests.landing.orders import NOW, load, page, rows

INSTANT = pl.Datetime("us", "UTC")


class Sales(StreamModel):
    """One sale, as flat as a table's row."""

    id: Text = column("id", key=True)
    placed_at: Instant = column("placed_at", unit="iso", cursor=True)
    status: Text = column("status", isin=["open", "paid"])
    quantity: Whole = column("quantity", ge=0)
    weight: Number = column("weight", nullable=True)
    price: Exact = column("price", nullable=True)
    gift: Flag = column("gift", nullable=True)
    day: Day = column("day", nullable=True)
    buyer: Text = column("buyer", hashed=True, nullable=True)
    shop: Text = column("@shop", nullable=True)

    class Config(StreamModel.Config):
        name = "shop.sales"


TYPES: dict[str, Any] = {
    "id": pl.String, "placed_at": INSTANT, "status": pl.String, "quantity": pl.Int64, "weight": pl.Float64,
    "price": pl.Decimal(38, 12), "gift": pl.Boolean, "day": pl.Date, "buyer": pl.String,
}  # fmt: skip


def sale(number: int, **changed: Any) -> dict[str, Any]:
    at = NOW - timedelta(minutes=number, microseconds=number)
    return {
        "id": f"s|{number}", "placed_at": at, "status": "open", "quantity": number, "weight": number / 3,
        "price": None, "gift": number % 2 == 0, "day": date(2026, 3, 1), "buyer": f"Buyer{number}@Example.com ",
    } | changed  # fmt: skip


def arrow(sales: list[dict[str, Any]], types: dict[str, Any] = TYPES, **fields: Any) -> Page:
    body = io.BytesIO()
    pl.DataFrame(sales, schema=types).write_ipc_stream(body)
    made = {"body": body.getvalue(), "rows": "", "count": len(sales), "constants": {"shop": "main"}, "format": "arrow"}
    return Page(**{**made, **fields})


def in_json(sales: list[dict[str, Any]]) -> Page:
    written = [
        {name: value.isoformat() if isinstance(value, datetime | date) else value for name, value in sold.items()}
        for sold in sales
    ]
    return page(written)


def test_columns_and_records_of_the_same_sales_are_the_same_rows_and_hashes(landing: Landing) -> None:
    sales = [sale(number) for number in range(50)]
    load(landing, [in_json(sales)], model=Sales)
    first = rows(landing, Sales, every=True)
    again = load(landing, [arrow(sales)], model=Sales, run_id="run2")
    assert (again.written, again.unchanged, again.received) == (0, 50, 50)
    assert rows(landing, Sales, every=True) == first
    assert first[0]["buyer"] != sales[0]["buyer"], "hashed"


def test_a_column_of_another_type_is_read_as_a_vendors_text_would_be(landing: Landing) -> None:
    texts = {**TYPES, "placed_at": pl.String, "quantity": pl.String, "gift": pl.String, "price": pl.String}
    sold = sale(1, placed_at="2026-03-09T10:00:00+01:00", quantity="7", gift="true", price="12.50")
    load(landing, [arrow([sold], texts), arrow([sale(2)])], model=Sales)
    found = {row["id"]: row for row in rows(landing, Sales)}
    assert found["s|1"]["placed_at"] == datetime(2026, 3, 9, 9, tzinfo=UTC)
    assert (found["s|1"]["quantity"], found["s|1"]["gift"], str(found["s|1"]["price"])[:5]) == (7, True, "12.50")
    assert found["s|2"]["quantity"] == 2


@pytest.mark.parametrize(
    ("changed", "types", "reason"),
    [
        ({"quantity": "seven"}, {"quantity": pl.String}, "type in quantity"),
        ({"placed_at": "about ten"}, {"placed_at": pl.String}, "type in placed_at"),
        ({"placed_at": datetime(1970, 1, 20, tzinfo=UTC)}, {}, "range in placed_at"),
        ({"placed_at": None}, {}, "missing in placed_at"),
        ({"quantity": -1}, {}, "greater_than_or_equal_to in quantity"),
        ({"status": "odd"}, {}, "isin in status"),
    ],
)
def test_a_row_that_does_not_fit_is_quarantined_with_its_reason(
    landing: Landing, changed: dict[str, Any], types: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ContractError, match=rf"1 of 2 records do not fit the model \(1 × {reason}\)"):
        load(landing, [arrow([sale(1, **changed)], TYPES | types), arrow([sale(2)])], model=Sales)


def test_a_column_that_is_not_there_is_null_or_missing(landing: Landing) -> None:
    fewer = {name: dtype for name, dtype in TYPES.items() if name not in ("weight", "status")}
    sold = {name: value for name, value in sale(1).items() if name in fewer}
    with pytest.raises(ContractError, match="1 × missing in status"):
        load(landing, [arrow([sold], fewer)], model=Sales)
    assert load(landing, [arrow([sold | {"status": "open"}], fewer | {"status": pl.String})], model=Sales).written == 1


@pytest.mark.parametrize("body", [b"", b"no arrow", arrow([sale(1)]).body[:200]])
def test_a_page_that_is_cut_is_no_empty_page(landing: Landing, body: bytes) -> None:
    with pytest.raises(IncompleteLoad, match="no whole Arrow stream"):
        load(landing, [Page(body, "", 1, format="arrow")], model=Sales)


def test_a_page_must_hold_as_many_rows_as_it_says(landing: Landing) -> None:
    with pytest.raises(IncompleteLoad, match="says it holds 3 records, 1 were read"):
        load(landing, [arrow([sale(1)], count=3)], model=Sales)


def test_rows_known_to_be_gone_become_tombstones(landing: Landing) -> None:
    load(landing, [arrow([sale(1), sale(2)])], model=Sales)
    receipt = load(landing, [arrow([{"id": "s|1"}], {"id": pl.String}, deleted=True)], model=Sales, run_id="run2")
    assert (receipt.deleted, [row["id"] for row in rows(landing, Sales)]) == (1, ["s|2"])


def test_months_are_cut_on_the_cursor_in_the_zone_of_the_company(landing: Landing, tmp_path: Path) -> None:
    edge = datetime(2026, 2, 28, 23, tzinfo=UTC)  # midnight in Amsterdam
    sales = [sale(1, placed_at=edge - timedelta(microseconds=1)), sale(2, placed_at=edge)]
    receipt = load(landing, [arrow(sales)], model=Sales)
    assert [(file.month, file.rows) for file in receipt.files] == [("2026-02", 1), ("2026-03", 1)]

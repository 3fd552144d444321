"""What of a vendor's JSON is accepted as which value, and what is set aside for which reason."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.landing.receipt import Receipt
from kpi_pipeline_tests.landing.orders import SALT, Lines, load, order, page, rows

FITS: list[tuple[str, Any, str, Any]] = [
    ("quantity", 7, "quantity", 7),
    ("quantity", "7", "quantity", 7),
    ("quantity", 7.0, "quantity", 7),
    ("quantity", "9007199254740993", "quantity", 9007199254740993),
    ("weight", "1.5", "weight", 1.5),
    ("weight", 2, "weight", 2.0),
    ("weight", "", "weight", None),
    ("price", {"amount": 12}, "price", Decimal("12.000000000000")),
    ("price", {"amount": "0.000000000001"}, "price", Decimal("0.000000000001")),
    ("price", {"amount": "1.5000000000000000"}, "price", Decimal("1.500000000000")),
    ("price", None, "price", None),
    ("price", {}, "price", None),
    ("gift", True, "gift", True),
    ("gift", "false", "gift", False),
    ("day", "2026-02-28", "day", date(2026, 2, 28)),
    ("day", "2026-02-28T00:00:00.000Z", "day", date(2026, 2, 28)),
    ("placed", 1_760_000_000, "placed_at", datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)),
    ("placed", "1760000000.5", "placed_at", datetime(2025, 10, 9, 8, 53, 20, 500_000, tzinfo=UTC)),
    ("seen", 1_760_000_000_123, "seen_at", datetime(2025, 10, 9, 8, 53, 20, 123_000, tzinfo=UTC)),
    ("changed", "2026-03-29T02:30:00.999999+02:00", "changed_at", datetime(2026, 3, 29, 0, 30, 0, 999_999, UTC)),
    ("changed", "0001-01-01T00:00:00Z", "changed_at", None),
    ("tags", ["x", 1, None], "tags", ["x", "1", None]),
    ("tags", [], "tags", []),
    ("lines", [{"id": "a", "sku": "s"}, {"id": 2}], "line_ids", ["a", "2"]),
    ("lines", [{"id": "a", "sku": "s"}], "first_sku", "s"),
    ("lines", [], "first_sku", None),
    ("extra", {"k": [1, "ü"]}, "extra", '{"k":[1,"ü"]}'),
    ("end", 'quoted " and \\ and \n', "end", 'quoted " and \\ and \n'),
    ("end", "{not json", "end", "{not json"),
    ("end", "", "end", ""),
    ("id", 42, "id", "42"),
]


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """All of FITS in one load: a record each, its id says which."""
    landing = Landing(tmp_path_factory.mktemp("accepted"))
    records = [order(at, **{"id": f"case{at}", field: sent}) for at, (field, sent, _, _) in enumerate(FITS)]
    load(landing, [page(records)])
    return {row["id"]: row for row in rows(landing)}


@pytest.mark.parametrize("at", range(len(FITS)), ids=[f"{field}={sent!r}" for field, sent, _, _ in FITS])
def test_a_value_that_fits_exactly_is_accepted(accepted: dict[str, dict[str, Any]], at: int) -> None:
    field, sent, column, landed = FITS[at]
    assert accepted[str(sent) if field == "id" else f"case{at}"][column] == landed


DOES_NOT_FIT: list[tuple[str, Any, str, str]] = [
    ("quantity", 7.5, "quantity", "type"),
    ("quantity", "seven", "quantity", "type"),
    ("quantity", True, "quantity", "type"),
    ("quantity", 10**19, "quantity", "type"),
    ("quantity", None, "quantity", "missing"),
    ("quantity", "", "quantity", "missing"),
    ("quantity", -1, "quantity", "greater_than_or_equal_to"),
    ("status", "refunded", "status", "isin"),
    ("status", {"name": "open"}, "status", "type"),
    ("weight", "NaN", "weight", "type"),
    ("weight", True, "weight", "type"),
    ("price", "12.50", "price", "type"),
    ("price", {"amount": "1.0000000000001"}, "price", "type"),
    ("gift", 1, "gift", "type"),
    ("day", "28-02-2026", "day", "type"),
    ("day", "2026-02-30", "day", "type"),
    ("day", "2026-02-28T23:00:00Z", "day", "type"),
    ("placed", "2026-01-01T00:00:00Z", "placed_at", "type"),
    ("placed", 1_760_000_000_000, "placed_at", "range"),
    ("placed", 10**18, "placed_at", "range"),
    ("seen", 1_760_000_000, "seen_at", "range"),
    ("changed", "2026-01-01T00:00:00", "changed_at", "type"),
    ("changed", "2026-02-30T00:00:00Z", "changed_at", "type"),
    ("tags", "a", "tags", "type"),
    ("tags", [{"id": "a"}], "tags", "type"),
    ("lines", ["l1"], "line_ids", "type"),
    ("lines", {"id": "l1"}, "line_ids", "type"),
    ("id", None, "id", "missing"),
    ("id", {"id": "x"}, "id", "type"),
]


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> tuple[Receipt, list[str], list[dict[str, Any]]]:
    """The receipt of a load with all of DOES_NOT_FIT between two good records, the ids that landed, the quarantine."""
    landing = Landing(tmp_path_factory.mktemp("refused"))
    bad = [order(at, **{"id": f"case{at}", field: sent}) for at, (field, sent, _, _) in enumerate(DOES_NOT_FIT)]
    receipt = load(landing, [page([order(1), *bad, order(2)])], max_quarantine_share=1.0)
    assert receipt.quarantine is not None
    return (
        receipt,
        [row["id"] for row in rows(landing)],
        pl.read_parquet(landing.store.url(receipt.quarantine)).to_dicts(),
    )


@pytest.mark.parametrize(
    "at", range(len(DOES_NOT_FIT)), ids=[f"{field}={sent!r}" for field, sent, _, _ in DOES_NOT_FIT]
)
def test_a_value_that_does_not_fit_is_quarantined_with_its_reason(
    refused: tuple[Receipt, list[str], list[dict[str, Any]]], at: int
) -> None:
    field, _, column, reason = DOES_NOT_FIT[at]
    key = None if field == "id" else f"case{at}"
    kept = [each for each in refused[2] if each["key"] == key and (key or each["reason"] == reason)]
    assert [(each["reason"], each["column"], each["run_id"]) for each in kept] == [(reason, column, "run1")]
    assert len(kept[0]["payload_hash"]) == 64


def test_what_fits_lands_although_its_neighbours_do_not(
    refused: tuple[Receipt, list[str], list[dict[str, Any]]],
) -> None:
    receipt, landed, kept = refused
    assert landed == ["o1", "o2"]
    assert (receipt.received, receipt.written) == (len(DOES_NOT_FIT) + 2, 2)
    assert sum(receipt.quarantined.values()) == len(DOES_NOT_FIT)
    assert len({each["payload_hash"] for each in kept}) == len(kept)
    assert set(kept[0]) == {"key", "reason", "column", "payload_hash", "observed_at", "run_id"}


def test_personal_data_becomes_a_salted_hash_of_the_trimmed_lower_case_value(landing: Landing) -> None:
    load(landing, [page([order(1)])])
    assert rows(landing)[0]["buyer"] == hashlib.sha256(f"{SALT}buyer1@example.com".encode()).hexdigest()


def test_a_field_of_the_page_reaches_every_record(landing: Landing) -> None:
    load(landing, [page([order(1)], constants={"shop": "Ghent"}), page([order(2)], constants={})])
    assert [row["shop"] for row in rows(landing)] == ["Ghent", None]


def test_records_are_found_in_a_bare_array_and_a_single_object_is_one_record(landing: Landing) -> None:
    pages = [
        page([order(1)], body=b"[" + page([order(1)]).body[10:-2] + b"]", rows="", count=1),
        page([order(2)], body=page([order(2)]).body[10:-2], rows="", count=1),
        page([order(3)], body=b'{"data": ' + page([order(3)]).body[10:-2] + b"}", count=1),
    ]
    assert load(landing, pages).written == 3


def test_nested_records_reach_their_holder(landing: Landing) -> None:
    held = order(5, lines=[{"id": "l1", "quantity": 2}, {"id": "l2", "quantity": 3}])
    receipt = load(landing, [page([held, order(6, lines=[])], rows="data[].lines")], model=Lines)
    assert receipt.written == 2
    assert [(row["id"], row["order_id"], row["quantity"]) for row in rows(landing, Lines)] == [
        ("l1", "o5", 2),
        ("l2", "o5", 3),
    ]


def test_keys_of_several_columns_never_meet(landing: Landing) -> None:
    pages = [
        page([order(1, id="b|c", lines=[{"id": "a", "quantity": 1}])], rows="data[].lines"),
        page([order(1, id="c", lines=[{"id": "a|b", "quantity": 2}])], rows="data[].lines"),
    ]
    assert load(landing, pages, model=Lines).written == 2


@pytest.mark.parametrize("bad", [{"quantity": "seven"}, {"status": "refunded"}])
def test_the_hash_of_a_refused_payload_is_salted(landing: Landing, bad: dict[str, Any]) -> None:
    kept = [
        load(landing, [page([order(1, buyer=None, **bad)])], run_id=run, salt=salt, max_quarantine_share=1.0).quarantine
        for run, salt in (("a", "one salt"), ("b", "another salt"), ("c", "one salt"))
    ]
    first, other, again = (pl.read_parquet(landing.store.url(str(path)))["payload_hash"][0] for path in kept)
    assert first == again
    assert first != other

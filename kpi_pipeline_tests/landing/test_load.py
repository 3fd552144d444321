"""What a load commits, what it refuses, and what its receipt proves."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

from kpi_pipeline.errors import ContractError, IncompleteLoad, StoreUnavailable, UsageError
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.landing.page import Page, Window
from kpi_pipeline.landing.receipt import Receipt, snapshot_hash
from kpi_pipeline.schemas.base import Instant, StreamModel, Text, Whole, column
from kpi_pipeline_tests.landing.orders import NOW, WINDOW, Orders, files, ids, load, order, page, rows

LATER = NOW + timedelta(hours=6)


def test_a_receipt_says_what_was_asked_what_came_and_what_was_written(landing: Landing, tmp_path: Path) -> None:
    receipt = load(landing, [page([order(1), order(2)]), page([order(3)])], expected=3)
    assert (receipt.company, receipt.source, receipt.stream, receipt.run_id) == ("acme", "shop", "orders", "run1")
    assert (receipt.window, receipt.expected, receipt.received, receipt.written) == (WINDOW, 3, 3, 3)
    assert (receipt.pages, receipt.proof, receipt.api_version, receipt.kind) == (2, "exhausted", "v1", "live")
    assert receipt.page_bytes == len(page([order(1), order(2)]).body) + len(page([order(3)]).body)
    assert receipt.columns["quantity"] == "Int64"
    assert [(file.month, file.rows) for file in receipt.files] == [("2026-03", 3)]
    assert landing.receipts("acme", "shop", "orders") == (receipt,)
    assert Receipt.from_json(receipt.to_json()) == receipt
    assert landing.volume("acme", "shop", "orders") == [(NOW, 3)]


def test_an_unchanged_record_is_not_written_again(landing: Landing) -> None:
    load(landing, [page([order(1), order(2)])])
    again = load(landing, [page([order(1), order(2, status="paid")])], run_id="run2", now=LATER)
    assert (again.written, again.unchanged) == (1, 1)
    assert [(row["_key"], row["status"], row["_run_id"]) for row in rows(landing, every=True)] == [
        ("o1", "open", "run1"),
        ("o2", "open", "run1"),
        ("o2", "paid", "run2"),
    ]
    assert [(row["id"], row["status"], row["_observed_at"]) for row in rows(landing)] == [
        ("o1", "open", NOW),
        ("o2", "paid", LATER),
    ]


def test_a_page_too_large_for_the_memory_of_ordinary_pages_is_loaded_with_more(landing: Landing) -> None:
    huge = page([order(number) for number in range(50_000)])
    assert len(huge.body) > 10_000_000
    receipt = load(landing, [page([order(60_000)]), huge, page([order(60_001)])])
    assert (receipt.received, receipt.written, receipt.quarantined) == (50_002, 50_002, {})


def test_a_record_that_changed_back_is_written_again(landing: Landing) -> None:
    for number, status in enumerate(["open", "paid", "open"]):
        receipt = load(
            landing, [page([order(1, status=status)])], run_id=f"r{number}", now=NOW + timedelta(hours=number)
        )
        assert receipt.written == 1
    assert rows(landing)[0]["status"] == "open"


def test_the_same_record_twice_counts_once_and_of_two_versions_the_last_one_holds(landing: Landing) -> None:
    pages = [page([order(1), order(2, status="paid")]), page([order(1), order(2)])]
    receipt = load(landing, pages)
    assert (receipt.received, receipt.written, receipt.duplicates, receipt.superseded) == (4, 2, 1, 1)
    assert [row["status"] for row in rows(landing)] == ["open", "open"]


def test_a_page_that_came_twice_does_not_hide_one_that_did_not_come(landing: Landing) -> None:
    with pytest.raises(IncompleteLoad, match="promised 4 records, 2 different ones came"):
        load(landing, [page([order(1), order(2)])] * 2, expected=4)
    assert landing.receipts("acme", "shop", "orders") == ()


def test_quarantined_records_are_not_missing(landing: Landing) -> None:
    receipt = load(landing, [page([order(1), order(2, status="odd")])], expected=2, max_quarantine_share=0.5)
    assert receipt.quarantined == {"isin": 1}


@pytest.mark.parametrize(
    ("broken", "error", "message"),
    [
        ({"count": 3}, IncompleteLoad, "say they hold 4 records, 3 were read"),
        ({"body": b'{"data": [{"id": "secret@example.com'}, IncompleteLoad, "no whole JSON text"),
        ({"body": b"<html>secret@example.com</html>"}, IncompleteLoad, "no whole JSON text"),
        ({"body": b'{"data": ["\xff\xfe"]}'}, IncompleteLoad, "no UTF-8"),
        ({"body": b'{"error": "secret@example.com"}', "count": 0}, ContractError, "no array of records at 'data'"),
        ({"body": b'{"data": 5}', "count": 0}, ContractError, "no array of records at 'data'"),
    ],
)
def test_a_page_that_is_not_what_it_says_fails_the_load(
    landing: Landing, broken: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as raised:
        load(landing, [page([order(1)]), page([order(2), order(3)], **broken)])
    assert "secret" not in str(raised.value)
    assert landing.receipts("acme", "shop", "orders") == ()
    assert ids(landing) == []


def test_too_many_bad_records_refuse_the_load_and_leave_their_list(landing: Landing, tmp_path: Path) -> None:
    load(landing, [page([order(1)])])
    bad = [order(number, status="new state") for number in range(2, 5)]
    with pytest.raises(ContractError, match=r"3 of 100 records do not fit the model \(3 × isin in status\)"):
        load(landing, [page([*bad, *map(order, range(5, 102))])], run_id="run2", now=LATER, max_quarantine_share=0.02)
    assert ids(landing) == ["o1"]
    assert any(name.endswith("_quarantine/run2.parquet") for name in files(tmp_path))


def test_a_declared_field_that_went_away_refuses_the_load(landing: Landing) -> None:
    without = [{key: value for key, value in order(n).items() if key != "quantity"} for n in range(20)]
    with pytest.raises(ContractError, match="20 × missing in quantity"):
        load(landing, [page(without)])


def test_fields_that_appear_or_go_away_are_named_in_the_receipt(landing: Landing) -> None:
    first = load(landing, [page([order(1, note="x")])])
    assert (first.drift.appeared, first.drift.gone) == ((), ())
    renamed = {("labels" if key == "tags" else key): value for key, value in order(2).items()}
    second = load(landing, [page([renamed])], run_id="run2", now=LATER)
    assert (second.drift.appeared, second.drift.gone) == (("labels",), ("tags",))
    third = load(landing, [page([renamed])], run_id="run3", now=LATER)
    assert third.drift.appeared == ()


def test_a_record_known_to_be_gone_becomes_a_tombstone_with_its_last_values(landing: Landing) -> None:
    load(landing, [page([order(1, quantity=9), order(2)])])
    gone = page([{"id": "o1", "deleted": True}, {"id": "never seen"}], deleted=True)
    receipt = load(landing, [gone], run_id="run2", now=LATER)
    assert (receipt.deleted, receipt.written, receipt.unchanged) == (1, 1, 1)
    assert ids(landing) == ["o2"]
    tomb = next(row for row in rows(landing, every=True) if row["_deleted"])
    assert (tomb["_key"], tomb["quantity"], tomb["_observed_at"]) == ("o1", 9, LATER)
    again = load(landing, [gone], run_id="run3", now=LATER)
    assert (again.deleted, again.written) == (0, 0)
    back = load(landing, [page([order(1, quantity=9)])], run_id="run4", now=LATER + timedelta(hours=1))
    assert back.written == 1
    assert ids(landing) == ["o1", "o2"]


def test_what_a_snapshot_no_longer_lists_is_deleted_but_not_what_it_lists_badly(landing: Landing) -> None:
    load(landing, [page([order(1), order(2), order(3)])], snapshot=True)
    listing = page([order(1), order(2, status="odd")])
    receipt = load(landing, [listing], run_id="run2", now=LATER, snapshot=True, max_quarantine_share=0.5)
    assert (receipt.deleted, receipt.unchanged) == (1, 1)
    assert ids(landing) == ["o1", "o2"]


def test_a_snapshot_with_an_unreadable_key_proves_no_absence(landing: Landing) -> None:
    load(landing, [page([order(1), order(2)])], snapshot=True)
    listing = page([order(1), order(2, id=None)])
    receipt = load(landing, [listing], run_id="run2", now=LATER, snapshot=True, max_quarantine_share=0.5)
    assert receipt.deleted == 0
    assert ids(landing) == ["o1", "o2"]


@pytest.mark.parametrize(
    ("placed", "month"),
    [
        (datetime(2026, 1, 31, 22, 59, 59, tzinfo=UTC), "2026-01"),
        (datetime(2026, 1, 31, 23, 0, 0, tzinfo=UTC), "2026-02"),
        (datetime(2026, 3, 31, 21, 59, 59, tzinfo=UTC), "2026-03"),  # summer time: two hours ahead of UTC
        (datetime(2026, 3, 31, 22, 0, 0, tzinfo=UTC), "2026-04"),
        (datetime(2025, 10, 31, 22, 59, 59, tzinfo=UTC), "2025-10"),  # winter time again
    ],
)
def test_a_row_is_filed_in_the_company_s_month_of_its_cursor(landing: Landing, placed: datetime, month: str) -> None:
    receipt = load(landing, [page([order(1, placed=int(placed.timestamp()))])])
    assert [file.month for file in receipt.files] == [month]
    assert f"/month={month}/run1-" in receipt.files[0].path


def test_a_load_over_several_months_writes_a_file_a_month(landing: Landing) -> None:
    days = [int((NOW - timedelta(days=20 * number)).timestamp()) for number in range(6)]
    receipt = load(landing, [page([order(number, placed=at) for number, at in enumerate(days)])])
    assert [(file.month, file.rows) for file in receipt.files] == [
        ("2025-11", 1),
        ("2025-12", 1),
        ("2026-01", 2),
        ("2026-02", 1),
        ("2026-03", 1),
    ]
    assert len(ids(landing)) == 6


class Settings(StreamModel):
    """A stream without a cursor."""

    id: Text = column("id", key=True)

    class Config(StreamModel.Config):
        name = "shop.settings"


def test_a_stream_without_a_cursor_is_filed_under_the_month_it_was_observed(landing: Landing) -> None:
    receipt = load(
        landing,
        [page([{"id": "a"}])],
        model=Settings,
        now=datetime(2026, 1, 31, 23, 30, tzinfo=UTC),
        month_zone=ZoneInfo("Europe/Amsterdam"),
    )
    assert [file.month for file in receipt.files] == ["2026-02"]


def test_only_live_loads_move_the_watermark(landing: Landing) -> None:
    assert landing.watermark("acme", "shop", "orders") is None
    load(landing, [page([order(1)])], watermark=NOW)
    load(landing, [page([order(2)])], run_id="run2", kind="backfill", watermark=LATER)
    load(landing, [], run_id="run3", watermark=NOW - timedelta(days=1))
    load(landing, [], run_id="run4", watermark=None)
    assert landing.watermark("acme", "shop", "orders") == NOW


def test_the_same_run_again_returns_its_receipt_without_reading_a_page(landing: Landing, tmp_path: Path) -> None:
    first = load(landing, [page([order(1)])])
    before = files(tmp_path)

    def never() -> Iterator[Page]:
        raise AssertionError("a page was asked for")
        yield

    assert load(landing, never(), now=LATER) == first
    assert files(tmp_path) == before
    with pytest.raises(UsageError, match="Give every window of a run its own run id"):
        load(landing, [], window=Window(WINDOW.start, NOW - timedelta(days=1)))


def test_a_run_id_cannot_leave_its_folder(landing: Landing) -> None:
    with pytest.raises(UsageError, match="cannot name a file"):
        load(landing, [], run_id="../../etc/passwd")


def test_neither_payload_nor_salt_nor_personal_data_is_in_any_file(landing: Landing, tmp_path: Path) -> None:
    canary = "canary-7f3a@secret.example"
    pages = [
        page([order(1, buyer={"email": canary}, comment=canary), order(2, quantity=canary), order(3, status=canary)]),
        page([order(4, id={"mail": canary})]),
    ]
    load(landing, pages, salt="salt-canary-91", max_quarantine_share=0.9)
    written = files(tmp_path)
    assert len(written) == 3
    for name, content in written.items():
        for secret in (canary, "canary-7f3a", "salt-canary-91"):
            assert secret.encode() not in content, name
    backend_rows = str(rows(landing, every=True))
    assert "canary" not in backend_rows


class FullDisk(LocalFileSystem):
    """A local disk with room for so many more files."""

    cachable = False
    protocol: ClassVar[tuple[str, ...]] = ("file",)

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def _take(self) -> None:
        if self.room == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= 1

    def put_file(self, *args: Any, **kwargs: Any) -> Any:
        self._take()
        return super().put_file(*args, **kwargs)

    def pipe_file(self, *args: Any, **kwargs: Any) -> Any:
        self._take()
        return super().pipe_file(*args, **kwargs)


@pytest.mark.parametrize("room", [0, 1, 2])
def test_a_full_disk_commits_nothing_and_says_so(tmp_path: Path, room: int) -> None:
    records = [order(1), order(2, placed=int((NOW - timedelta(days=20)).timestamp()))]
    full = Landing(tmp_path, FullDisk(room))
    with pytest.raises(StoreUnavailable, match="No space left on device"):
        load(full, [page(records)])
    after = Landing(tmp_path)
    assert after.receipts("acme", "shop", "orders") == ()
    assert ids(after) == []
    assert not [name for name in files(tmp_path) if name.endswith(".tmp")]
    assert load(after, [page(records)]).written == 2
    assert ids(after) == ["o1", "o2"]


def test_an_object_store_works_like_a_folder() -> None:
    store = MemoryFileSystem()
    landing = Landing("memory://bucket/landing", store)
    load(landing, [page([order(1), order(2)])])
    again = load(landing, [page([order(1), order(2, status="paid")])], run_id="run2", now=LATER)
    assert (again.written, again.unchanged) == (1, 1)
    assert [row["status"] for row in rows(landing)] == ["open", "paid"]
    landing.compact("acme", "shop", "orders", now=LATER, at_least=2, grace=timedelta(0))
    assert [row["status"] for row in rows(landing)] == ["open", "paid"]
    store.rm("/bucket", recursive=True)


class WiderOrders(StreamModel):
    """The stream of Orders after its model grew a column."""

    id: Text = column("id", key=True)
    placed_at: Instant = column("placed", unit="s", cursor=True)
    quantity: Whole = column("quantity")
    channel: Text = column("channel", nullable=True)

    class Config(StreamModel.Config):
        name = "shop.orders"


def test_a_model_that_grew_a_column_reads_what_was_landed_before(landing: Landing) -> None:
    load(landing, [page([order(1), order(2)])], model=Orders)
    assert [row["channel"] for row in rows(landing, WiderOrders)] == [None, None]
    load(landing, [page([order(1, channel="web")])], model=WiderOrders, run_id="run2", now=LATER)
    load(landing, [page([{"id": "o2"}], deleted=True)], model=WiderOrders, run_id="run3", now=LATER)
    assert [(row["id"], row["channel"]) for row in rows(landing, WiderOrders)] == [("o1", "web")]


def snapshot(landing: Landing, streams: list[tuple[str, str]]) -> str:
    return snapshot_hash("acme", [each for stream in streams for each in landing.receipts("acme", *stream)])


def test_a_number_s_inputs_have_a_hash_that_only_new_versions_change(landing: Landing) -> None:
    streams = [("shop", "orders"), ("shop", "lines")]
    seen = [snapshot(landing, streams)]
    load(landing, [page([order(1)])])
    seen.append(snapshot(landing, streams))
    load(landing, [page([order(1)])], run_id="run2", now=LATER)
    assert snapshot(landing, streams[::-1]) == seen[-1]
    load(landing, [page([order(1, status="paid")])], run_id="run3", now=LATER)
    seen.append(snapshot(landing, streams))
    landing.compact("acme", "shop", "orders", now=LATER, at_least=2)
    assert snapshot(landing, streams) == seen[-1]
    assert len(set(seen)) == 3

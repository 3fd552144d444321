"""Compaction makes fewer files of the same versions, and removes only what nobody reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kpi_pipeline.errors import ContractError
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline_tests.landing.orders import NOW, files, load, order, page, rows

DAY = timedelta(days=1)


@pytest.fixture
def crowded(landing: Landing) -> Landing:
    """Five loads of one order that changes each time, so five files of one month."""
    for number in range(5):
        load(
            landing,
            [page([order(1, quantity=number), order(2)])],
            run_id=f"run{number}",
            now=NOW + timedelta(hours=number),
            watermark=NOW + timedelta(hours=number),
        )
    return landing


def parquet(root: Path) -> list[str]:
    return [name for name in files(root) if "/month=" in name]


def test_versions_receipts_and_watermark_stay_and_files_go_after_a_day(crowded: Landing, tmp_path: Path) -> None:
    before = rows(crowded, every=True)
    receipts = crowded.receipts("acme", "shop", "orders")
    watermark = crowded.watermark("acme", "shop", "orders")
    done = crowded.compact("acme", "shop", "orders", now=NOW + DAY, at_least=3)
    assert (done.merged, done.into, done.removed) == (5, 1, 0)
    assert len(parquet(tmp_path)) == 6
    for _ in range(2):
        assert rows(crowded, every=True) == before
        assert crowded.receipts("acme", "shop", "orders") == receipts
        assert crowded.watermark("acme", "shop", "orders") == watermark
        crowded.compact("acme", "shop", "orders", now=NOW + 2 * DAY)
        assert len(parquet(tmp_path)) == 1
    assert [name.rsplit("/", 1)[1] for name in files(tmp_path) if "/_receipts/" in name] == ["compact-000001.json"]


def test_loads_go_on_after_a_compaction_and_compact_again(crowded: Landing, tmp_path: Path) -> None:
    crowded.compact("acme", "shop", "orders", now=NOW + DAY, at_least=3, grace=timedelta(0))
    again = load(crowded, [page([order(1, quantity=4), order(2, status="paid")])], run_id="run5", now=NOW + DAY)
    assert (again.written, again.unchanged) == (1, 1)
    same = load(crowded, [], run_id="run0", now=NOW + DAY)
    assert same.run_id == "run0"
    assert same.observed_at == NOW
    done = crowded.compact("acme", "shop", "orders", now=NOW + DAY, at_least=2, grace=timedelta(0))
    assert (done.merged, done.into) == (2, 1)
    assert len(parquet(tmp_path)) == 1
    assert len(rows(crowded, every=True)) == 7
    assert len(crowded.receipts("acme", "shop", "orders")) == 6


def test_of_two_compactions_at_once_the_second_changes_nothing(crowded: Landing) -> None:
    before = rows(crowded, every=True)
    crowded.store.create("acme/shop/orders/_receipts/compact-000001.json", _rival(crowded))
    done = crowded.compact("acme", "shop", "orders", now=NOW + DAY, at_least=3)
    assert (done.merged, done.into) == (5, 1)  # it saw the first one's state, and made the next
    assert rows(crowded, every=True) == before


def _rival(landing: Landing) -> bytes:
    """The state another process committed: everything covered, nothing merged."""
    from kpi_pipeline.landing.ledger import Compaction, Ledger

    state = Ledger(landing.store, "acme", "shop", "orders").state()
    return Compaction(1, NOW, state.names, state.receipts, state.files, {}).to_json()


def test_a_file_without_a_receipt_is_not_read_and_goes_after_a_day(crowded: Landing, tmp_path: Path) -> None:
    whole = crowded.store.read(crowded.receipts("acme", "shop", "orders")[0].files[0].path)
    orphan = tmp_path / "landing/acme/shop/orders/month=2026-03/killed-000000000000.parquet"
    orphan.write_bytes(whole)
    half = orphan.with_suffix(".parquet.0123.tmp")
    half.write_bytes(whole[:100])
    assert len(rows(crowded, every=True)) == 6
    today = datetime.fromtimestamp(orphan.stat().st_mtime, UTC)
    assert crowded.compact("acme", "shop", "orders", now=today + timedelta(hours=23)).removed == 0
    assert crowded.compact("acme", "shop", "orders", now=today + timedelta(hours=25)).removed == 2
    assert not orphan.exists()
    assert not half.exists()


def test_a_file_that_lost_rows_is_not_compacted(crowded: Landing, tmp_path: Path) -> None:
    first, second = (each.files[0].path for each in crowded.receipts("acme", "shop", "orders")[:2])
    (tmp_path / "landing" / first).write_bytes(crowded.store.read(second))
    with pytest.raises(ContractError, match="receipts name 6 rows, their files hold 5"):
        crowded.compact("acme", "shop", "orders", now=NOW + DAY, at_least=3)

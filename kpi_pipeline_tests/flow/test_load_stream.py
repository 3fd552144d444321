"""Loading one stream: what is landed, how far the watermark moves, and which empty answers are believed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from kpi_pipeline.catalogue import Company
from kpi_pipeline.connectors.base import Stream
from kpi_pipeline.errors import IncompleteLoad, SourceUnavailable
from kpi_pipeline.flow.load import Mode, load_stream
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.landing.page import Window
from kpi_pipeline.landing.receipt import Receipt
from kpi_pipeline_tests.flow.conftest import NOW, Orders, Shop
from kpi_pipeline_tests.landing.orders import Narrow, rows

At = Callable[[datetime], Workspace]
DAY = timedelta(days=1)
SPAN = Window(NOW - 9 * DAY, NOW + 20 * DAY)
AWAY = SourceUnavailable("shop: reading", "HTTP 503", remedy="Wait")


def load(
    workspace: Workspace,
    company: Company,
    shop: Shop,
    run_id: str,
    stream: Stream,
    mode: Mode = "full",
    span: Window = SPAN,
) -> list[Receipt]:
    counted: list[int] = []
    receipts = load_stream(
        workspace, company, shop, stream, span, mode=mode, run_id=run_id, progress=lambda count: counted.append(count)
    )
    assert sum(counted) == sum(receipt.received for receipt in receipts)
    return receipts


def mark(workspace: Workspace) -> datetime | None:
    return workspace.landing.watermark("acme", "shop", "narrow")


def test_the_first_load_reads_the_span_and_sets_the_watermark(workspace_at: At, shop_company: Company) -> None:
    workspace, shop = workspace_at(NOW), Shop(listed=(1, 2), changed=(3,))
    (receipt,) = load(workspace, shop_company, shop, "r1", Orders("shop", "narrow", changes="all"))
    assert shop.asked == [("read", Window(SPAN.start, NOW))]
    assert (receipt.received, receipt.written, receipt.kind, mark(workspace)) == (2, 2, "live", NOW)


def test_a_later_load_lands_the_window_and_the_changes(workspace_at: At, shop_company: Company) -> None:
    stream = Orders("shop", "narrow", changes="all")
    load(workspace_at(NOW), shop_company, Shop(listed=(1,)), "r1", stream)
    later, shop = workspace_at(NOW + DAY), Shop(listed=(1, 2), changed=(3,))
    read, changed = load(later, shop_company, shop, "r2", stream)
    assert shop.asked == [("changes", (NOW, NOW + DAY)), ("read", Window(SPAN.start, NOW + DAY))]
    assert (read.run_id, read.written, changed.run_id, changed.written) == ("r2", 1, "r2-changes", 1)
    assert mark(later) == NOW + DAY
    incremental = Shop(changed=())
    (only,) = load(workspace_at(NOW + 2 * DAY), shop_company, incremental, "r3", stream, "incremental")
    assert [name for name, _ in incremental.asked] == ["changes"]
    assert (only.received, mark(later)) == (0, NOW + 2 * DAY)


def test_changes_that_fail_are_asked_for_again_from_the_same_instant(workspace_at: At, shop_company: Company) -> None:
    stream = Orders("shop", "narrow", changes="some", lookback=DAY)
    load(workspace_at(NOW), shop_company, Shop(listed=(1,)), "r1", stream)
    broken = Shop(listed=(1, 2), changed=(3,), fails={"changes": AWAY})
    with pytest.raises(SourceUnavailable, match="HTTP 503"):
        load(workspace_at(NOW + DAY), shop_company, broken, "r2", stream, "incremental")
    again = Shop(listed=(1, 2), changed=(3,))
    workspace = workspace_at(NOW + 5 * DAY)
    assert mark(workspace) == NOW, "what was read keeps its place until its changes are in"
    load(workspace, shop_company, again, "r3", stream, "incremental")
    assert again.asked[0] == ("changes", (NOW - DAY, NOW + 5 * DAY))
    assert mark(workspace) == NOW + 5 * DAY
    assert [row["id"] for row in rows(workspace.landing, Narrow)] == ["o1", "o2", "o3"]


def test_a_stream_without_changes_now_still_moves_on(workspace_at: At, shop_company: Company) -> None:
    stream = Orders("shop", "narrow", changes="some")
    load(workspace_at(NOW), shop_company, Shop(listed=(1,)), "r1", stream)
    workspace = workspace_at(NOW + DAY)
    receipts = load(workspace, shop_company, Shop(listed=(1,), changed=None), "r2", stream)
    assert (len(receipts), mark(workspace)) == (1, NOW + DAY)


def test_a_backfill_leaves_the_watermark_alone(workspace_at: At, shop_company: Company) -> None:
    stream = Orders("shop", "narrow", changes="all")
    workspace = workspace_at(NOW)
    load(workspace, shop_company, Shop(listed=(1,)), "r1", stream)
    past = Window(NOW - 60 * DAY, NOW - 30 * DAY)
    shop = Shop(listed=(2,), changed=(3,))
    (receipt,) = load(workspace, shop_company, shop, "r2", stream, span=past)
    assert (receipt.kind, shop.asked, mark(workspace)) == ("backfill", [("read", past)], NOW)


def test_a_read_that_breaks_off_lands_nothing(workspace_at: At, shop_company: Company) -> None:
    workspace = workspace_at(NOW)
    shop = Shop(listed=(1, 2), fails={"read": AWAY})
    with pytest.raises(SourceUnavailable, match="HTTP 503"):
        load(workspace, shop_company, shop, "r1", Orders("shop", "narrow"))
    assert (workspace.landing.receipts("acme", "shop", "narrow"), mark(workspace)) == ((), None)


@pytest.mark.parametrize("how", ["window", "snapshot"])
def test_records_that_all_vanished_are_not_believed(workspace_at: At, shop_company: Company, how: str) -> None:
    stream = Orders("shop", "narrow", read=how)  # type: ignore[arg-type]
    load(workspace_at(NOW), shop_company, Shop(listed=(1, 2)), "r1", stream)
    workspace = workspace_at(NOW + DAY)
    with pytest.raises(IncompleteLoad, match="no records where earlier loads had some; nothing was written"):
        load(workspace, shop_company, Shop(), "r2", stream)
    assert [receipt.run_id for receipt in workspace.landing.receipts("acme", "shop", "narrow")] == ["r1"]
    assert mark(workspace) == NOW


@pytest.mark.parametrize("how", ["window", "snapshot"])
def test_an_account_that_was_always_empty_is_believed(workspace_at: At, shop_company: Company, how: str) -> None:
    stream = Orders("shop", "narrow", read=how)  # type: ignore[arg-type]
    for day in range(3):
        workspace = workspace_at(NOW + day * DAY)
        (receipt,) = load(workspace, shop_company, Shop(), f"r{day}", stream)
        assert (receipt.received, mark(workspace)) == (0, NOW + day * DAY)


def test_a_quiet_new_stretch_is_believed(workspace_at: At, shop_company: Company) -> None:
    stream = Orders("shop", "narrow", lookback=DAY)
    load(workspace_at(NOW), shop_company, Shop(listed=(1, 2)), "r1", stream)
    (receipt,) = load(workspace_at(NOW + DAY), shop_company, Shop(), "r2", stream, "incremental")
    assert receipt.received == 0


def test_changes_of_old_records_do_not_make_an_empty_month_suspect(workspace_at: At, shop_company: Company) -> None:
    stream = Orders("shop", "narrow", changes="all")
    load(workspace_at(NOW), shop_company, Shop(), "r1", stream)
    load(workspace_at(NOW + DAY), shop_company, Shop(changed=(7,)), "r2", stream, "incremental")
    receipts = load(workspace_at(NOW + 2 * DAY), shop_company, Shop(changed=()), "r3", stream)
    assert [receipt.received for receipt in receipts] == [0, 0]

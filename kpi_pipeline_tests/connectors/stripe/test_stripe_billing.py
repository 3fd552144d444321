"""What recurring revenue needs of Stripe, over the wire: the whole catalogue, prorations, discounts, pauses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.landing.page import Window
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline_tests.connectors.wire import Wire, utc, wired
from kpi_pipeline_tests.recurring.subscribers import MANY, NOW, build, land


@pytest.fixture(scope="module")
def subscribers() -> World:
    return build(arrivals=0)


@pytest.fixture
def wire(subscribers: World, tmp_path: Path) -> Iterator[Wire]:
    limits = {"account": MANY, "endpoint": MANY}
    with wired(
        "stripe", subscribers, tmp_path, {"requests_per_second": 10**6}, now=lambda: NOW, limits=limits
    ) as opened:
        yield opened


@pytest.mark.parametrize("name", ["products", "prices", "coupons", "tax_rates"])
def test_the_catalogue_is_read_whole_whatever_the_window(wire: Wire, subscribers: World, name: str) -> None:
    """Its records are older than any window: a first load of a month would otherwise lack the prices it needs."""
    reading = wire.read(name, NOW, NOW)
    found = [each["id"] for page in [*reading] for each in _records(page)]
    assert sorted(found) == sorted(row.id for row in getattr(subscribers, name))
    assert reading.proof.how == "snapshot"
    assert wire.stream(name).read == "snapshot"
    assert wire.connector.changes(wire.stream(name), NOW - timedelta(hours=6), NOW) is None


def test_prices_come_with_their_tiers(wire: Wire) -> None:
    tiers = {row["id"]: [tier["up_to"] for tier in row["tiers"]] for row in wire.rows("prices") if row.get("tiers")}
    assert tiers == {"tiers": [10, 30, None]}


def test_prorations_are_there_before_an_invoice_takes_them_up(wire: Wire, subscribers: World) -> None:
    rows = {row["id"]: row for row in wire.rows("invoice_items", utc("2024-01-01"))}
    made = {item.id: item for item in subscribers.invoice_items if item.created_at <= NOW}
    assert rows.keys() == made.keys()
    waiting = {key for key, item in made.items() if item.invoiced_at is None or item.invoiced_at > NOW}
    assert waiting
    assert {key for key, row in rows.items() if row["invoice"] is None} == waiting
    assert all(row["proration"] and row["quantity"] == made[key].quantity for key, row in rows.items())
    halves = wire.rows("invoice_items", utc("2024-01-01"), utc("2026-06-15")) + wire.rows(
        "invoice_items", utc("2026-06-15")
    )
    assert sorted(row["id"] for row in halves) == sorted(rows)


def test_a_discount_that_ran_out_is_still_on_its_invoices(wire: Wire, subscribers: World) -> None:
    ended = {
        each.id: each for row in subscribers.subscriptions for each in row.discounts if each.end and each.end < NOW
    }
    running = {row["id"] for row in wire.rows("discounts", utc("2024-01-01"))}
    shown = {row["id"]: row for row in wire.rows("invoice_discounts", utc("2024-01-01"))}
    assert ended
    assert not ended.keys() & running
    for key, discount in ended.items():
        assert shown[key]["source"]["coupon"] == discount.coupon_id
        assert discount.end is not None
        assert shown[key]["end"] == int(discount.end.timestamp())


def test_events_tell_pauses_of_the_last_thirty_days_only(wire: Wire, subscribers: World) -> None:
    rows = wire.rows("subscription_events", utc("2024-01-01"))
    assert {row["type"].rpartition(".")[0] for row in rows} == {"customer.subscription"}
    assert min(row["created"] for row in rows) >= (NOW - timedelta(days=30)).timestamp()
    paused = {row["data"]["object"]["id"] for row in rows if (row["data"]["object"]["pause_collection"] or {})}
    lately = {
        row.id for row in subscribers.subscriptions for _, since, _ in row.pauses if since > NOW - timedelta(days=28)
    }
    assert lately <= paused
    kept = wire.stream("subscription_events").kept
    assert kept is not None
    assert kept <= timedelta(days=30)


def test_lines_name_the_rate_of_tax_that_they_include(wire: Wire, subscribers: World) -> None:
    lines = wire.rows("invoice_lines", utc("2024-01-01"))
    included = {row["pricing"]["price_details"]["price"] for row in lines if row["inclusive_tax_rate_id"]}
    assert included == {"inclusive"}
    assert {row["inclusive_tax_rate_id"] for row in lines if row["inclusive_tax_rate_id"]} == {"txr_nl"}


def test_a_price_that_is_gone_from_the_catalogue_is_marked_deleted_and_still_known(
    subscribers: World, tmp_path: Path
) -> None:
    land(subscribers, tmp_path, streams=("prices",))
    kept, subscribers.prices = subscribers.prices, subscribers.prices[1:]
    try:
        landing = land(subscribers, tmp_path, NOW + timedelta(hours=6), streams=("prices",))
    finally:
        subscribers.prices = kept
    assert landing.receipts("mister_dj", "stripe", "prices")[-1].deleted == 1


def test_everything_read_again_after_a_month_of_silence_marks_what_is_gone(subscribers: World, tmp_path: Path) -> None:
    """The feed reaches back 30 days: after a longer silence all is listed, which proves what is not there any more."""
    customers = list(subscribers.customers)
    landing = land(subscribers, tmp_path, NOW - timedelta(days=40), streams=("customers",))
    leaver = next(row for row in customers if row.created_at < NOW - timedelta(days=60))
    subscribers.customers.remove(leaver)
    try:
        _load_changes(landing, subscribers, tmp_path, since=NOW - timedelta(days=40))
    finally:
        subscribers.customers[:] = customers
    receipt = landing.receipts("mister_dj", "stripe", "customers")[-1]
    assert (receipt.proof, receipt.deleted) == ("snapshot", 1)


def _load_changes(landing: Landing, world: World, folder: Path, since: datetime) -> None:
    limits = {"account": MANY, "endpoint": MANY}
    with wired("stripe", world, folder, {"requests_per_second": 10**6}, now=lambda: NOW, limits=limits) as wire:
        stream = wire.stream("customers")
        reading = wire.connector.changes(stream, since, NOW)
        assert reading is not None
        landing.load(
            "mister_dj",
            stream.model,
            reading,
            run_id="later",
            window=Window(since, NOW),
            proof=lambda: reading.proof,
            kind="live",
            api_version="test",
            month_zone=ZoneInfo("Europe/Amsterdam"),
            now=NOW,
            salt="salt",
        )


def _records(page: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(page.body)["data"]
    return found

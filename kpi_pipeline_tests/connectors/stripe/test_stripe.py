"""Stripe over the wire: everything created in a window, everything that changed since, children complete."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from kpi_pipeline.connectors.classify import Reply, Verdict
from kpi_pipeline.connectors.stripe import children
from kpi_pipeline.connectors.stripe.collections import COLLECTIONS
from kpi_pipeline.connectors.stripe.protocol import API_VERSION, classify
from kpi_pipeline.errors import ContractError, IncompleteLoad
from kpi_pipeline.landing.page import Page
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.world.model import (
    BillingCustomer,
    Coupon,
    Discount,
    Invoice,
    InvoiceLine,
    Price,
    Product,
    Subscription,
    SubscriptionItem,
    World,
)
from kpi_pipeline_tests.connectors.wire import NOW, Wire, rows, utc, wired, world

MANY = Limit(10**6, 1.0)
BORN = utc("2026-09-01 10:00")
HOUR = timedelta(hours=1)


def customer(number: int, *changed: datetime, deleted: datetime | None = None) -> BillingCustomer:
    moments = (BORN, *changed, *([deleted] if deleted else []))
    return BillingCustomer(f"cus_{number}", "N", "n@example.org", "NL", "eur", BORN, 5, None, moments, deleted)


def price(name: str, *, active: bool = True) -> Price:
    return Price(f"price_{name}", "prod_1", "eur", "2000", "recurring", "month", 1, BORN, active)


def subscription(ended: datetime | None = None) -> Subscription:
    items = (SubscriptionItem("si_1", "price_a", 2, BORN, None), SubscriptionItem("si_2", "price_b", 1, BORN, None))
    statuses = (("active", BORN), *([("canceled", ended)] if ended else []))
    discounts = (Discount("di_1", "ten", BORN, None), Discount("di_2", "ten", BORN, None, item_id="si_2"))
    moments = (BORN, ended) if ended else (BORN,)
    return Subscription(
        "sub_1", "cus_1", "eur", BORN, BORN, statuses, items, moments, ended_at=ended, discounts=discounts
    )


def invoice(number: int, lines: int, *, paid: datetime | None = None, deleted: datetime | None = None) -> Invoice:
    own = tuple(
        InvoiceLine(f"il_{number}_{n}", "DJ", 1000 + n, 1, None, None, None, BORN, BORN, discount=n, tax=21)
        for n in range(lines)
    )
    finalized = None if deleted else BORN
    moments = (BORN, *([paid] if paid else []), *([deleted] if deleted else []))
    return Invoice(
        f"in_{number}", f"N{number}", "cus_1", None, f"B-{number}", "manual", "eur", own, BORN, finalized, None, paid,
        None, BORN, BORN, (), moments, deleted,
    )  # fmt: skip


def account() -> World:
    return world(
        customers=[customer(1, NOW - HOUR), customer(2, deleted=NOW - HOUR), customer(3)],
        products=[Product("prod_1", "Basic", True, BORN, {"category": "show"}), Product("prod_0", "Old", False, BORN)],
        prices=[price("a"), price("b"), price("old", active=False)],
        coupons=[Coupon("ten", BORN, None, 1000, "eur", "forever")],
        subscriptions=[subscription(ended=NOW - HOUR)],
        invoices=[invoice(1, 12, paid=NOW - HOUR), invoice(2, 3), invoice(3, 1, deleted=NOW - HOUR), invoice(4, 130)],
    )


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    with wired("stripe", account(), tmp_path, limits={"account": MANY, "endpoint": MANY}) as open_wire:
        yield open_wire


def changes(wire: Wire, name: str, since: datetime = NOW - 2 * HOUR) -> tuple[list[Any], list[Any], str]:
    """Rows that are there, ids that are gone, and what the proof says."""
    reading = wire.connector.changes(wire.stream(name), since, NOW)
    assert reading is not None
    pages: list[Page] = list(reading)
    gone = [row["id"] for page in pages if page.deleted for row in orjson.loads(page.body)["data"]]
    there = rows(page for page in pages if not page.deleted)  # type: ignore[arg-type]
    return there, gone, reading.proof.how


def test_windows_show_what_is_not_listed_by_default(wire: Wire) -> None:
    assert [row["status"] for row in wire.rows("subscriptions")] == ["canceled"]
    assert {row["id"] for row in wire.rows("prices")} == {"price_a", "price_b", "price_old"}
    assert {row["active"] for row in wire.rows("products")} == {True, False}


def test_a_deleted_customer_is_not_in_a_window_but_gone_in_the_changes(wire: Wire) -> None:
    assert {row["id"] for row in wire.rows("customers")} == {"cus_1", "cus_3"}
    there, gone, how = changes(wire, "customers")
    assert ([row["id"] for row in there], gone, how) == (["cus_1"], ["cus_2"], "feed")


def test_a_canceled_subscription_is_read_again_not_taken_for_deleted(wire: Wire) -> None:
    there, gone, _ = changes(wire, "subscriptions")
    assert ([(row["id"], row["status"]) for row in there], gone) == ([("sub_1", "canceled")], [])


def test_a_draft_that_was_thrown_away_is_gone(wire: Wire) -> None:
    there, gone, _ = changes(wire, "invoices")
    assert ([(row["id"], row["status"]) for row in there], gone) == ([("in_1", "paid")], ["in_3"])


def test_what_vanishes_between_the_feed_and_the_reading_is_gone(wire: Wire) -> None:
    wire.fault("deleted_between", "/v1/customers/cus_1")
    there, gone, _ = changes(wire, "customers")
    assert (there, set(gone)) == ([], {"cus_1", "cus_2"})


def test_the_feed_reaches_ten_minutes_behind_its_watermark(wire: Wire) -> None:
    assert changes(wire, "customers", since=NOW - HOUR + timedelta(minutes=9))[0]
    assert not changes(wire, "customers", since=NOW - HOUR + timedelta(minutes=11))[0]


def test_a_watermark_that_the_feed_does_not_reach_lists_everything(wire: Wire) -> None:
    there, _, how = changes(wire, "customers", since=NOW - timedelta(days=30))
    assert ({row["id"] for row in there}, how) == ({"cus_1", "cus_3"}, "snapshot")
    assert not [entry for entry in wire.requests if entry["path"] == "/v1/events"]


def test_every_answer_is_in_the_version_we_pin(wire: Wire) -> None:
    assert wire.connector.api_version == API_VERSION == "2026-10-28.endive"
    (row,) = changes(wire, "subscriptions")[0]
    assert "current_period_end" not in row  # moved to the items in 2025-03-31.basil; events still have it
    assert "current_period_end" in row["items"]["data"][0]


def test_no_query_for_events_names_more_than_twenty_types() -> None:
    assert max(len(each.events) for each in COLLECTIONS.values()) <= 20


def test_items_and_discounts_come_with_their_subscription(wire: Wire) -> None:
    items = wire.rows("subscription_items")
    assert [(row["id"], row["quantity"], row["^"]["id"]) for row in items] == [
        ("si_1", 2, "sub_1"),
        ("si_2", 1, "sub_1"),
    ]
    found = {row["id"]: row for row in wire.rows("discounts")}
    assert {name: row["subscription_item_id"] for name, row in found.items()} == {"di_1": None, "di_2": "si_2"}
    assert found["di_1"]["source"]["coupon"] == "ten"
    assert [row["id"] for row in wire.rows("subscriptions")[0]["discounts"]] == ["di_1"]


def test_lines_that_an_invoice_does_not_show_at_once_are_read_on(wire: Wire) -> None:
    found = wire.rows("invoice_lines")
    by_invoice = {name: [row for row in found if row["invoice_id"] == name] for name in ("in_1", "in_2", "in_4")}
    assert [len(own) for own in by_invoice.values()] == [12, 3, 130]
    assert by_invoice["in_1"][3]["tax_amount"] == 21
    assert sum(row["amount"] for row in by_invoice["in_4"]) == sum(1000 + n for n in range(130))


def test_lines_that_do_not_add_up_are_no_load() -> None:
    line = {"id": "il_1", "amount": 900, "discount_amounts": [{"amount": 30}, {"amount": 4}], "taxes": []}
    record = {
        "id": "in_1", "created": 1, "status": "paid", "subtotal": 1000, "lines": {"has_more": False, "data": [line]}
    }  # fmt: skip
    with pytest.raises(IncompleteLoad, match=r"its 1 lines add up to 900 \(discounts 34\), but its subtotal is 1000"):
        children.lines([record], b"", lambda *_: [])
    record["subtotal"] = 900
    (found,) = orjson.loads(children.lines([record], b"", lambda *_: []).body)["data"]
    assert (found["discount_amount"], found["tax_amount"], found["proration"]) == (34, 0, False)


def test_a_list_of_something_else_is_a_broken_contract(wire: Wire) -> None:
    wire.fault("unknown_enum", "/v1/charges", field="object", value="invoice")
    wire.fault("unknown_enum", "/v1/customers", field="object", value="invoice")
    with pytest.raises(ContractError, match="the list of customers holds invoice"):
        wire.rows("customers")


def test_the_balance_is_a_snapshot_by_currency(wire: Wire) -> None:
    reading = wire.read("balance")
    found = rows(reading)
    assert reading.proof.how == "snapshot"
    assert all(set(row) == {"currency", "available", "pending"} for row in found)


def _reply(status: int, error: dict[str, str] | None = None, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, named, b"", {} if error is None else {"error": error})


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (_reply(200), "ok"),
        (_reply(200, {"type": "api_error"}), "retry"),
        (_reply(429, {"code": "rate_limit"}, Stripe_Rate_Limited_Reason="endpoint-rate"), "retry"),
        (_reply(429, {"code": "lock_timeout"}), "retry"),
        (_reply(409, {"type": "idempotency_error"}), "retry"),
        (_reply(500, {"type": "api_error"}), "retry"),
        (_reply(500, {"type": "api_error"}, Stripe_Should_Retry="false"), "bug"),
        (_reply(400, {"type": "invalid_request_error"}, Stripe_Should_Retry="true"), "retry"),
        (_reply(400, {"type": "invalid_request_error"}), "bug"),
        (_reply(401, {"message": "Invalid API Key provided"}), "settings"),
        (_reply(403, {"message": "does not have the required permissions"}), "settings"),
        (_reply(404, {"code": "resource_missing"}), "gone"),
        (_reply(400, {"code": "resource_missing", "param": "starting_after"}), "gone"),
    ],
)
def test_stripes_answers_mean_what_stripe_says(reply: Reply, outcome: str) -> None:
    verdict: Verdict = classify(reply)
    assert verdict.outcome == outcome


def test_a_cursor_that_is_deleted_while_we_page_makes_the_read_incomplete(tmp_path: Path) -> None:
    many = [customer(number) for number in range(250)]
    many[149] = customer(149, deleted=NOW + HOUR)  # cus_150 … are newer: it ends page one
    limits = {"account": MANY, "endpoint": MANY}
    with wired("stripe", world(customers=many), tmp_path, {"concurrency": 1}, limits=limits) as wire:
        pages = iter(wire.read("customers", BORN, BORN + HOUR))
        next(pages)
        wire.sandbox.gates[("mister_dj", "stripe")].context.memo["shelves"]["customers"].position.clear()
        with pytest.raises(IncompleteLoad, match="after which the list was to go on, was deleted while we read"):
            list(pages)

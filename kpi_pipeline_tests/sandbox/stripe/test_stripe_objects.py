"""Stripe's objects as of an instant, in both versions, and the events that tell of their changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from kpi_pipeline.sandbox import Sandbox

Ask = Callable[..., requests.Response]
LINES = 12
TOTAL = LINES * 1089


def epoch(month: int, day: int, hour: int = 0) -> int:
    return int(datetime(2026, month, day, hour, tzinfo=UTC).timestamp())


@pytest.fixture
def on(sandbox: Sandbox, ask: Ask) -> Callable[..., dict[str, Any]]:
    """An object as it was on a day of 2026."""

    def get(month: int, day: int, path: str, **params: Any) -> dict[str, Any]:
        sandbox.set_now(datetime(2026, month, day, 12, tzinfo=UTC))
        found: dict[str, Any] = ask(path, params).json()
        return found

    return get


def test_a_subscription_lives(on: Callable[..., dict[str, Any]]) -> None:
    path = "subscriptions/sub_1"
    trial, active, changed, owing, ended = (on(m, d, path) for m, d in [(3, 5), (4, 20), (7, 20), (8, 25), (10, 1)])
    lives = (trial, active, changed, owing, ended)
    assert [each["status"] for each in lives] == ["trialing", "active", "active", "past_due", "canceled"]
    assert [each["items"]["data"][0]["quantity"] for each in lives] == [2, 2, 5, 5, 5]
    assert [each["canceled_at"] for each in lives] == [None, None, None, epoch(8, 10), epoch(8, 10)]
    assert [each["cancel_at_period_end"] for each in lives] == [False, False, False, True, True]
    assert [each["ended_at"] for each in lives] == [None, None, None, None, epoch(9, 1)]
    assert owing["cancel_at"] == epoch(9, 1)
    assert owing["cancellation_details"] == {
        "comment": None,
        "feedback": "too_expensive",
        "reason": "cancellation_requested",
    }
    assert changed["cancellation_details"]["feedback"] is None
    assert "current_period_end" not in active


def test_the_billing_period_stands_on_the_item_and_runs_from_the_end_of_the_trial(on: Callable[..., Any]) -> None:
    def period(month: int, day: int, path: str = "subscriptions/sub_1") -> tuple[int, int]:
        item = on(month, day, path)["items"]["data"][0]
        return item["current_period_start"], item["current_period_end"]

    assert period(3, 5) == (epoch(3, 1), epoch(3, 15))
    assert period(3, 15) == (epoch(3, 15), epoch(4, 15))
    assert period(7, 14) == (epoch(6, 15), epoch(7, 15))
    assert period(7, 15) == (epoch(7, 15), epoch(8, 15))
    assert period(11, 1) == (epoch(8, 15), epoch(9, 15))
    monthly = "subscriptions/sub_2"  # began on 31 January: shorter months end on their last day
    assert period(2, 20, monthly) == (epoch(1, 31), epoch(2, 28))
    assert period(3, 1, monthly) == (epoch(2, 28), epoch(3, 31))
    assert period(5, 2, monthly) == (epoch(4, 30), epoch(5, 31))


def test_discounts_and_pauses_come_and_go(on: Callable[..., Any]) -> None:
    assert [on(m, 15, "subscriptions/sub_1")["discounts"] for m in (3, 5, 7)] == [[], ["di_1"], []]
    assert on(5, 15, "subscriptions/sub_1")["items"]["data"][0]["discounts"] == ["di_2"]
    assert on(5, 15, "subscriptions/sub_1")["pause_collection"] == {"behavior": "void", "resumes_at": epoch(5, 20)}
    assert on(5, 21, "subscriptions/sub_1")["pause_collection"] is None
    expanded = on(5, 15, "subscriptions/sub_1", **{"expand[]": "discounts.source.coupon"})["discounts"][0]
    assert (expanded["id"], expanded["source"]["coupon"]["percent_off"]) == ("di_1", 25.5)


def test_items_are_listed_for_their_subscription(ask: Ask) -> None:
    assert [row["id"] for row in ask("subscription_items", {"subscription": "sub_2"}).json()["data"]] == ["si_2"]


def test_an_invoice_goes_from_draft_to_paid_and_is_credited(on: Callable[..., Any], sandbox: Sandbox, ask: Ask) -> None:
    sandbox.set_now(datetime(2026, 4, 1, 0, 30, tzinfo=UTC))
    draft = ask("invoices/in_1").json()
    opened, paid, credited = (on(m, d, "invoices/in_1") for m, d in [(4, 1), (4, 20), (5, 2)])
    assert [each["status"] for each in (draft, opened, paid)] == ["draft", "open", "paid"]
    assert (draft["number"], opened["number"]) == (None, "A-1")
    assert (opened["amount_paid"], opened["amount_remaining"]) == (0, TOTAL)
    assert (paid["amount_paid"], paid["amount_remaining"], paid["amount_due"]) == (TOTAL, 0, TOTAL)
    assert (paid["subtotal"], paid["total"], paid["total_excluding_tax"]) == (12_000, TOTAL, 10_800)
    assert [each["amount"] for each in paid["total_taxes"]] == [LINES * 189]
    assert paid["total_discount_amounts"] == [{"amount": 1200, "discount": "di_1"}]
    assert paid["parent"]["subscription_details"]["subscription"] == "sub_1"
    assert paid["metadata"] == {"booking_id": "B-7"}
    assert paid["status_transitions"]["paid_at"] == epoch(4, 2)
    assert (paid["post_payment_credit_notes_amount"], credited["post_payment_credit_notes_amount"]) == (0, 1089)


def test_only_ten_lines_are_embedded(ask: Ask) -> None:
    embedded = ask("invoices/in_1").json()["lines"]
    assert ([row["id"] for row in embedded["data"]], embedded["has_more"]) == ([f"il_{i:02d}" for i in range(10)], True)
    rest = ask("invoices/in_1/lines", {"limit": 100, "starting_after": "il_09"}).json()
    assert ([row["id"] for row in rest["data"]], rest["has_more"]) == (["il_10", "il_11"], False)
    first, second, inline = ask("invoices/in_1/lines", {"limit": 3}).json()["data"]
    assert first["parent"]["subscription_item_details"]["subscription_item"] == "si_1"
    assert second["parent"]["type"] == "invoice_item_details"
    assert first["pricing"]["price_details"] == {"price": "price_month", "product": "prod_dj"}
    assert inline["pricing"]["price_details"] == {"price": "price_il_02", "product": "prod_dj"}
    assert (first["amount"], first["discount_amounts"], first["taxes"][0]["taxable_amount"]) == (
        1000,
        [{"amount": 100, "discount": "di_1"}],
        900,
    )


def test_a_draft_that_was_thrown_away_is_gone(on: Callable[..., Any]) -> None:
    assert on(11, 1, "invoices/in_thrown")["status"] == "draft"
    assert on(11, 3, "invoices/in_thrown")["error"]["code"] == "resource_missing"
    assert "in_thrown" not in [row["id"] for row in on(11, 3, "invoices")["data"]]


def test_a_deleted_customer_vanishes_from_lists_but_answers_by_id(on: Callable[..., Any]) -> None:
    assert on(4, 20, "customers/cus_gone")["email"] == "gone@x.nl"
    assert on(6, 1, "customers/cus_gone") == {"id": "cus_gone", "object": "customer", "deleted": True}
    assert "cus_gone" not in [row["id"] for row in on(6, 1, "customers")["data"]]
    expanded = on(11, 20, "subscriptions/sub_1", **{"expand[]": "customer"})
    assert expanded["customer"] == {"id": "cus_gone", "object": "customer", "deleted": True}


def test_money_moves(on: Callable[..., Any]) -> None:
    charge = on(5, 2, "charges/ch_1")
    assert (charge["amount_refunded"], charge["refunded"], charge["disputed"]) == (1089, False, False)
    assert on(4, 20, "charges/ch_1")["amount_refunded"] == 0
    assert on(6, 2, "charges/ch_1")["disputed"] is True
    assert charge["metadata"] == {"booking_id": "B-7", "purpose": "full"}
    assert "invoice" not in charge
    failed = on(11, 20, "charges/ch_3")
    assert (failed["status"], failed["paid"], failed["balance_transaction"]) == ("failed", False, None)
    assert on(11, 20, "payment_intents/pi_3")["status"] == "requires_payment_method"
    entry = on(11, 20, "balance_transactions/txn_2")
    assert (entry["amount"], entry["fee"], entry["net"], entry["currency"]) == (590, 30, 560, "eur")
    assert (entry["exchange_rate"], entry["status"]) == (1.18, "pending")
    assert on(11, 27, "balance_transactions/txn_2")["status"] == "available"
    assert [on(4, d, "payouts/po_1")["status"] for d in (11, 13)] == ["in_transit", "paid"]
    assert on(5, 2, "refunds/re_1")["charge"] == "ch_1"
    note = on(5, 2, "credit_notes/cn_1")
    assert (note["total"], note["total_excluding_tax"], note["refunds"][0]["refund"]) == (1089, 900, "re_1")


def test_the_balance_is_the_sum_of_the_ledger(on: Callable[..., Any]) -> None:
    balance = on(11, 20, "balance")
    available = TOTAL - 95 - 1089 - (TOTAL - 95)
    assert [each["amount"] for each in balance["available"]] == [available]
    assert [(each["amount"], each["currency"]) for each in balance["pending"]] == [(560, "eur")]


def test_prices_that_have_no_whole_amount(ask: Ask) -> None:
    cents, tiered = ask("prices/price_cents").json(), ask("prices/price_tiers", {"expand[]": "tiers"}).json()
    assert (cents["unit_amount"], cents["unit_amount_decimal"], cents["recurring"]) == (None, "12.5", None)
    assert (tiered["unit_amount"], tiered["billing_scheme"]) == (None, "tiered")
    assert [(each["up_to"], each["unit_amount"]) for each in tiered["tiers"]] == [(10, 500), (None, 400)]
    assert "tiers" not in ask("prices/price_tiers").json()


def test_one_level_is_expanded_in_a_list(ask: Ask) -> None:
    row = ask("subscriptions", {"expand[]": ["data.latest_invoice", "data.customer"]}).json()["data"][0]
    assert (row["latest_invoice"]["id"], row["customer"]["email"]) == ("in_draft", "c0@x.nl")
    assert ask("subscriptions").json()["data"][0]["latest_invoice"] == "in_draft"


def test_without_a_version_the_account_answers_in_its_old_default(ask: Ask) -> None:
    old = ask("subscriptions/sub_2", version=None)
    assert old.headers["Stripe-Version"] == "2024-06-20"
    assert old.json()["current_period_end"] == epoch(11, 30)
    assert "current_period_end" not in old.json()["items"]["data"][0]
    bill = ask("invoices/in_1", version=None).json()
    assert (bill["subscription"], bill["charge"], bill["paid"], bill["tax"]) == ("sub_1", "ch_1", True, LINES * 189)
    assert "parent" not in bill
    assert bill["lines"]["data"][0]["type"] == "subscription"
    assert ask("charges/ch_1", version=None).json()["invoice"] == "in_1"


def types(answer: requests.Response) -> list[str]:
    return [row["type"] for row in answer.json()["data"]]


def test_events_reach_back_thirty_days_newest_first(ask: Ask, sandbox: Sandbox) -> None:
    events = ask("events", {"limit": 100}).json()["data"]
    times = [row["created"] for row in events]
    assert times == sorted(times, reverse=True)
    assert epoch(10, 21, 12) <= times[-1]
    assert times[0] <= epoch(11, 20, 12)
    assert {row["type"] for row in events} == {
        "customer.subscription.updated",
        "invoice.created",
        "invoice.deleted",
        "payment_intent.created",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "charge.succeeded",
        "charge.failed",
    }
    assert len({row["id"] for row in events}) == len(events)
    sandbox.set_now(datetime(2026, 5, 20, tzinfo=UTC))
    assert types(ask("events", {"types[]": ["customer.deleted", "refund.created", "credit_note.created"]})) == [
        "credit_note.created",
        "refund.created",
        "customer.deleted",
    ]
    assert types(ask("events", {"type": "customer.*"})) == ["customer.deleted"]
    sandbox.set_now(datetime(2026, 6, 5, tzinfo=UTC))
    assert types(ask("events", {"limit": 100})) == ["charge.dispute.created"]


def test_an_event_shows_its_object_as_it_was_and_in_the_old_version(ask: Ask, sandbox: Sandbox) -> None:
    sandbox.set_now(datetime(2026, 7, 20, tzinfo=UTC))
    (event,) = ask("events", {"type": "customer.subscription.updated"}).json()["data"]
    sandbox.set_now(datetime(2026, 7, 30, tzinfo=UTC))
    assert ask(f"events/{event['id']}").json() == event
    shown = event["data"]["object"]
    assert event["api_version"] == "2024-06-20"
    assert (shown["items"]["data"][0]["quantity"], shown["current_period_start"]) == (5, epoch(6, 15))
    assert event["data"]["previous_attributes"]["items"]["data"][0]["quantity"] == 2
    sandbox.set_now(datetime(2026, 8, 2, tzinfo=UTC))
    assert ask(f"events/{event['id']}").status_code == 404

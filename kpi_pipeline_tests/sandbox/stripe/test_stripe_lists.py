"""Stripe's list protocol: order, seams, filters, refusals, keys and limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from kpi_pipeline.sandbox import Limit, Sandbox

Ask = Callable[..., requests.Response]
FEBRUARY = int(datetime(2026, 2, 1, tzinfo=UTC).timestamp())


def ids(answer: requests.Response) -> list[str]:
    answer.raise_for_status()
    return [row["id"] for row in answer.json()["data"]]


def test_pages_join_without_gap_or_repetition_even_within_one_second(ask: Ask) -> None:
    found: list[str] = []
    more = True
    while more:
        after = {"starting_after": found[-1]} if found else {}
        page = ask("customers", {"limit": 2, **after}).json()
        assert page["object"] == "list"
        assert page["url"] == "/v1/customers"
        found += [row["id"] for row in page["data"]]
        more = page["has_more"]
    assert found == [f"cus_{number}" for number in (6, 5, 4, 3, 2, 1, 0)]


def test_has_more_is_false_when_the_page_ends_exactly_at_the_last_row(ask: Ask) -> None:
    assert ask("customers", {"limit": 7}).json()["has_more"] is False
    assert ask("customers", {"limit": 6}).json()["has_more"] is True


def test_ending_before_pages_towards_the_newest(ask: Ask) -> None:
    page = ask("customers", {"limit": 2, "ending_before": "cus_2"})
    assert ids(page) == ["cus_4", "cus_3"]
    assert page.json()["has_more"] is True
    assert ask("customers", {"limit": 2, "ending_before": "cus_5"}).json()["has_more"] is False


@pytest.mark.parametrize(
    ("side", "second", "count"),
    [("gte", 0, 7), ("gt", 0, 0), ("lte", 0, 7), ("lt", 0, 0), ("gt", -1, 7), ("lt", 1, 7)],
)
def test_created_bounds_are_exact_to_the_second(ask: Ask, side: str, second: int, count: int) -> None:
    assert len(ids(ask("customers", {f"created[{side}]": FEBRUARY + second}))) == count


def test_an_exact_second_and_a_mail_address_filter_too(ask: Ask) -> None:
    assert len(ids(ask("customers", {"created": FEBRUARY}))) == 7
    assert ids(ask("customers", {"email": "c3@x.nl"})) == ["cus_3"]


def test_subscriptions_leave_out_canceled_ones_unless_asked(ask: Ask) -> None:
    assert ids(ask("subscriptions")) == ["sub_2"]
    assert ids(ask("subscriptions", {"status": "all"})) == ["sub_1", "sub_2"]
    assert ids(ask("subscriptions", {"status": "ended"})) == ["sub_1"]
    assert ids(ask("subscriptions", {"status": "active", "customer": "cus_0", "price": "price_month"})) == ["sub_2"]
    assert ids(ask("subscriptions", {"status": "all", "price": "price_year"})) == []


def test_prices_leave_out_inactive_ones_unless_asked(ask: Ask) -> None:
    assert ids(ask("prices")) == ["price_cents", "price_tiers", "price_month"]
    assert ids(ask("prices", {"active": "false"})) == ["price_year"]
    assert ids(ask("prices", {"recurring[interval]": "month"})) == ["price_tiers", "price_month"]


def test_other_documented_filters(ask: Ask) -> None:
    assert ids(ask("balance_transactions", {"type": "refund"})) == ["txn_4"]
    assert ids(ask("balance_transactions", {"payout": "po_1"})) == ["txn_1"]
    assert ids(ask("invoices", {"status": "draft"})) == ["in_draft"]
    assert ids(ask("invoices", {"subscription": "sub_1"})) == ["in_1"]
    assert ids(ask("invoice_payments", {"payment[type]": "payment_intent", "payment[payment_intent]": "pi_1"})) == [
        "inpay_1"
    ]
    assert ids(ask("invoice_payments", {"payment[type]": "payment_intent", "payment[payment_intent]": "pi_2"})) == []
    assert ids(ask("refunds", {"charge": "ch_1"})) == ["re_1"]
    assert ids(ask("refunds", {"payment_intent": "pi_2"})) == []
    assert ids(ask("payouts", {"arrival_date[lt]": 1775952000, "status": "paid"})) == []
    assert ids(ask("payouts", {"arrival_date[lte]": 1775952000, "status": "paid"})) == ["po_1"]
    assert ids(ask("products", {"ids[]": ["prod_dj"]})) == ["prod_dj"]
    assert ids(ask("promotion_codes")) == ids(ask("subscription_schedules")) == []


@pytest.mark.parametrize(
    ("path", "params", "code", "param", "words"),
    [
        ("customers", {"updated[gte]": 1}, "parameter_unknown", "updated", "Received unknown parameter: updated"),
        ("customers", {"created[since]": 1}, "parameter_unknown", "created[since]", "created[since]"),
        ("customers", {"limit": 101}, "parameter_invalid_integer", "limit", "less than or equal to 100"),
        ("customers", {"limit": 0}, "parameter_invalid_integer", "limit", "greater than or equal to 1"),
        ("customers", {"limit": "ten"}, "parameter_invalid_integer", "limit", "Invalid integer: ten"),
        ("customers", {"starting_after": "cus_x"}, "resource_missing", "starting_after", "No such customer: 'cus_x'"),
        ("charges", {"status": "succeeded"}, "parameter_unknown", "status", "Received unknown parameter: status"),
        ("subscription_items", {}, "parameter_missing", "subscription", "Missing required param"),
        ("events", {"types[]": ["a"] * 21}, None, "types", "up to 20 types"),
        ("customers", {"expand[]": "data.shoes"}, None, "expand", "This property cannot be expanded (data.shoes)"),
        ("subscriptions", {"expand[]": "data.items.data.price.product"}, None, "expand", "more than 4 levels"),
    ],
)
def test_refusals_name_the_parameter(
    ask: Ask, path: str, params: dict[str, Any], code: str | None, param: str, words: str
) -> None:
    answer = ask(path, params)
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["type"], error.get("code"), error["param"]) == ("invalid_request_error", code, param)
    assert words in error["message"]


def test_both_cursors_at_once_are_refused(ask: Ask) -> None:
    answer = ask("customers", {"starting_after": "cus_1", "ending_before": "cus_5"})
    assert (answer.status_code, "only specify one" in answer.text) == (400, True)


def test_an_unknown_object_and_an_unknown_path_are_not_found(ask: Ask) -> None:
    error = ask("charges/ch_nope").json()["error"]
    assert (error["code"], error["message"]) == ("resource_missing", "No such charge: 'ch_nope'")
    answer = ask("shoes")
    assert (answer.status_code, "Unrecognized request URL (GET: /v1/shoes)" in answer.text) == (404, True)


def test_keys_are_refused_in_stripes_words(ask: Ask, sandbox: Sandbox) -> None:
    wrong = ask("customers", key="rk_live_0123456789abcdef0123456789abcdef")
    assert wrong.status_code == 401
    assert wrong.json()["error"]["message"] == f"Invalid API Key provided: rk_live_{'*' * 28}cdef"
    url = f"{sandbox.url}/mister_dj/stripe/v1/customers"
    assert "You did not provide an API key" in requests.get(url, timeout=5).json()["error"]["message"]
    key = sandbox.environment("mister_dj")["MISTER_DJ_STRIPE_API_KEY"]
    assert requests.get(url, auth=(key, ""), timeout=5).status_code == 200


def test_an_endpoint_takes_25_calls_a_second_and_the_account_100(ask: Ask, sandbox: Sandbox) -> None:
    limiter = sandbox.gates["mister_dj", "stripe"].context.limiter
    before = dict(limiter.limits)
    try:
        limiter.limits.update(endpoint=Limit(25, 60.0), account=Limit(30, 60.0))
        limiter._calls.clear()
        assert [ask("coupons").status_code for _ in range(26)] == [200] * 25 + [429]
        refused = ask("coupons")
        assert refused.headers["Stripe-Rate-Limited-Reason"] == "endpoint-rate"
        assert refused.json()["error"]["code"] == "rate_limit"
        assert "Retry-After" not in refused.headers
        assert [ask("products").status_code for _ in range(6)] == [200] * 5 + [429]
        assert ask("prices").headers["Stripe-Rate-Limited-Reason"] == "global-rate"
    finally:
        limiter.limits.update(before)


def test_every_answer_names_its_request_and_version(ask: Ask) -> None:
    first, second = ask("coupons"), ask("coupons")
    assert first.headers["Request-Id"].startswith("req_")
    assert first.headers["Request-Id"] != second.headers["Request-Id"]
    assert first.headers["Stripe-Version"] == "2026-10-28.endive"
    assert ask("coupons", version="2019-01-01").status_code == 400

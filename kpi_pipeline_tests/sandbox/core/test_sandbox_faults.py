"""Every fault kind, switched on over HTTP and seen from outside."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from kpi_pipeline.sandbox import Sandbox
from kpi_pipeline.sandbox.context import Envelope
from kpi_pipeline.sandbox.faults import KINDS
from kpi_pipeline.sandbox.pages import alter

CONTACTS = "/crm/v3/objects/contacts"
Clients = Callable[..., Any]


def ids(answer: requests.Response) -> list[str]:
    body = answer.json()
    return [row["id"] for row in body.get("data", body.get("results"))]


def test_times_after_and_path_choose_the_requests_that_it_befalls(client: Clients) -> None:
    stripe = client("stripe")
    stripe.fault("server_error", path="/v1/customers", after=1, times=2)
    assert [stripe.get("/v1/customers").status_code for _ in range(4)] == [200, 500, 500, 200]
    assert stripe.get("/v1/charges").status_code == 200


def test_faults_of_one_company_leave_the_others_alone(client: Clients, sandbox: Sandbox) -> None:
    client("stripe").fault("server_error", company="other")
    assert client("stripe").get("/v1/customers").status_code == 200
    assert client("stripe", "other").get("/v1/customers").status_code == 500
    listed = requests.get(f"{sandbox.url}/__sandbox__/faults", timeout=5).json()
    assert [(each["kind"], each["fired"]) for each in listed] == [("server_error", 1)]
    requests.delete(f"{sandbox.url}/__sandbox__/faults", timeout=5)
    assert client("stripe", "other").get("/v1/customers").status_code == 200


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"kind": "meteorite"}, "no fault kind 'meteorite'"),
        ({"kind": "throttle", "header": "minutes"}, "no header form 'minutes'"),
        ({"kind": "foreign_next", "vendor": "stripe"}, "nothing that foreign_next could change"),
        ({"kind": "ok_with_error", "vendor": "hubspot"}, "no error of kind ok_with_error"),
        ({"kind": "server_error", "company": "nobody"}, "no company 'nobody'"),
    ],
)
def test_a_fault_that_could_never_happen_is_refused(client: Clients, body: dict[str, Any], reason: str) -> None:
    answer = client("stripe").fault(body.pop("kind"), **body)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]


@pytest.mark.parametrize(
    ("header", "wanted"),
    [("seconds", "7"), ("ms", "7000"), ("date", "Fri, 20 Nov 2026 12:00:07 GMT"), ("zero", "0")],
)
def test_a_throttle_says_when_to_come_back_in_the_wanted_form(client: Clients, header: str, wanted: str) -> None:
    stripe = client("stripe")
    stripe.fault("throttle", header=header, wait=7)
    answer = stripe.get("/v1/customers")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, wanted)
    assert "Stripe-Rate-Limited-Reason" not in answer.headers


def test_a_throttle_in_the_vendors_shape_and_one_without_any_hint(client: Clients) -> None:
    stripe, hubspot = client("stripe"), client("hubspot")
    stripe.fault("throttle", times=1)
    assert stripe.get("/v1/customers").headers["Stripe-Rate-Limited-Reason"] == "global-rate"
    stripe.fault("throttle", times=1, header="none")
    assert "Stripe-Rate-Limited-Reason" not in stripe.get("/v1/customers").headers
    stripe.fault("throttle", times=1, code="lock_timeout")
    locked = stripe.get("/v1/customers")
    assert (locked.status_code, locked.json()["error"]["code"]) == (429, "lock_timeout")
    assert "Stripe-Rate-Limited-Reason" not in locked.headers
    hubspot.fault("throttle", times=1)
    assert hubspot.get(CONTACTS).json()["policyName"] == "TEN_SECONDLY_ROLLING"
    hubspot.fault("daily_limit", times=1)
    assert (hubspot.get(CONTACTS).json()["policyName"], hubspot.get(CONTACTS).status_code) == ("DAILY", 200)


@pytest.mark.parametrize(
    ("vendor", "kind", "status", "words"),
    [
        ("stripe", "server_error", 500, "api_error"),
        ("stripe", "expired_key", 401, "api_key_expired"),
        ("stripe", "missing_scope", 403, "does not have the required permissions"),
        ("stripe", "ok_with_error", 200, '{"error":'),
        ("hubspot", "server_error", 500, "INTERNAL_ERROR"),
        ("hubspot", "expired_key", 401, "EXPIRED_AUTHENTICATION"),
        ("hubspot", "missing_scope", 403, "MISSING_SCOPES"),
        ("hubspot", "html_error", 502, "<h1>502 Bad Gateway</h1>"),
    ],
)
def test_errors_in_the_vendors_words(client: Clients, vendor: str, kind: str, status: int, words: str) -> None:
    reader = client(vendor)
    path = "/v1/customers" if vendor == "stripe" else CONTACTS
    reader.fault(kind, times=1)
    answer = reader.get(path)
    assert (answer.status_code, words in answer.text) == (status, True)
    assert reader.get(path).status_code == 200


def test_a_reset_closes_the_socket_after_half_of_the_promised_bytes(client: Clients) -> None:
    stripe = client("stripe")
    whole = len(stripe.get("/v1/customers").content)
    stripe.fault("reset_mid_body", times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match=f"{whole // 2} bytes read"):
        stripe.get("/v1/customers")
    assert stripe.get("/v1/customers").status_code == 200


def test_truncated_json_is_a_whole_http_answer(client: Clients) -> None:
    stripe = client("stripe")
    stripe.fault("truncated_json", times=1)
    answer = stripe.get("/v1/customers")
    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    with pytest.raises(requests.exceptions.JSONDecodeError, match=r"Unterminated|Expecting"):
        answer.json()


def test_a_duplicate_page_brings_every_row_twice(client: Clients) -> None:
    stripe = client("stripe")
    clean = ids(stripe.get("/v1/customers", limit=3))
    stripe.fault("duplicate_page", times=1)
    assert ids(stripe.get("/v1/customers", limit=3)) == clean + clean


def test_a_shifted_page_starts_with_the_last_row_of_the_page_before(client: Clients) -> None:
    stripe = client("stripe")
    stripe.fault("shifted_page", after=1, times=1)
    first = ids(stripe.get("/v1/customers", limit=3))
    second = ids(stripe.get("/v1/customers", limit=3, starting_after=first[-1]))
    assert second == [first[-1], "cus_021", "cus_020", "cus_019"]


def test_a_repeated_cursor_sends_the_reader_round_in_circles(client: Clients) -> None:
    hubspot = client("hubspot")
    hubspot.fault("repeated_cursor", after=1)
    first = hubspot.get(CONTACTS, limit=3)
    again = hubspot.get(CONTACTS, limit=3, after=first.json()["paging"]["next"]["after"])
    assert again.json() == first.json()


def test_an_empty_page_that_promises_more(client: Clients) -> None:
    stripe, hubspot = client("stripe"), client("hubspot")
    stripe.fault("empty_page_with_more", times=1)
    body = stripe.get("/v1/customers", limit=100).json()
    assert (body["data"], body["has_more"]) == ([], True)
    hubspot.fault("empty_page_with_more", times=1)
    page = hubspot.get(CONTACTS, limit=3).json()
    assert (page["results"], page["paging"]["next"]["after"]) == ([], "1003")


def test_a_next_link_to_another_host(client: Clients) -> None:
    hubspot = client("hubspot")
    hubspot.fault("foreign_next", times=1)
    assert hubspot.get(CONTACTS, limit=3).json()["paging"]["next"]["link"].startswith("http://203.0.113.9/")


def test_a_wrong_count() -> None:
    page = {"total": 3, "results": [{"id": "1"}]}
    assert alter("wrong_count", page, None, Envelope(rows="results", count="total"), {"by": -1})["total"] == 2
    assert page["total"] == 3


def test_drifting_schemas(client: Clients) -> None:
    stripe, hubspot = client("stripe"), client("hubspot")
    stripe.fault("number_as_string", times=1)
    assert stripe.get("/v1/customers", limit=1).json()["data"][0]["created"] == str(1767225600 + 24 * 3600)
    stripe.fault("missing_field", times=1, field="address.country")
    assert "country" not in stripe.get("/v1/customers", limit=1).json()["data"][0]["address"]
    stripe.fault("new_field", times=1)
    assert "introduced_today" in stripe.get("/v1/customers", limit=1).json()["data"][0]
    hubspot.fault("unknown_enum", times=1, value="visitor")
    shown = hubspot.get(CONTACTS, limit=2, properties="lifecyclestage").json()["results"]
    assert [row["properties"]["lifecyclestage"] for row in shown] == ["visitor", "visitor"]
    hubspot.fault("number_as_string", times=1)
    assert ids(hubspot.get(CONTACTS, limit=2)) == [1000, 1001]


def test_a_listed_record_is_gone_when_it_is_read(client: Clients) -> None:
    stripe, hubspot = client("stripe"), client("hubspot")
    stripe.fault("deleted_between", path="/v1/customers/")
    hubspot.fault("deleted_between", path="/contacts/")
    assert "cus_003" in ids(stripe.get("/v1/customers", limit=100))
    gone = stripe.get("/v1/customers/cus_003")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "resource_missing")
    assert "1003" in ids(hubspot.get(CONTACTS, limit=100))
    assert hubspot.get(f"{CONTACTS}/1003").json()["category"] == "OBJECT_NOT_FOUND"


def test_a_slow_answer_holds_up_nobody_else(client: Clients) -> None:
    stripe = client("stripe")
    stripe.fault("slow", seconds=0.4, times=1)
    began = time.monotonic()
    assert stripe.get("/v1/customers").status_code == 200
    assert 0.4 <= time.monotonic() - began < 2


def test_a_skewed_clock_dates_the_answer_and_shows_what_is_not_there_yet(client: Clients, sandbox: Sandbox) -> None:
    stripe = client("stripe")
    sandbox.set_now(datetime(2026, 1, 1, 2, tzinfo=UTC))
    assert len(ids(stripe.get("/v1/customers"))) == 3
    stripe.fault("clock_skew", seconds=3600, times=1)
    answer = stripe.get("/v1/customers")
    assert parsedate_to_datetime(answer.headers["Date"]) == datetime(2026, 1, 1, 3, tzinfo=UTC)
    assert len(ids(answer)) == 4
    assert len(ids(stripe.get("/v1/customers"))) == 3


def test_every_kind_is_tried_here() -> None:
    """The tests above name each kind; this list fails when a new one comes without a test."""
    from pathlib import Path

    text = Path(__file__).read_text()
    assert [kind for kind in KINDS if f'"{kind}"' not in text] == []

"""The server: starting, stopping, environment, clock, log, limits, messages received."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests

from kpi_pipeline.sandbox import Sandbox
from kpi_pipeline.sandbox.world.model import World

STARTED_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def bare(company: str, seed: int, anchor: date) -> World:
    return World(company, seed, anchor, "Europe/Amsterdam", "EUR", STARTED_AT, STARTED_AT)


def test_it_starts_within_a_second_and_leaves_nothing_behind() -> None:
    before, began = set(threading.enumerate()), time.monotonic()
    with Sandbox(vendor_names=("stripe",), build=bare) as sandbox:
        assert time.monotonic() - began < 1.0
        port = int(sandbox.url.rsplit(":", 1)[1])
        assert requests.get(f"{sandbox.url}/__sandbox__/requests", timeout=5).json() == []
    assert {thread for thread in threading.enumerate() if thread.name == "kpi-sandbox"} <= before
    with pytest.raises(ConnectionRefusedError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=2)


def test_a_fixed_port_that_is_taken_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"), Sandbox(vendor_names=("stripe",), build=bare, port=port):
            pass


def test_a_world_is_built_once_and_only_for_the_company_that_is_asked_for() -> None:
    built: list[str] = []

    def build(company: str, seed: int, anchor: date) -> World:
        built.append(company)
        return bare(company, seed, anchor)

    with Sandbox(("mister_dj", "dgskills"), vendor_names=("stripe",), build=build) as sandbox:
        assert built == []
        environment = sandbox.environment("mister_dj")
        for _ in range(2):
            requests.get(
                f"{environment['MISTER_DJ_STRIPE_BASE_URL']}/v1/customers",
                headers={"Authorization": f"Bearer {environment['MISTER_DJ_STRIPE_API_KEY']}"},
                timeout=5,
            ).raise_for_status()
        assert built == ["mister_dj"]
        assert sandbox.world("mister_dj") is sandbox.world("mister_dj")
        with pytest.raises(KeyError, match="serves: mister_dj, dgskills"):
            sandbox.world("inpact")


def test_the_environment_names_a_base_url_and_a_key_of_its_own_for_each_vendor(sandbox: Sandbox) -> None:
    own, other = sandbox.environment("mister_dj"), sandbox.environment("other")
    assert own["MISTER_DJ_STRIPE_BASE_URL"] == f"{sandbox.url}/mister_dj/stripe"
    assert own["MISTER_DJ_HUBSPOT_BASE_URL"] == f"{sandbox.url}/mister_dj/hubspot"
    keys = {value for name, value in (own | other).items() if name.endswith("_API_KEY")}
    assert len(keys) == 4
    assert requests.get(f"{sandbox.url}/__sandbox__/environment/other", timeout=5).json() == other
    with pytest.raises(KeyError, match="serves: mister_dj, other"):
        sandbox.environment("nobody")


def test_a_key_of_another_company_is_refused(client: Callable[..., Any]) -> None:
    own, other = client("stripe"), client("stripe", "other")
    assert own.get("/v1/customers").status_code == 200
    own.key = other.key
    assert own.get("/v1/customers").status_code == 401


def test_what_is_shown_follows_the_clock(sandbox: Sandbox, client: Callable[..., Any]) -> None:
    stripe = client("stripe")
    sandbox.set_now(datetime(2026, 1, 1, 4, 30, tzinfo=UTC))
    assert [row["id"] for row in stripe.get("/v1/customers").json()["data"]] == [
        f"cus_{i:03d}" for i in (4, 3, 2, 1, 0)
    ]
    answer = requests.post(f"{sandbox.url}/__sandbox__/clock", json={"now": "2026-01-01T03:00:00+01:00"}, timeout=5)
    assert answer.json() == {"now": "2026-01-01T02:00:00+00:00"}
    assert len(stripe.get("/v1/customers").json()["data"]) == 3
    requests.post(f"{sandbox.url}/__sandbox__/clock", json={"now": None}, timeout=5)
    assert len(stripe.get("/v1/customers", limit=100).json()["data"]) == 25
    with pytest.raises(ValueError, match="no time zone"):
        sandbox.set_now(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the fault
    refused = requests.post(f"{sandbox.url}/__sandbox__/clock", json={"now": "2026-01-01"}, timeout=5)
    assert refused.status_code == 400


def test_the_log_tells_what_was_asked_and_how_it_was_answered(sandbox: Sandbox, client: Callable[..., Any]) -> None:
    stripe = client("stripe")
    shown = stripe.get("/v1/customers", limit=3)
    stripe.key = "rk_live_wrong"
    stripe.get("/v1/charges")
    first, second = requests.get(f"{sandbox.url}/__sandbox__/requests?vendor=stripe", timeout=5).json()
    assert (first["method"], first["path"], first["query"], first["status"]) == ("GET", "/v1/customers", "limit=3", 200)
    assert first["authorised"] is True
    assert shown.headers["Request-Id"] == f"req_{first['request_id'][:14]}"
    assert (second["path"], second["status"], second["authorised"]) == ("/v1/charges", 401, False)
    refused = requests.get(f"{sandbox.url}/__sandbox__/requests?status=401", timeout=5).json()
    assert [each["path"] for each in refused] == ["/v1/charges"]
    requests.delete(f"{sandbox.url}/__sandbox__/requests", timeout=5)
    assert requests.get(f"{sandbox.url}/__sandbox__/requests", timeout=5).json() == []


def test_an_unknown_company_or_vendor_is_not_found(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.url}/mister_dj/typeform/forms", timeout=5)
    assert answer.status_code == 404
    assert "/mister_dj/stripe" in answer.text


def test_limits_can_be_changed_while_serving(sandbox: Sandbox, client: Callable[..., Any]) -> None:
    hubspot = client("hubspot")
    body = {"vendor": "hubspot", "name": "ten_secondly", "count": 1, "seconds": 60}
    assert requests.post(f"{sandbox.url}/__sandbox__/limits", json=body, timeout=5).status_code == 200
    sandbox.gates["mister_dj", "hubspot"].context.limiter._calls.clear()
    assert hubspot.get("/crm/v3/owners/").status_code == 200
    assert hubspot.get("/crm/v3/owners/").status_code == 429
    requests.post(f"{sandbox.url}/__sandbox__/limits", json={**body, "count": 190, "seconds": 10}, timeout=5)
    assert hubspot.get("/crm/v3/owners/").status_code == 200
    unknown = requests.post(f"{sandbox.url}/__sandbox__/limits", json={**body, "name": "hourly"}, timeout=5)
    assert (unknown.status_code, "no limit named 'hourly'" in unknown.text) == (404, True)


def test_what_was_sent_in_is_kept_with_its_company(sandbox: Sandbox) -> None:
    sandbox.set_now(STARTED_AT + timedelta(hours=1))
    sandbox.gates["other", "stripe"].context.receive({"text": "hello"})
    kept = requests.get(f"{sandbox.url}/__sandbox__/received/stripe", timeout=5).json()
    assert kept == [{"at": "2026-11-20T13:00:00+00:00", "company": "other", "text": "hello"}]
    requests.delete(f"{sandbox.url}/__sandbox__/received/stripe", timeout=5)
    assert requests.get(f"{sandbox.url}/__sandbox__/received/stripe", timeout=5).json() == []


def test_it_ends_when_it_is_told_to_whatever_is_still_connected() -> None:
    taken = []
    for _ in range(3):
        with requests.Session() as session:
            with Sandbox(vendor_names=("stripe",), build=bare) as sandbox:
                session.get(f"{sandbox.url}/__sandbox__/faults", timeout=5).raise_for_status()
                told = time.monotonic()
            taken.append(time.monotonic() - told)
    assert min(taken) < 0.1, "what uvicorn waits for nobody"

"""What the sandbox's bot API, PagerDuty and webhook take and refuse, against the channels that write to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests

from kpi_pipeline.alerts.channels import KINDS, Sender, Wire
from kpi_pipeline.alerts.channels.blocks import escape
from kpi_pipeline.alerts.channels.wire import Accepted
from kpi_pipeline.alerts.message import Earlier, Outdated
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused
from kpi_pipeline.sandbox.server import Sandbox
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline_tests.alerts.sending import message, told

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BOT = Channel(kind="slack_bot", url="ACME_SLACK_API_URL", secret="ACME_SLACK_BOT_TOKEN", room="#kpi")
PAGER = Channel(kind="pagerduty", url="ACME_PAGERDUTY_URL", secret="ACME_PAGERDUTY_ROUTING_KEY")
HOOK = Channel(kind="webhook", url="ACME_WEBHOOK_URL", secret="ACME_WEBHOOK_SECRET")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    world = World("acme", 1, date(2026, 11, 20), "UTC", "EUR", NOW, NOW)
    names = ("slack_bot", "pagerduty", "webhook")
    with Sandbox(("acme",), now=lambda: NOW, vendor_names=names, build=lambda *_: world) as served:
        yield served


def sender(sandbox: Sandbox, channel: Channel, now: datetime = NOW, **changed: str) -> Sender:
    secrets = {**sandbox.environment("acme"), **changed}
    return KINDS[channel.kind].sender(channel, secrets, Wire(lambda: now, lambda _seconds: None, lambda: 0.0))


def switch_on(sandbox: Sandbox, vendor: str, kind: str, **params: Any) -> None:
    fault = {"vendor": vendor, "kind": kind, "times": 1, **params}
    requests.post(f"{sandbox.url}/__sandbox__/faults", json=fault, timeout=5).raise_for_status()


def test_a_bot_answers_in_the_thread_of_its_own_message(sandbox: Sandbox) -> None:
    send = sender(sandbox, BOT)
    first = reference(send(message(), ("Ann",)))
    after = send(message(told("resolved", "ok"), id="m2", answers=(Earlier("m1", first),)), ("Ann",))
    assert reference(after) == first
    opened, answered = sandbox.received["slack_bot"]
    assert (f"C0KPI/{opened['ts']}", f"C0KPI/{answered['message']['thread_ts']}") == (first, first)
    send(message(told("resolved", "ok"), answers=(Earlier("m1", "1.000001"),)), ("Ann",))
    assert "thread_ts" not in sandbox.received["slack_bot"][2]["message"], "an unknown thread is begun anew"


def test_a_bot_updates_its_own_message_and_no_other(sandbox: Sandbox) -> None:
    send = sender(sandbox, BOT)
    first = reference(send(message(), ("Ann",)))
    news = told("resolved", "ok")
    for name, remark in (
        (first, None),
        ("C0KPI/1.000001", "message_not_found"),
        ("#kpi/1.000001", "channel_not_found"),
    ):
        old = Outdated(name, message(news), ("Ann",))
        accepted = send(message(news, id="m2", answers=(Earlier("m1", first),), outdated=(old,)), ("Ann",))
        assert accepted is not None
        assert remark is None if accepted.remark is None else f"Slack said {remark!r}" in accepted.remark
    _, update, *posts = sandbox.received["slack_bot"]
    assert (update["ts"], update["updates"], update["message"]["text"]) == (
        first[6:],
        True,
        escape(message(news).headline),
    )
    assert [post["message"]["thread_ts"] for post in posts] == [first[6:]] * 3


def reference(accepted: Accepted | None) -> str:
    assert accepted is not None
    return accepted.reference


def test_a_bot_with_a_wrong_token_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(DeliveryRefused, match="Slack said 'invalid_auth'"):
        sender(sandbox, BOT, ACME_SLACK_BOT_TOKEN="xoxb-wrong")(message(), ())


def test_a_burst_of_a_bot_is_slowed_down(sandbox: Sandbox) -> None:
    send = sender(sandbox, BOT)
    for _ in range(5):
        send(message(), ())
    with pytest.raises(DeliveryDelayed, match="HTTP 429") as caught:
        send(message(), ())
    assert caught.value.after_s is not None
    assert 1 <= caught.value.after_s <= 6


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        ("ok_with_error", DeliveryDelayed, "Slack said 'fatal_error'"),
        ("server_error", DeliveryDelayed, "HTTP 500"),
        ("missing_scope", DeliveryRefused, "Slack said 'missing_scope'"),
    ],
)
def test_faults_of_the_bot_api(sandbox: Sandbox, kind: str, error: type[Exception], said: str) -> None:
    switch_on(sandbox, "slack_bot", kind)
    with pytest.raises(error, match=said):
        sender(sandbox, BOT)(message(), ())


def test_pagerduty_opens_one_incident_and_closes_it(sandbox: Sandbox) -> None:
    send = sender(sandbox, PAGER)
    for notice in (told("first_breach", "warning"), told("worse", "critical"), told("resolved", "ok")):
        send(message(notice), ("Ann",))
    send(message(told("milestone", "info", mark="50")), ("Ann",))
    *events, change = sandbox.received["pagerduty"]
    assert [each["incident"] for each in events] == ["opened", "joined", "closed"]
    assert change["change"]["payload"]["summary"] == message(told("milestone", "info", mark="50")).headline


def test_pagerduty_refuses_a_wrong_key(sandbox: Sandbox) -> None:
    with pytest.raises(DeliveryRefused, match=r"HTTP 400.*Invalid routing key"):
        sender(sandbox, PAGER, ACME_PAGERDUTY_ROUTING_KEY="wrong")(message(), ())
    assert "pagerduty" not in sandbox.received


@pytest.mark.parametrize(
    "event",
    [
        {"event_action": "page"},
        {"event_action": "trigger", "payload": {"summary": "x", "source": "y", "severity": "bad"}},
        {"event_action": "trigger", "payload": {"summary": ""}},
        {"event_action": "resolve"},
        "no event",
    ],
)
def test_pagerduty_refuses_what_is_no_event(sandbox: Sandbox, event: Any) -> None:
    variables = sandbox.environment("acme")
    if isinstance(event, dict):
        event = {"payload": {"summary": "x"}, "routing_key": variables["ACME_PAGERDUTY_ROUTING_KEY"], **event}
    answer = requests.post(f"{variables['ACME_PAGERDUTY_URL']}/v2/enqueue", json=event, timeout=5)
    assert (answer.status_code, answer.json()["status"]) == (400, "invalid event")


def test_the_webhook_takes_a_signed_notice_once(sandbox: Sandbox) -> None:
    for _ in range(2):
        sender(sandbox, HOOK)(message(), ("Ann",))
    (got,) = sandbox.received["webhook"]
    assert got["notice"]["id"] == "m1"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_the_webhook_refuses_recordings(sandbox: Sandbox, minutes: int) -> None:
    with pytest.raises(DeliveryRefused, match=r"HTTP 401.*five minutes off"):
        sender(sandbox, HOOK, NOW + timedelta(minutes=minutes))(message(), ())


def test_the_webhook_refuses_a_wrong_secret(sandbox: Sandbox) -> None:
    with pytest.raises(DeliveryRefused, match=r"HTTP 401.*signature does not fit"):
        sender(sandbox, HOOK, ACME_WEBHOOK_SECRET="wrong")(message(), ())
    assert "webhook" not in sandbox.received


@pytest.mark.parametrize(("vendor", "channel"), [("pagerduty", PAGER), ("webhook", HOOK)])
def test_a_throttle_says_when_to_come_back(sandbox: Sandbox, vendor: str, channel: Channel) -> None:
    switch_on(sandbox, vendor, "throttle", seconds=7)
    with pytest.raises(DeliveryDelayed, match="HTTP 429") as caught:
        sender(sandbox, channel)(message(), ())
    assert caught.value.after_s == 7.0

"""What PagerDuty gets: an incident for an alert that fires, its end when it is over, nothing that wakes for less."""

from __future__ import annotations

import pytest

from kpi_pipeline.alerts.channels import KINDS
from kpi_pipeline.alerts.ledger import fingerprint
from kpi_pipeline.alerts.message import Told
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline_tests.alerts.receiving import Receiver
from kpi_pipeline_tests.alerts.sending import WIRE, message, told

PAGER = Channel(kind="pagerduty", url="ACME_PAGERDUTY", secret="ACME_ROUTING_KEY")
KEY = fingerprint("acme", "conversion", "threshold", "")


def sent(receiver: Receiver, *notices: Told, is_test: bool = False) -> list[tuple[str, dict[str, object]]]:
    receiver.answers = [(202, {}, '{"status": "success"}')]
    send = KINDS["pagerduty"].sender(PAGER, {"ACME_PAGERDUTY": receiver.url, "ACME_ROUTING_KEY": "R0123"}, WIRE)
    send(message(*notices, is_test=is_test), ("Ann",))
    return [(got.path.partition("SECRETPART")[2], got.json) for got in receiver.got]


@pytest.mark.parametrize(("level", "severity"), [("critical", "critical"), ("warning", "warning"), ("info", "info")])
def test_an_alert_triggers_its_incident(receiver: Receiver, level: str, severity: str) -> None:
    ((path, event),) = sent(receiver, told("first_breach", level))
    payload = event["payload"]
    assert isinstance(payload, dict)
    assert (path, event["event_action"], event["dedup_key"]) == ("/v2/enqueue", "trigger", KEY)
    assert (event["routing_key"], payload["severity"], payload["source"]) == ("R0123", severity, "acme/conversion")
    assert payload["summary"] == message(told("first_breach", level)).headline
    assert payload["custom_details"]["notice"] == "m1"
    assert event["links"] == [{"href": "https://kpi.acme.example/acme/kpi/conversion.html", "text": "conversion"}]


def test_an_alert_that_is_over_resolves_the_same_incident(receiver: Receiver) -> None:
    ((_, event),) = sent(receiver, told("resolved", "ok"))
    assert (event["event_action"], event["dedup_key"]) == ("resolve", KEY)


def test_each_alert_of_a_group_is_an_event_and_those_of_one_alert_keep_their_order(receiver: Receiver) -> None:
    found = sent(
        receiver,
        told("resolved", "ok", notice_id="n1", episode=1),
        told("first_breach", "warning", notice_id="n2", subject="other"),
        told("first_breach", "critical", notice_id="n3", episode=2),
    )
    assert [event["event_action"] for _, event in found if event["dedup_key"] == KEY] == ["resolve", "trigger"]
    assert len(found) == 3


@pytest.mark.parametrize(
    "notice",
    [
        told("milestone", "info", mark="50"),
        told("reminder", "info", due="2026-03-20T06:00:00+00:00", kpi=None),
        told("retroactive", "warning", past=True),
        told("corrected", "ok", past=True),
    ],
)
def test_what_is_no_state_of_an_alert_wakes_nobody(receiver: Receiver, notice: Told) -> None:
    ((path, event),) = sent(receiver, notice)
    assert path == "/v2/change/enqueue"
    assert not {"event_action", "dedup_key", "severity"} & {*event, *event["payload"]}  # type: ignore[misc]


def test_a_missed_target_is_an_incident_of_its_own(receiver: Receiver) -> None:
    ((_, event),) = sent(receiver, told("missed", "warning", by="2026-03-01"))
    assert (event["event_action"], event["dedup_key"]) == ("trigger", "n1")


def test_a_trial_touches_no_real_incident(receiver: Receiver) -> None:
    ((_, event),) = sent(receiver, told("resolved", "ok"), is_test=True)
    assert event["dedup_key"] == f"test-{KEY}"


def test_the_events_need_no_address_of_their_own() -> None:
    channel = Channel(kind="pagerduty", secret="ACME_ROUTING_KEY")
    assert callable(KINDS["pagerduty"].sender(channel, {"ACME_ROUTING_KEY": "R0123"}, WIRE))
    assert "R0123" not in str(KINDS["pagerduty"].payload(message(), ("Ann",), channel))

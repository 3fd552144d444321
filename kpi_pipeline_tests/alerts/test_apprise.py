"""The long tail through Apprise: what is said of its failures, and nothing of its addresses."""

from __future__ import annotations

import logging

import pytest

from kpi_pipeline.alerts.channels import KINDS
from kpi_pipeline.alerts.channels.wire import Sender
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused
from kpi_pipeline_tests.alerts.receiving import SECRET, Receiver
from kpi_pipeline_tests.alerts.sending import WIRE, message

OTHER = Channel(kind="apprise", url="ACME_OTHER")


def sender(receiver: Receiver) -> Sender:
    return KINDS["apprise"].sender(
        OTHER, {"ACME_OTHER": receiver.url.replace("http://", "json://") + "?cto=1&rto=1"}, WIRE
    )


def test_a_message_arrives_as_title_and_text(receiver: Receiver) -> None:
    sender(receiver)(message(), ("Ann", "Bob"))
    (got,) = receiver.got
    assert (got.json["title"], got.json["type"]) == (message().headline, "failure")
    assert got.json["message"].startswith("Ann, Bob\n")
    assert "Grens: < 24%" in got.json["message"]
    assert "Acme · Bericht m1" in got.json["message"]


@pytest.mark.parametrize(
    ("status", "error", "unanswered"),
    [
        (401, DeliveryRefused, None),
        (404, DeliveryRefused, None),
        (429, DeliveryDelayed, False),
        (503, DeliveryDelayed, False),
    ],
)
def test_answers_are_told_apart_by_what_apprise_logs(
    receiver: Receiver, status: int, error: type[Exception], unanswered: bool | None
) -> None:
    receiver.answers = [(status, {}, "no")]
    with pytest.raises(error, match=rf"sending through Apprise \(address from ACME_OTHER\).*error={status}") as caught:
        sender(receiver)(message(), ())
    assert getattr(caught.value, "unanswered", None) == unanswered


def test_nobody_there_is_tried_again_and_no_log_tells_the_address(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.answers = ["reset"]
    with pytest.raises(DeliveryDelayed, match="sending through Apprise") as caught:
        sender(receiver)(message(), ())
    assert caught.value.unanswered
    assert SECRET not in caplog.text + str(caught.value)


def test_an_address_that_apprise_does_not_know_is_refused() -> None:
    send = KINDS["apprise"].sender(OTHER, {"ACME_OTHER": f"pigeon://{SECRET}"}, WIRE)
    with pytest.raises(DeliveryRefused, match=r"no address of a service it knows.*ACME_OTHER") as caught:
        send(message(), ())
    assert SECRET not in str(caught.value)

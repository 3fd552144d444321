"""Posting: which answers are tried again, when, and that no secret is ever told."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from kpi_pipeline.alerts.channels import KINDS
from kpi_pipeline.alerts.channels.post import retry_after_s
from kpi_pipeline.alerts.channels.wire import Sender
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused
from kpi_pipeline_tests.alerts.receiving import SECRET, Answer, Receiver
from kpi_pipeline_tests.alerts.sending import NOW, WIRE, Waits, message

Open = Callable[[str], Sender]
TOKEN = "xoxb-TOKENPART-0123456789"


def opened(kind: str) -> Open:
    channel = Channel.model_validate({"kind": kind, "url": "ACME_URL", "secret": "ACME_SECRET", "room": "#kpi"})
    return lambda url: KINDS[kind].sender(channel, {"ACME_URL": url, "ACME_SECRET": TOKEN}, WIRE)


POSTING = ("slack", "slack_bot", "teams", "webhook", "pagerduty")


@pytest.mark.parametrize("kind", POSTING)
@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 507])
def test_at_34_these_are_tried_again(receiver: Receiver, kind: str, status: int) -> None:
    receiver.answers = [(status, {"Retry-After": "30"}, "slow down")]
    with pytest.raises(DeliveryDelayed, match=f"HTTP {status}: 'slow down'") as caught:
        opened(kind)(receiver.url)(message(), ("Ann",))
    assert (caught.value.after_s, caught.value.unanswered) == (30.0, False)


@pytest.mark.parametrize("kind", POSTING)
@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 413])
def test_at_34_these_are_final(receiver: Receiver, kind: str, status: int) -> None:
    receiver.answers = [(status, {}, "no")]
    with pytest.raises(DeliveryRefused, match=f"HTTP {status}: 'no'"):
        opened(kind)(receiver.url)(message(), ("Ann",))


@pytest.mark.parametrize("kind", POSTING)
@pytest.mark.parametrize("answer", ["hang", "reset"])
def test_at_34_who_does_not_answer_is_tried_again(receiver: Receiver, kind: str, answer: Answer) -> None:
    receiver.answers = [answer]
    channel = Channel.model_validate({"kind": kind, "url": "ACME_URL", "secret": "ACME_SECRET", "room": "#kpi"})
    secrets = {"ACME_URL": receiver.url, "ACME_SECRET": TOKEN}
    send = KINDS[kind].sender(channel, secrets, Waits().wire(timeout_s=0.2))
    with pytest.raises(DeliveryDelayed, match=r"no answer \((ReadTimeout|ConnectionError)\)") as caught:
        send(message(), ("Ann",))
    assert caught.value.unanswered
    assert caught.value.__cause__ is None, "the cause's own text holds the address"


@pytest.mark.parametrize(
    ("kind", "query", "secrets"),
    [
        ("slack", "?sig=QUERY%2FPART", ("QUERY%2FPART", "QUERY/PART")),
        ("teams", "?sig=QUERY%2FPART", ("QUERY%2FPART", "QUERY/PART")),
        ("webhook", "?sig=QUERY%2FPART", ("QUERY%2FPART", "QUERY/PART", TOKEN)),
        ("slack_bot", "", (TOKEN,)),
        ("pagerduty", "", (TOKEN,)),
    ],
)
@pytest.mark.parametrize("status", [200, 404, 503])
def test_an_answer_that_repeats_a_secret_does_not_tell_it(
    receiver: Receiver, kind: str, query: str, secrets: tuple[str, ...], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = receiver.url.split("/", 3)[3]
    receiver.answers = [(status, {}, f"The URL /{path}{query} was not found: {SECRET}, {', '.join(secrets)}")]
    send = opened(kind)(receiver.url + query)
    if status == 200 and kind in ("teams", "webhook", "pagerduty"):
        send(message(), ())
    else:
        with pytest.raises((DeliveryRefused, DeliveryDelayed), match=f"HTTP {status}.*The URL ") as caught:
            send(message(), ())
        assert not any(secret in f"{caught.value} {caught.value!r}" for secret in (SECRET, *secrets))
    assert not any(secret in caplog.text for secret in (SECRET, *secrets))


@pytest.mark.parametrize("kind", POSTING)
@pytest.mark.parametrize("url", [f"hooks.slack.com/services/{SECRET}", "http://", f"ftp://x/{SECRET}", "http://[bad"])
def test_an_address_that_is_none_is_refused_at_once(kind: str, url: str) -> None:
    with pytest.raises(DeliveryRefused, match="that is not an address") as caught:
        opened(kind)(url)(message(), ())
    assert SECRET not in str(caught.value)
    assert "ACME_URL" in str(caught.value)


class Headers:
    """As much of an answer as says when to come back."""

    def __init__(self, **headers: str) -> None:
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


SENT = "Fri, 20 Mar 2026 07:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry_After": "30"}, 30.0),
        ({"Retry_After": " 0 "}, 0.0),
        ({"Retry_After": "99999999999999999999"}, 86_400.0),
        ({"Retry_After": "²"}, None),
        ({"Retry_After": "-5"}, None),
        ({"Retry_After": "soon", "Date": SENT}, None),
        ({"Retry_After": "Fri, 20 Mar 2026 07:02:00 GMT", "Date": SENT}, 120.0),
        ({"Retry_After": "Fri, 20 Mar 2026 08:02:00 +0100", "Date": SENT}, 120.0),
        ({"Retry_After": "Fri, 20 Mar 2026 05:00:00 GMT", "Date": SENT}, 0.0),
        ({"Retry_After": "Fri, 20 Mar 2036 06:00:00 GMT", "Date": SENT}, 86_400.0),
        ({"Retry_After": "Fri, 20 Mar 2026 06:02:00 GMT"}, 120.0),
    ],
)
def test_at_34_when_to_come_back(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(Headers(**headers), NOW) == seconds  # type: ignore[arg-type]


def test_at_34_a_date_in_the_answer_of_a_server_is_a_wait(receiver: Receiver) -> None:
    receiver.answers = [(429, {"Retry-After": "Fri, 20 Mar 2099 06:00:00 GMT"}, "")]
    with pytest.raises(DeliveryDelayed, match="HTTP 429") as caught:
        opened("slack")(receiver.url)(message(), ())
    assert caught.value.after_s == 86_400.0

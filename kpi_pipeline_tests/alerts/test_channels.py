"""What each channel puts on the wire, and what it makes of the answers."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from kpi_pipeline.alerts.channels import mail, senders, slack, teams
from kpi_pipeline.alerts.channels.post import retry_after_s
from kpi_pipeline.alerts.message import Message
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused

AT = datetime(2026, 3, 20, 6, tzinfo=UTC)
MESSAGE = Message("n1", "critical", "■ kritiek: Conversie", (("Waarde", "20,0%"), ("Grens", "< 24%")), "Acme · n1", AT)
TEAMS = Channel(kind="teams", url="ACME_TEAMS")
SLACK = Channel(kind="slack", url="ACME_SLACK")
MAIL = Channel(kind="mail", url="ACME_SMTP", sender="kpi@acme.example")


@dataclass
class Postman:
    """A mail server that keeps what it takes; `answers` are its replies to recipients, by the part before the @."""

    mails: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    data_answer: str = "250 OK"
    url: str = ""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.answers.get(address.partition("@")[0], "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        if self.data_answer.startswith("250"):
            found = message_from_bytes(content, policy=policy.default)
            assert isinstance(found, EmailMessage)
            self.mails.append((list(envelope.rcpt_tos), found))
        return self.data_answer


@pytest.fixture
def postman() -> Iterator[Postman]:
    found, loop = Postman(), asyncio.new_event_loop()
    server = loop.run_until_complete(
        loop.create_server(lambda: SMTP(found, enable_SMTPUTF8=True, hostname="postman", loop=loop), "127.0.0.1", 0)
    )
    found.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield found
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def body(found: EmailMessage, kind: str) -> str:
    part = found.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_a_mail_arrives_as_text_and_html_of_equal_content(postman: Postman) -> None:
    mail.sender(MAIL, postman.url)(MESSAGE, ("ann@acme.example", "bob@acme.example"))
    ((recipients, found),) = postman.mails
    assert recipients == ["ann@acme.example", "bob@acme.example"]
    assert (found["Subject"], found["From"]) == ("■ kritiek: Conversie", "kpi@acme.example")
    assert (found["Message-ID"], found["Date"].datetime) == ("<n1@kpi-pipeline.invalid>", AT)
    assert body(found, "plain").strip().splitlines() == MESSAGE.text().splitlines()
    for words in ("■ kritiek: Conversie", "Waarde", "20,0%", "Grens", "&lt; 24%", "Acme · n1"):
        assert words in body(found, "html")


def test_a_name_is_only_text_in_a_mail(postman: Postman) -> None:
    hostile = replace(MESSAGE, headline="<b>x</b>\r\nBcc: eve@x.example", facts=(("<i>", "a & <script>"),))
    mail.sender(MAIL, postman.url)(hostile, ("ann@acme.example",))
    ((recipients, found),) = postman.mails
    assert recipients == ["ann@acme.example"]
    assert (found["Bcc"], found["Subject"]) == (None, "<b>x</b> Bcc: eve@x.example")
    assert "<script>" not in body(found, "html")
    assert "<b>x" not in body(found, "html")


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        ("kpi@acme.example", "ann@acme.example\r\nBcc: eve@x.example"),
        ("kpi@acme.example\nBcc: eve@x.example", "ann@acme.example"),
    ],
)
def test_an_address_cannot_add_a_header(postman: Postman, sender: str, recipient: str) -> None:
    send = mail.sender(MAIL.model_copy(update={"sender": sender}), postman.url)
    with pytest.raises(DeliveryRefused, match="composing a mail: Header values may not contain"):
        send(MESSAGE, (recipient,))
    assert postman.mails == []


def test_a_channel_without_a_sender_is_refused_and_nothing_is_sent(postman: Postman) -> None:
    with pytest.raises(DeliveryRefused, match="the channel has no sender"):
        mail.sender(Channel(kind="mail", url="ACME_SMTP"), postman.url)(MESSAGE, ("ann@acme.example",))
    assert postman.mails == []


@pytest.mark.parametrize(
    ("answers", "error", "said", "taken"),
    [
        ({"ann": "550 unknown", "bob": "551 gone"}, DeliveryRefused, r"all 2 recipients refused \(SMTP 550, 551\)", 0),
        ({"ann": "550 unknown", "bob": "451 later"}, DeliveryDelayed, r"all 2 recipients refused \(SMTP 451, 550\)", 0),
        ({"ann": "550 unknown"}, DeliveryRefused, r"1 of 2 recipients refused \(SMTP 550\); others have it", 1),
        ({"bob": "451 later"}, DeliveryDelayed, r"1 of 2 recipients refused \(SMTP 451\); others have it", 1),
    ],
)
def test_no_recipient_is_lost_in_silence(
    postman: Postman, answers: dict[str, str], error: type[Exception], said: str, taken: int
) -> None:
    postman.answers = answers
    with pytest.raises(error, match=said):
        mail.sender(MAIL, postman.url)(MESSAGE, ("ann@acme.example", "bob@acme.example"))
    assert len(postman.mails) == taken


@pytest.mark.parametrize(("answer", "error"), [("451 later", DeliveryDelayed), ("554 spam", DeliveryRefused)])
def test_a_server_that_does_not_take_the_mail(postman: Postman, answer: str, error: type[Exception]) -> None:
    postman.data_answer = answer
    with pytest.raises(error, match=f"SMTP {answer[:3]}"):
        mail.sender(MAIL, postman.url)(MESSAGE, ("ann@acme.example",))


def test_a_password_is_not_sent_in_the_clear(postman: Postman) -> None:
    url = postman.url.replace("//", "//user:SECRETPART@")
    with pytest.raises(DeliveryRefused, match="offers no encryption, so the password was not sent") as caught:
        mail.sender(MAIL, url)(MESSAGE, ("ann@acme.example",))
    assert "SECRETPART" not in str(caught.value)
    assert postman.mails == []


@pytest.mark.parametrize(
    ("url", "error", "said"),
    [
        ("smtp://127.0.0.1:1", DeliveryDelayed, r"no answer \(ConnectionRefusedError\)"),
        ("smtp://127.0.0.1:port", DeliveryRefused, "that is not an address"),
        ("mail.acme.example", DeliveryRefused, "that is not an address"),
        ("https://mail.acme.example", DeliveryRefused, "that is not an address"),
    ],
)
def test_a_mail_server_that_is_away_or_misspelt(url: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        mail.sender(MAIL, url)(MESSAGE, ("ann@acme.example",))


def test_a_card_for_teams_has_words_beside_its_colour(receiver: Any) -> None:
    receiver.answers = [(202, {}, "")]
    teams.sender(TEAMS, receiver.url)(MESSAGE, ("Ann", "Bob"))
    (attachment,) = json.loads(receiver.bodies[0])["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    headline, facts, footer = attachment["content"]["body"]
    assert (headline["text"], headline["color"], headline["wrap"]) == ("■ kritiek: Conversie", "Attention", True)
    assert facts["facts"] == [{"title": "Waarde", "value": "20,0%"}, {"title": "Grens", "value": "< 24%"}]
    assert footer["text"] == "Ann, Bob · Acme · n1"
    assert attachment["content"]["fallbackText"] == "■ kritiek: Conversie"


@pytest.mark.parametrize(("level", "colour"), [("ok", "Good"), ("warning", "Warning"), ("critical", "Attention")])
def test_a_card_is_coloured_by_level(level: str, colour: str) -> None:
    card = teams.payload(replace(MESSAGE, level=level), ())["attachments"][0]["content"]
    assert card["body"][0]["color"] == colour


def test_a_card_forges_no_link_and_stays_under_the_limit() -> None:
    hostile = "[klik hier](https://evil.example)"
    card = teams.payload(replace(MESSAGE, headline=hostile, facts=((hostile, "x" * 9000),) * 40), ("Ann",) * 200)
    text = json.dumps(card)
    assert "](" not in text
    assert "[klik hier]" in text
    assert len(text.encode()) < 28_000


@pytest.mark.parametrize("host", ["outlook.office.com", "acme.webhook.office.com"])
def test_a_retired_connector_is_refused_with_what_to_do(host: str) -> None:
    with pytest.raises(DeliveryRefused, match=r"which Microsoft has retired.*Create a Workflows webhook in Teams"):
        teams.sender(TEAMS, f"https://{host}/webhook/SECRETPART")(MESSAGE, ())


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ((429, {"Retry-After": "7"}, ""), DeliveryDelayed, "HTTP 429"),
        ((503, {}, "busy"), DeliveryDelayed, "HTTP 503: 'busy'"),
        ((401, {}, "expired"), DeliveryRefused, "HTTP 401: 'expired'"),
        ((413, {}, "too large"), DeliveryRefused, "HTTP 413"),
    ],
)
def test_answers_of_teams_are_told_apart(
    receiver: Any, answer: tuple[int, dict[str, str], str], error: type[Exception], said: str
) -> None:
    receiver.answers = [answer]
    with pytest.raises(error, match=said):
        teams.sender(TEAMS, receiver.url)(MESSAGE, ())


@pytest.mark.parametrize("sender", [slack.sender, teams.sender])
@pytest.mark.parametrize("status", [200, 404, 503])
def test_an_answer_that_repeats_the_address_does_not_tell_it(
    receiver: Any, sender: Callable[[Channel, str], Any], status: int
) -> None:
    path = receiver.url.split("/", 3)[3]
    receiver.answers = [(status, {}, f"The URL /{path}?sig=SECRET%2FSIG was not found: SECRETPART, SECRET/SIG")]
    send = sender(SLACK, f"{receiver.url}?sig=SECRET%2FSIG")
    if status == 200 and sender is teams.sender:
        send(MESSAGE, ())
        return
    with pytest.raises((DeliveryRefused, DeliveryDelayed), match=f"HTTP {status}.*The URL ") as caught:
        send(MESSAGE, ())
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("url", ["hooks.slack.com/services/SECRETPART", "http://", "ftp://x/SECRETPART", "http://[bad"])
@pytest.mark.parametrize("sender", [slack.sender, teams.sender])
def test_an_address_that_is_none_is_refused_at_once(sender: Callable[[Channel, str], Any], url: str) -> None:
    with pytest.raises(DeliveryRefused, match="that is not an address") as caught:
        sender(SLACK, url)(MESSAGE, ())
    assert "SECRETPART" not in str(caught.value)


def test_slack_gets_no_empty_section() -> None:
    blocks = slack.payload(replace(MESSAGE, facts=()), ())["blocks"]
    assert [block["type"] for block in blocks] == ["section", "context"]


class Answer:
    """As much of an answer as says when to come back."""

    def __init__(self, **headers: str) -> None:
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


SENT = "Fri, 20 Mar 2026 06:00:00 GMT"


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
        ({"Retry_After": "Fri, 20 Mar 2026 06:02:00 GMT", "Date": SENT}, 120.0),
        ({"Retry_After": "Fri, 20 Mar 2026 07:02:00 +0100", "Date": SENT}, 120.0),
        ({"Retry_After": "Fri, 20 Mar 2026 05:00:00 GMT", "Date": SENT}, 0.0),
        ({"Retry_After": "Fri, 20 Mar 2036 06:00:00 GMT", "Date": SENT}, 86_400.0),
        ({"Retry_After": "Fri, 20 Mar 2026 06:02:00 GMT"}, None),
    ],
)
def test_when_to_come_back(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(Answer(**headers)) == seconds  # type: ignore[arg-type]


def test_a_date_in_the_answer_of_a_server_is_a_wait(receiver: Any) -> None:
    receiver.answers = [(429, {"Retry-After": "Fri, 20 Mar 2099 06:00:00 GMT"}, "")]
    with pytest.raises(DeliveryDelayed, match="HTTP 429") as caught:
        slack.sender(SLACK, receiver.url)(MESSAGE, ())
    assert caught.value.after_s == 86_400.0


def test_every_channel_of_a_company_has_a_sender_of_its_kind(company: Company, receiver: Any, postman: Postman) -> None:
    receiver.answers = [(200, {}, "ok")]
    addresses = {"ACME_SLACK": receiver.url, "ACME_TEAMS": receiver.url, "ACME_SMTP": postman.url}
    found = senders(company, addresses)
    for name in company.channels:
        found[name](MESSAGE, ("ann@acme.example",))
    assert "blocks" in json.loads(receiver.bodies[0])
    assert "attachments" in json.loads(receiver.bodies[1])
    assert len(postman.mails) == 1

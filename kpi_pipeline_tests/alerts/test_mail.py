"""AT-39: text and HTML of equal content, pictures inside, threads, no header injection; and what servers answer."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from email.message import EmailMessage
from html import escape, unescape

import pytest

from kpi_pipeline.alerts.channels import KINDS, chart
from kpi_pipeline.alerts.channels.wire import Sender
from kpi_pipeline.alerts.message import Chart, Earlier
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused
from kpi_pipeline_tests.alerts.postman import Postman, at_work
from kpi_pipeline_tests.alerts.sending import NOW, WIRE, Waits, message, told

MAIL = Channel(kind="mail", url="ACME_SMTP", sender="kpi@acme.example")
ANN, BOB = "ann@acme.example", "bob@acme.example"


@pytest.fixture
def postman() -> Iterator[Postman]:
    with at_work() as found:
        yield found


def mailer(url: str, channel: Channel = MAIL) -> Sender:
    return KINDS["mail"].sender(channel, {"ACME_SMTP": url}, WIRE)


def part(found: EmailMessage, kind: str) -> str:
    body = found.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def words(html: str) -> set[str]:
    """What a reader sees of HTML, as words."""
    return {word.rstrip(":") for word in unescape(re.sub(r"<[^>]+>", " ", html)).split()}


def test_at_39_text_and_html_say_the_same(postman: Postman) -> None:
    found = message(
        told(
            "first_breach",
            "critical",
            actions=["Bel <de> klant", "Maak een plan"],
            question="Doorgaan?",
            within="5 days",
        ),
        told(
            "first_breach",
            "warning",
            rule="freshness",
            subject="source/stripe",
            notice_id="n2",
            newest=None,
            loaded=None,
        ),
        notes=("Via dit kanaal",),
    )
    mailer(postman.url)(found, (ANN, BOB))
    ((recipients, mail),) = postman.mails
    assert recipients == [ANN, BOB]
    assert (mail["Subject"], mail["From"], mail["Date"].datetime) == (found.headline, "kpi@acme.example", NOW)
    assert part(mail, "plain").split() == found.text().split()
    assert words(part(mail, "html")) == words(escape(found.text()))
    assert 'lang="nl"' in part(mail, "html")


def test_at_39_the_chart_is_a_picture_inside_with_words_for_who_cannot_see_it(postman: Postman) -> None:
    mailer(postman.url)(message(), (ANN,))
    ((_, mail),) = postman.mails
    (picture,) = [each for each in mail.walk() if each.get_content_maintype() == "image"]
    html = part(mail, "html")
    assert f"cid:{picture['Content-ID'].strip('<>')}" in html
    assert picture.get_content().startswith(b"\x89PNG")
    assert picture.get_content_disposition() == "inline"
    alt = re.search(r'alt="([^"]+)"', html)
    assert alt is not None
    assert (
        unescape(alt[1]) == "Conversie <&> co, 5 dagen: van 30,0% naar 20,0%, laagste 18,0%, hoogste 30,0%, grens < 24%"
    )
    assert mail.get_content_type() == "multipart/alternative"


def test_a_chart_breaks_at_gaps_and_shows_its_threshold_and_its_newest_day() -> None:
    one, two, three = Decimal(1), Decimal(2), Decimal(3)
    drawn = chart.svg(Chart((one, None, three, two), two, "< 2 & meer", "alt"))
    assert drawn.count("<polyline") == 2
    assert (drawn.count("stroke-dasharray"), drawn.count("<circle")) == (1, 1)
    assert "&lt; 2 &amp; meer" in drawn
    assert chart.png(Chart((one, one), None, "", "")) == chart.png(Chart((one, one), None, "", ""))


def test_at_39_every_message_of_an_episode_is_in_one_thread(postman: Postman) -> None:
    send = mailer(postman.url)
    send(message(), (ANN,))
    send(message(told("resolved", "ok"), id="m2", answers=(Earlier("m1", None), Earlier("m0", None))), (ANN,))
    first, second = (mail for _, mail in postman.mails)
    assert first["Message-ID"] == "<m1@kpi-pipeline.invalid>"
    assert first["In-Reply-To"] is None
    assert (second["In-Reply-To"], second["References"]) == (
        first["Message-ID"],
        "<m1@kpi-pipeline.invalid> <m0@kpi-pipeline.invalid>",
    )


def test_at_39_a_name_is_only_text_in_a_mail(postman: Postman) -> None:
    line = replace(
        message().lines[0], headline="<b>x</b>", facts=(("<i>", "a & <script>"),), link="javascript:alert(1)"
    )
    mailer(postman.url)(message(headline="<b>x</b>\r\nBcc: eve@x.example", lines=(line,)), (ANN,))
    ((recipients, mail),) = postman.mails
    assert recipients == [ANN]
    assert (mail["Bcc"], mail["Subject"]) == (None, "<b>x</b> Bcc: eve@x.example")
    assert not any(forged in part(mail, "html") for forged in ("<script>", "<b>x", 'href="javascript'))


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [("kpi@acme.example", f"{ANN}\r\nBcc: eve@x.example"), ("kpi@acme.example\nBcc: eve@x.example", ANN)],
)
def test_at_39_an_address_cannot_add_a_header(postman: Postman, sender: str, recipient: str) -> None:
    send = mailer(postman.url, MAIL.model_copy(update={"sender": sender}))
    with pytest.raises(DeliveryRefused, match="composing a mail: Header values may not contain"):
        send(message(), (recipient,))
    assert postman.mails == []


def test_a_channel_without_a_sender_is_refused_and_nothing_is_sent(postman: Postman) -> None:
    with pytest.raises(DeliveryRefused, match="the channel has no sender"):
        mailer(postman.url, Channel(kind="mail", url="ACME_SMTP"))(message(), (ANN,))
    assert postman.mails == []


@pytest.mark.parametrize(
    ("answers", "error", "said", "reached"),
    [
        ({"ann": "550 unknown", "bob": "550 unknown"}, DeliveryRefused, r"all 2 recipients refused \(SMTP 550\)", ()),
        (
            {"ann": "550 unknown", "bob": "451 later"},
            DeliveryDelayed,
            r"all 2 recipients refused \(SMTP 451, 550\)",
            (),
        ),
        ({"ann": "550 unknown"}, DeliveryRefused, r"1 of 2 recipients refused \(SMTP 550\); others have it", (BOB,)),
        ({"bob": "451 later"}, DeliveryDelayed, r"1 of 2 recipients refused \(SMTP 451\); others have it", (ANN,)),
    ],
)
def test_no_recipient_is_lost_in_silence_or_told_twice(
    postman: Postman, answers: dict[str, str], error: type[DeliveryDelayed], said: str, reached: tuple[str, ...]
) -> None:
    postman.answers = answers
    with pytest.raises(error, match=said) as caught:
        mailer(postman.url)(message(), (ANN, BOB))
    assert caught.value.reached == reached
    assert [tuple(recipients) for recipients, _ in postman.mails] == ([reached] if reached else [])


@pytest.mark.parametrize(("answer", "error"), [("451 later", DeliveryDelayed), ("554 spam", DeliveryRefused)])
def test_a_server_that_does_not_take_the_mail(postman: Postman, answer: str, error: type[Exception]) -> None:
    postman.data_answer = answer
    with pytest.raises(error, match=f"SMTP {answer[:3]}"):
        mailer(postman.url)(message(), (ANN,))


def test_a_password_is_not_sent_in_the_clear(postman: Postman) -> None:
    url = postman.url.replace("//", "//user:SECRETPART@")
    with pytest.raises(DeliveryRefused, match="offers no encryption, so the password was not sent") as caught:
        mailer(url)(message(), (ANN,))
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
        mailer(url)(message(), (ANN,))


def test_a_mail_server_that_hangs_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        send = KINDS["mail"].sender(MAIL, {"ACME_SMTP": url}, Waits().wire(timeout_s=0.2))
        with pytest.raises(DeliveryDelayed, match="no answer") as caught:
            send(message(), (ANN,))
    assert caught.value.unanswered

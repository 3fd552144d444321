"""A message as a mail: text and HTML of equal content, pictures inside, one thread for an alert's episode.

EmailMessage refuses line breaks in headers, so neither a name nor an address can add one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import escape

from kpi_pipeline.alerts.channels.chart import HEIGHT, WIDTH, png
from kpi_pipeline.alerts.message import Line, Message
from kpi_pipeline.alerts.vocabulary import word
from kpi_pipeline.errors import DeliveryRefused

MOST_LINES = 50
MOST_CHARTS = 12
DOMAIN = "kpi-pipeline.invalid"


def compose(message: Message, sender_address: str | None, recipients: Sequence[str]) -> EmailMessage:
    """The mail. Raises DeliveryRefused for a channel without a sender, or an address that is none."""
    if sender_address is None:
        raise DeliveryRefused("composing a mail", "the channel has no sender", remedy="Add `sender` in company.yaml")
    digest = message.digest
    if digest is not None:
        return _addressed(digest, message, sender_address, recipients)
    shown = message.shortened(MOST_LINES)
    mail = EmailMessage()
    mail["Subject"] = " ".join(message.headline.split())
    _address(mail, sender_address, recipients)
    mail["Date"] = message.at
    mail["Message-ID"] = _message_id(message.id)
    if message.answers:
        mail["In-Reply-To"] = _message_id(message.answers[0].id)
        mail["References"] = " ".join(_message_id(each.id) for each in message.answers)
    mail.set_content(shown.text())
    charts = [line for line in shown.lines if line.chart is not None][:MOST_CHARTS]
    cids = {line.told.notice_id: f"{line.told.notice_id}@{DOMAIN}" for line in charts}
    mail.add_alternative("".join(_html(shown, cids)), subtype="html")
    html = mail.get_body(("html",))
    for line in charts:
        if line.chart is not None and isinstance(html, EmailMessage):
            name, cid = f"{line.told.subject}.png", f"<{cids[line.told.notice_id]}>"
            html.add_related(png(line.chart), "image", "png", cid=cid, filename=name, disposition="inline")
    return mail


def _address(mail: EmailMessage, sender_address: str, recipients: Sequence[str]) -> None:
    try:
        mail["From"] = sender_address
        mail["To"] = ", ".join(recipients)
    except ValueError as error:
        raise DeliveryRefused(
            "composing a mail", f"{error}", remedy="Correct the addresses in company.yaml, then replay"
        ) from None


def _addressed(digest: bytes, message: Message, sender_address: str, recipients: Sequence[str]) -> EmailMessage:
    """A digest as it was archived, from the channel's sender, under the message's own id, with a link to the report."""
    mail = message_from_bytes(digest, policy=default)
    assert isinstance(mail, EmailMessage)  # noqa: S101 - the policy makes nothing else
    for name in ("From", "To", "Message-ID"):
        del mail[name]
    _address(mail, sender_address, recipients)
    mail["Message-ID"] = _message_id(message.id)
    if message.lines[0].link is not None:
        _lead_to(mail, message.lines[0].link)
    return mail


def _lead_to(mail: EmailMessage, link: str) -> None:
    """Where a digest names its report's place in the reports folder, it names the link instead."""
    place = mail["Content-Location"]
    for kind in ("plain", "html") if place is not None else ():
        part = mail.get_body((kind,))
        assert isinstance(part, EmailMessage)  # noqa: S101 - a digest has both
        shown = link if kind == "plain" else _anchor(link)
        part.set_content(part.get_content().replace(str(place), shown), subtype=kind, cte="quoted-printable")


def _message_id(key: str) -> str:
    return f"<{key}@{DOMAIN}>"


def _html(message: Message, cids: dict[str, str]) -> Iterator[str]:
    yield f'<html lang="{message.language}"><body style="font-family:sans-serif;color:#1c1c1c">'
    for note in message.notes:
        yield f'<p style="background:#fff4ce;padding:6px 10px">{escape(note)}</p>'
    if len(message.lines) != 1:
        yield f'<h1 style="font-size:1.3em">{escape(message.headline)}</h1>'
    for line in message.lines:
        yield from _line(line, message.language, cids.get(line.told.notice_id))
    if message.more is not None:
        yield f"<p>{escape(message.more)}</p>"
    yield f'<p style="color:#595959">{escape(message.footer)}</p></body></html>'


def _line(line: Line, language: str, cid: str | None) -> Iterator[str]:
    yield f'<h2 style="font-size:1.1em;margin:1.2em 0 .4em">{escape(line.headline)}</h2><table role="presentation">'
    for label, value in line.facts:
        head = f'<th scope="row" style="text-align:left;vertical-align:top;padding:2px 12px 2px 0">{escape(label)}</th>'
        yield f'<tr>{head}<td style="padding:2px 0">{escape(value)}</td></tr>'
    yield "</table>"
    if line.chart is not None:
        label = word("days", language, n=len(line.chart.values))
        size = f'width="{WIDTH}" height="{HEIGHT}"'
        picture = "" if cid is None else f'<br><img src="cid:{cid}" {size} alt="{escape(line.chart.alt, quote=True)}">'
        yield f"<p>{escape(label)}: {line.chart.blocks}{picture}</p>"
    for listing in line.listings:
        items = "".join(f"<div>{escape(item)}</div>" for item in listing.lines())
        yield f"<p><b>{escape(listing.title)}</b></p>{items}"
    for label, command in line.commands:
        yield f"<p>{escape(label)}: <code>{escape(command)}</code></p>"
    if line.link is not None:
        yield f"<p>{word('page', language)}: {_anchor(line.link)}</p>"


def _anchor(link: str) -> str:
    shown = escape(link, quote=True)
    return f'<a href="{shown}">{shown}</a>' if link.startswith(("https://", "http://")) else shown

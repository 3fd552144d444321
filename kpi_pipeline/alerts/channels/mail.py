"""Mail over SMTP: text and HTML of equal content, one thread per notice id, headers that nobody can inject into."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from html import escape
from typing import NoReturn
from urllib.parse import unquote, urlsplit

from kpi_pipeline.alerts.message import Message
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused

TIMEOUT_S = 15.0


def sender(channel: Channel, url: str) -> Callable[[Message, tuple[str, ...]], None]:
    """`url` is smtp://[user:password@]host[:port] (STARTTLS when offered) or smtps://…"""

    def send(message: Message, recipients: tuple[str, ...]) -> None:
        doing = f"sending mail (server from {channel.url})"
        mail = compose(message, channel.sender, recipients)
        check = f"Check {channel.url}, then replay"
        try:
            missed = _transmit(url, mail)
        except smtplib.SMTPRecipientsRefused as error:
            refused = f"all {len(error.recipients)} recipients refused (SMTP {_codes(error.recipients)})"
            _raise_refused(doing, refused, error.recipients)
        except smtplib.SMTPAuthenticationError:
            raise DeliveryRefused(doing, "the server refused user or password", remedy=check) from None
        except smtplib.SMTPResponseException as error:
            said = f"SMTP {error.smtp_code}"
            if error.smtp_code >= 500:
                raise DeliveryRefused(doing, said, remedy="Check sender and server, then replay") from None
            raise DeliveryDelayed(doing, said, remedy="It is tried again by itself") from None
        except ValueError:
            raise DeliveryRefused(doing, "that is not an address", remedy=check) from None
        except Unprotected:
            raise DeliveryRefused(
                doing, "the server offers no encryption, so the password was not sent", remedy=check
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryDelayed(
                doing, f"no answer ({type(error).__name__})", remedy="It is tried again by itself"
            ) from None
        if missed:
            refused = f"{len(missed)} of {len(recipients)} recipients refused (SMTP {_codes(missed)}); others have it"
            _raise_refused(doing, refused, missed)

    return send


class Unprotected(Exception):
    """A password would have crossed the network in the clear."""


def _raise_refused(doing: str, said: str, answers: Mapping[str, tuple[int, bytes]]) -> NoReturn:
    """Trying again sends to all once more, under the same Message-ID; better twice than never."""
    if any(code < 500 for code, _ in answers.values()):
        raise DeliveryDelayed(doing, said, remedy="It is tried again by itself") from None
    raise DeliveryRefused(doing, said, remedy="Check the addresses in company.yaml, then replay") from None


def _codes(refused: Mapping[str, tuple[int, bytes]]) -> str:
    return ", ".join(str(code) for code in sorted({code for code, _ in refused.values()}))


def compose(message: Message, sender_address: str | None, recipients: tuple[str, ...]) -> EmailMessage:
    """The mail; EmailMessage refuses line breaks in headers, so neither a name nor an address can add one."""
    if sender_address is None:
        raise DeliveryRefused("composing a mail", "the channel has no sender", remedy="Add `sender` in company.yaml")
    mail = EmailMessage()
    try:
        mail["Subject"] = " ".join(message.headline.split())
        mail["From"] = sender_address
        mail["To"] = ", ".join(recipients)
    except ValueError as error:
        raise DeliveryRefused(
            "composing a mail", f"{error}", remedy="Correct the addresses in company.yaml, then replay"
        ) from None
    if message.at is not None:
        mail["Date"] = message.at
    mail["Message-ID"] = f"<{message.notice_id}@kpi-pipeline.invalid>"
    mail.set_content(message.text())
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left;padding:2px 12px 2px 0">{escape(label)}</th>'
        f'<td style="padding:2px 0">{escape(value)}</td></tr>'
        for label, value in message.facts
    )
    mail.add_alternative(
        f'<html><body style="font-family:sans-serif"><h1 style="font-size:1.2em">{escape(message.headline)}</h1>'
        f'<table role="presentation">{rows}</table><p style="color:#555">{escape(message.footer)}</p></body></html>',
        subtype="html",
    )
    return mail


def _transmit(url: str, mail: EmailMessage) -> Mapping[str, tuple[int, bytes]]:
    """The recipients that the server refused while it took the mail for the others, with its answers."""
    parts = urlsplit(url)
    host = parts.hostname
    if host is None or parts.scheme not in ("smtp", "smtps"):
        raise ValueError("not smtp://host or smtps://host")
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        port = 465 if parts.port is None else parts.port
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(host, 25 if parts.port is None else parts.port, timeout=TIMEOUT_S)
    with server:
        server.ehlo()
        if parts.scheme != "smtps" and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif parts.scheme != "smtps" and parts.password is not None:
            raise Unprotected
        if parts.username is not None and parts.password is not None:
            server.login(unquote(parts.username), unquote(parts.password))
        return server.send_message(mail)

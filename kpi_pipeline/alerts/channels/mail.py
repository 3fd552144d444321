"""Mail over SMTP: what a server makes of it, recipient by recipient."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from email.message import EmailMessage
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from kpi_pipeline.alerts.channels.letter import compose
from kpi_pipeline.alerts.channels.post import LATER
from kpi_pipeline.alerts.channels.wire import Sender, Wire
from kpi_pipeline.alerts.message import Message
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused


def payload(message: Message, recipients: Sequence[str], channel: Channel) -> dict[str, Any]:
    """The headers, the text, and the names of the pictures."""
    mail = compose(message, channel.sender, recipients)
    plain = mail.get_body(("plain",))
    pictures = [part.get_filename() for part in mail.walk() if part.get_content_maintype() == "image"]
    text = "" if plain is None else plain.get_content()
    return {"headers": {name: str(value) for name, value in mail.items()}, "text": text, "pictures": pictures}


def sender(channel: Channel, secrets: Mapping[str, str], wire: Wire) -> Sender:
    """The address is smtp://[user:password@]host[:port] (STARTTLS when offered) or smtps://…"""
    url = secrets[channel.url]

    def send(message: Message, recipients: tuple[str, ...]) -> None:
        doing = f"sending mail (server from {channel.url})"
        mail = compose(message, channel.sender, recipients)
        check = f"Check {channel.url}, then replay"
        try:
            missed = _transmit(url, mail, wire.timeout_s[1])
        except smtplib.SMTPRecipientsRefused as error:
            refused = f"all {len(error.recipients)} recipients refused (SMTP {_codes(error.recipients)})"
            _raise_refused(doing, refused, error.recipients, recipients)
        except smtplib.SMTPResponseException as error:
            is_login = isinstance(error, smtplib.SMTPAuthenticationError)
            said = (
                f"the server refused user or password (SMTP {error.smtp_code})"
                if is_login
                else f"SMTP {error.smtp_code}"
            )
            if error.smtp_code >= 500:
                raise DeliveryRefused(doing, said, remedy=check) from None
            raise DeliveryDelayed(doing, said, remedy=LATER) from None
        except ValueError:
            raise DeliveryRefused(doing, "that is not an address", remedy=check) from None
        except Unprotected:
            raise DeliveryRefused(
                doing, "the server offers no encryption, so the password was not sent", remedy=check
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryDelayed(doing, f"no answer ({type(error).__name__})", remedy=LATER, unanswered=True) from None
        if missed:
            refused = f"{len(missed)} of {len(recipients)} recipients refused (SMTP {_codes(missed)}); others have it"
            _raise_refused(doing, refused, missed, recipients)

    return Sender(send)


class Unprotected(Exception):
    """A password would have crossed the network in the clear."""


def _raise_refused(
    doing: str, said: str, answers: Mapping[str, tuple[int, bytes]], recipients: Sequence[str]
) -> NoReturn:
    """Who has the mail does not get it again when it is tried once more for the others."""
    reached = [each for each in recipients if each not in answers]
    if any(code < 500 for code, _ in answers.values()):
        raise DeliveryDelayed(doing, said, remedy=LATER, reached=reached) from None
    remedy = "Check the addresses in company.yaml, then replay"
    raise DeliveryRefused(doing, said, remedy=remedy, reached=reached) from None


def _codes(refused: Mapping[str, tuple[int, bytes]]) -> str:
    return ", ".join(str(code) for code in sorted({code for code, _ in refused.values()}))


def _transmit(url: str, mail: EmailMessage, timeout_s: float) -> Mapping[str, tuple[int, bytes]]:
    """The recipients that the server refused while it took the mail for the others, with its answers."""
    parts = urlsplit(url)
    host = parts.hostname
    if host is None or parts.scheme not in ("smtp", "smtps"):
        raise ValueError("not smtp://host or smtps://host")
    if parts.scheme == "smtps":
        port = 465 if parts.port is None else parts.port
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout_s, context=_trusting())
    else:
        server = smtplib.SMTP(host, 25 if parts.port is None else parts.port, timeout=timeout_s)
    try:
        server.ehlo()
        if parts.scheme != "smtps" and server.has_extn("starttls"):
            server.starttls(context=_trusting())
            server.ehlo()
        elif parts.scheme != "smtps" and parts.password is not None:
            raise Unprotected
        if parts.username is not None and parts.password is not None:
            server.login(unquote(parts.username), unquote(parts.password))
        missed = server.send_message(mail)
        with suppress(OSError, smtplib.SMTPException):
            server.quit()  # it has the mail; how it says goodbye changes nothing
        return missed
    finally:
        server.close()


def _trusting() -> ssl.SSLContext:
    """Whom the machine trusts; read only for a server that encrypts, since it takes longer than the mail."""
    return ssl.create_default_context()

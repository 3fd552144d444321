"""A mail server on a port of its own: SMTP, keeps what it accepts.

Recipients named `nobody@` are unknown (550) and `later@` are to be tried again (451), so that both kinds of failure can
be had without a fault switch. No authentication, no TLS: it listens on 127.0.0.1 only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.routing import BaseRoute

from kpi_pipeline.sandbox.context import VendorContext

MAX_BYTES = 25 * 1024 * 1024


def routes(_context: VendorContext) -> list[BaseRoute]:
    """Nothing over HTTP."""
    return []


def environment(context: VendorContext, _base: str) -> dict[str, str]:
    """The address of the SMTP port. Raises RuntimeError before the server runs: the port is not known yet."""
    if "port" not in context.memo:
        raise RuntimeError("the sandbox's mail server has no port before the sandbox is entered")
    return {"SMTP_URL": f"smtp://127.0.0.1:{context.memo['port']}"}


@asynccontextmanager
async def serving(context: VendorContext) -> AsyncIterator[None]:
    """The SMTP server, on any free port."""
    loop = asyncio.get_running_loop()
    handler = _Handler(context)

    def connection() -> SMTP:
        return SMTP(handler, hostname="sandbox", data_size_limit=MAX_BYTES, enable_SMTPUTF8=True, loop=loop)

    server = await loop.create_server(connection, "127.0.0.1", 0)
    context.memo["port"] = server.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()


class _Handler:
    def __init__(self, context: VendorContext) -> None:
        self._context = context

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        name = address.partition("@")[0]
        if name == "nobody":
            return "550 5.1.1 The mailbox does not exist"
        if name == "later":
            return "451 4.3.0 The mailbox is busy, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        self._context.receive({"from": envelope.mail_from, "to": list(envelope.rcpt_tos), **read(content)})
        return "250 OK message accepted for delivery"


def read(content: bytes) -> dict[str, Any]:
    """A message's headers, its text and HTML, and the names, types and sizes of its attachments."""
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - policy.default makes nothing else
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    attachments = [
        {
            "name": part.get_filename(),
            "type": part.get_content_type(),
            "bytes": len(part.get_payload(decode=True) or b""),
        }
        for part in message.iter_attachments()
    ]
    return {
        "subject": str(message["subject"] or ""),
        "headers": {name: str(value) for name, value in message.items()},
        "text": plain.get_content() if plain else None,
        "html": html.get_content() if html else None,
        "attachments": attachments,
        "bytes": len(content),
    }

"""Everything else, through Apprise: some hundred services, each by a URL of its own that is a secret.

Apprise says whether it worked and keeps what it logged on the way, where a refusal by the service names its status.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from kpi_pipeline.alerts.channels.post import LATER, SLOW_DOWN, secrets_of, without
from kpi_pipeline.alerts.channels.wire import Sender, Wire
from kpi_pipeline.alerts.message import Message
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused

# Its log repeats addresses, and those are secrets: what we need of it comes with the result.
logging.getLogger("apprise").setLevel(logging.INFO)
logging.getLogger("apprise").propagate = False
STATUS = re.compile(r"error=(\d{3})")
TYPES = {"ok": "success", "info": "info", "warning": "warning", "critical": "failure"}


def payload(message: Message, recipients: Sequence[str], _channel: Channel) -> dict[str, str]:
    """Title and text, as plain text, and how grave it is in Apprise's words."""
    text = message.text()
    body = f"{', '.join(recipients)}\n{text}" if recipients else text
    return {"title": message.headline, "body": body, "notify_type": TYPES.get(message.level, "info")}


def sender(channel: Channel, secrets: Mapping[str, str], wire: Wire) -> Sender:
    url = secrets[channel.url]
    host = url.partition("://")[2].partition("/")[0]  # of many services it is the token
    hidden = secrets_of(url, (host, *host.replace("@", ":").split(":")))
    doing = f"sending through Apprise (address from {channel.url})"
    check = f"Check {channel.url} against Apprise's list of services, then replay"

    def send(message: Message, recipients: tuple[str, ...]) -> None:
        service = _apprise(doing)
        if not service.add(url):
            raise DeliveryRefused(doing, "that is no address of a service it knows", remedy=check)
        result = service.notify(**payload(message, recipients, channel), timeout=sum(wire.timeout_s))
        if result:
            return
        heard = [entry.message for entry in result.logs()]
        said = without("; ".join(heard), hidden)[:200] or "it did not say why"
        statuses = [int(status) for line in heard for status in STATUS.findall(line)]
        if statuses and all(400 <= status < 500 and status not in SLOW_DOWN for status in statuses):
            raise DeliveryRefused(doing, said, remedy=check)
        raise DeliveryDelayed(doing, said, remedy=LATER, unanswered=not statuses)

    return Sender(send)


def _apprise(doing: str) -> Any:
    try:
        import apprise
    except ImportError:
        raise DeliveryRefused(
            doing, "Apprise is not installed", remedy="Install kpi-pipeline[apprise], then replay"
        ) from None
    return apprise.Apprise()

"""Posting to an address that is a secret: neither it nor any other secret ever appears in an error or a log."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import orjson
import requests

from kpi_pipeline.alerts.channels.wire import Wire
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused

# At DEBUG urllib3 logs the path of every request, and the path of a webhook is its secret.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
SLOW_DOWN = {408, 425, 429}
SHORTEST_SECRET = 4
LONGEST_WAIT_S = 86_400.0
LATER = "It is tried again by itself"
MALFORMED = (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to post and how to speak of it: the channel's name, and the variable that holds the address."""

    url: str = field(repr=False)
    channel: str
    variable: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def doing(self) -> str:
        return f"posting to {self.channel} (address from {self.variable})"

    @property
    def check(self) -> str:
        return f"Check that {self.variable} holds a current address, then replay"


def post_json(
    wire: Wire, target: Target, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> requests.Response:
    """The answer with status 2xx to a JSON body; see `post`."""
    return post(wire, target, orjson.dumps(body), headers)


def post(wire: Wire, target: Target, body: bytes, headers: Mapping[str, str] | None = None) -> requests.Response:
    """The answer with status 2xx. Raises DeliveryDelayed (try again) or DeliveryRefused (it will not work)."""
    sent = {"Content-Type": "application/json", **(headers or {})}
    try:
        answer = requests.post(target.url, data=body, headers=sent, timeout=wire.timeout_s, allow_redirects=False)
    except MALFORMED:
        raise DeliveryRefused(target.doing, "that is not an address", remedy=target.check) from None
    except requests.RequestException as error:
        # `from None`: the exception's own text carries the URL, which is the secret.
        raise DeliveryDelayed(
            target.doing, f"no answer ({type(error).__name__})", remedy=LATER, unanswered=True
        ) from None
    if 200 <= answer.status_code < 300:
        return answer
    said = f"HTTP {answer.status_code}: {said_by(answer, target)!r}"
    if answer.status_code in SLOW_DOWN or answer.status_code >= 500:
        raise DeliveryDelayed(target.doing, said, remedy=LATER, after_s=retry_after_s(answer, wire.now()))
    raise DeliveryRefused(target.doing, said, remedy=target.check)


def said_by(answer: requests.Response, target: Target) -> str:
    """The start of an answer's text; servers like to repeat the path they did not find, which is the secret."""
    return without(answer.text, secrets_of(target.url, target.secrets))[:200]


def secrets_of(url: str, further: Iterable[str] = ()) -> list[str]:
    """Every part of an address that may be a secret, the longest first; and the secrets beside it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return [url, *further]
    named = {parts.username or "", parts.password or "", parts.query, parts.path, parts.fragment}
    named |= {*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query)), *further}
    written = {form for each in named for form in (each, unquote(each), quote(each, safe=""))}
    return sorted((each for each in written if len(each) >= SHORTEST_SECRET), key=len, reverse=True)


def without(text: str, secrets: Iterable[str]) -> str:
    """The text with *** where a secret stood."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def retry_after_s(answer: requests.Response, now: datetime) -> float | None:
    """Seconds to wait from Retry-After: a number of seconds, or an HTTP date less the date of the answer itself (the
    server's clock need not be ours; `now` when it has none). None when absent or unreadable; at most a day."""
    raw = answer.headers.get("Retry-After", "").strip()
    if raw.isascii() and raw.isdigit():
        return min(float(raw), LONGEST_WAIT_S)
    moment = _date(raw)
    if moment is None:
        return None
    sent = _date(answer.headers.get("Date", "")) or now
    return min(max(0.0, (moment - sent).total_seconds()), LONGEST_WAIT_S)


def _date(raw: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(raw)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found

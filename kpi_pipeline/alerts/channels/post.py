"""Posting JSON to a webhook whose URL is a secret: the URL never appears in an error."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests

from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused

TIMEOUT_S = (5.0, 15.0)
# At DEBUG urllib3 logs the path of every request, and the path of a webhook is its secret.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
TRANSIENT = {408, 425, 429, 500, 502, 503, 504}


SHORTEST_SECRET = 4
LONGEST_WAIT_S = 86_400.0
MALFORMED = (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema)


def post_json(url: str, body: dict[str, Any], *, channel: str, variable: str) -> requests.Response:
    """The answer with status 2xx. Raises DeliveryDelayed (try again) or DeliveryRefused (it will not work)."""
    doing = f"posting to {channel} (address from {variable})"
    check = f"Check that {variable} holds a current webhook address, then replay"
    try:
        answer = requests.post(url, json=body, timeout=TIMEOUT_S, allow_redirects=False)
    except MALFORMED:
        raise DeliveryRefused(doing, "that is not an address", remedy=check) from None
    except requests.RequestException as error:
        # `from None`: the exception's own text carries the URL, which is the secret.
        raise DeliveryDelayed(
            doing, f"no answer ({type(error).__name__})", remedy="It is tried again by itself"
        ) from None
    if answer.ok and not answer.is_redirect:
        return answer
    said = f"HTTP {answer.status_code}: {said_by(answer, url)!r}"
    if answer.status_code in TRANSIENT:
        raise DeliveryDelayed(doing, said, remedy="It is tried again by itself", after_s=retry_after_s(answer))
    raise DeliveryRefused(doing, said, remedy=check)


def said_by(answer: requests.Response, url: str) -> str:
    """The start of an answer's text; servers like to repeat the path they did not find, which is the secret."""
    parts = urlsplit(url)
    text = answer.text
    secrets = {parts.query, parts.path, *parts.path.split("/"), *(value for _, value in parse_qsl(parts.query))}
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for form in (secret, unquote(secret)):
            text = text.replace(form, "***") if len(form) >= SHORTEST_SECRET else text
    return text[:200]


def retry_after_s(answer: requests.Response) -> float | None:
    """Seconds to wait from Retry-After: a number of seconds, or an HTTP date less the date of the answer itself (the
    server's clock need not be ours). None when absent or unreadable; at most a day."""
    raw = answer.headers.get("Retry-After", "").strip()
    if raw.isascii() and raw.isdigit():
        return min(float(raw), LONGEST_WAIT_S)
    moment, sent = _date(raw), _date(answer.headers.get("Date", ""))
    if moment is None or sent is None:
        return None
    return min(max(0.0, (moment - sent).total_seconds()), LONGEST_WAIT_S)


def _date(raw: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(raw)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found

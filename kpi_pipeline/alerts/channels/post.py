"""Posting JSON to a webhook whose URL is a secret: the URL never appears in an error."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from kpi_pipeline import clock
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused

TIMEOUT_S = (5.0, 15.0)
TRANSIENT = {408, 425, 429, 500, 502, 503, 504}


def post_json(url: str, body: dict[str, Any], *, channel: str, variable: str) -> requests.Response:
    """The answer with status 2xx. Raises DeliveryDelayed (try again) or DeliveryRefused (it will not work)."""
    doing = f"posting to {channel} (address from {variable})"
    try:
        answer = requests.post(url, json=body, timeout=TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as error:
        # `from None`: the exception's own text carries the URL, which is the secret.
        raise DeliveryDelayed(
            doing, f"no answer ({type(error).__name__})", remedy="It is tried again by itself"
        ) from None
    if answer.ok and not answer.is_redirect:
        return answer
    said = f"HTTP {answer.status_code}: {answer.text[:200]!r}"
    if answer.status_code in TRANSIENT:
        raise DeliveryDelayed(
            doing, said, remedy="It is tried again by itself", after_s=retry_after_s(answer, clock.now())
        )
    raise DeliveryRefused(doing, said, remedy=f"Check that {variable} holds a current webhook address, then replay")


def retry_after_s(answer: requests.Response, now: datetime) -> float | None:
    """Seconds to wait from Retry-After (a number of seconds or an HTTP date); None when absent or unreadable."""
    raw = answer.headers.get("Retry-After")
    if raw is None:
        return None
    if raw.strip().isdigit():
        return float(raw)
    try:
        moment = parsedate_to_datetime(raw)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return max(0.0, (moment - now).total_seconds())

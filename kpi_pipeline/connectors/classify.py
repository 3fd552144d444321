"""What an answer means: fine, ask again, ask much later, never ask again, or the record is gone.

A vendor's classifier looks at its own codes first and leaves the rest to `by_status`. HTTP 200 is not success: the body
must parse and hold what the caller expects (`has`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

Outcome = Literal["ok", "retry", "throttled", "settings", "bug", "contract", "gone"]


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer. `data` is the parsed body, or None with the reason in `unreadable`."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    data: Any
    unreadable: str | None = None

    def get(self, *path: str) -> Any:
        """A value inside the body, None where the way there ends."""
        value = self.data
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        return value


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a reply.

    retry: the same call soon (after `wait` seconds if the vendor said so); throttled: not before `wait` seconds;
    settings: key, permission or address is wrong; bug: the request is wrong; contract: not the shape we read; gone: no
    such record. `pause` asks the whole account, not only this call, to be silent for `wait` seconds.
    """

    outcome: Outcome
    reason: str = ""
    wait: float | None = None
    pause: bool = False
    remedy: str = ""


OK = Verdict("ok")
Success = Callable[[Any], str | None]
Classifier = Callable[[Reply], Verdict]


def has(*fields: str) -> Success:
    """Success predicate: the body is an object with all these fields; says what is missing otherwise."""

    def missing(data: Any) -> str | None:
        if not isinstance(data, Mapping):
            return f"the body is {type(data).__name__}, not an object"
        absent = [field for field in fields if field not in data]
        return f"the body has no {', '.join(absent)}" if absent else None

    return missing


def by_status(reply: Reply) -> Verdict:
    """The meaning of a status that all vendors share; 408, 409, 423, 425, 429 and 5xx may pass, other 4xx will not."""
    status, text = reply.status, f"HTTP {reply.status}"
    if 200 <= status < 300:
        return Verdict("retry", f"{text} with an unreadable body ({reply.unreadable})") if reply.unreadable else OK
    if status == 429:
        return Verdict("retry", f"{text} (too many requests)", wait=retry_after(reply.headers), pause=True)
    if status in (408, 409, 423, 425) or status >= 500:
        return Verdict("retry", text, wait=retry_after(reply.headers))
    if status in (401, 403):
        return Verdict("settings", text)
    if status in (404, 410):
        return Verdict("gone", text)
    if 300 <= status < 400:
        return Verdict("bug", f"{text}: redirects are refused", remedy="Check the base URL of this source.")
    return Verdict("bug", text)


def retry_after(headers: Mapping[str, str], *, unit: Literal["s", "ms"] = "s") -> float | None:
    """Seconds from a Retry-After header (seconds, or milliseconds where the vendor says so, or an HTTP date).

    A date is read against the vendor's own Date header, so a skewed clock here does not matter.
    """
    value = headers.get("Retry-After")
    if value is None:
        return None
    try:
        number = float(value)
    except ValueError:
        try:
            return until(parsedate_to_datetime(value), headers)
        except (TypeError, ValueError):
            return None
    return max(0.0, number / 1000 if unit == "ms" else number)


def until(instant: datetime, headers: Mapping[str, str]) -> float | None:
    """Seconds from the vendor's own clock (its Date header) to `instant`; None when it sent no readable Date."""
    try:
        server = parsedate_to_datetime(headers["Date"])
    except (KeyError, TypeError, ValueError):
        return None
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return max(0.0, (aware - (server if server.tzinfo else server.replace(tzinfo=UTC))).total_seconds())

"""How Linear answers: its errors are codes in a body, whatever the status (linear.app/developers/rate-limiting)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from kpi_pipeline.connectors.budget import Rate
from kpi_pipeline.connectors.classify import OK, Reply, Success, Verdict, by_status, until

HOUR = 3600.0
RATES = {"all": Rate(2_500, per=HOUR)}  # of the user who owns the key, over all their keys; headers say the real one
MOST_COMPLEX = 10_000  # points of one query
_SETTINGS = {"AUTHENTICATION_ERROR", "FORBIDDEN", "FEATURE_NOT_ACCESSIBLE"}
_BUG = {"GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "INVALID_INPUT", "INPUT_ERROR", "BAD_USER_INPUT"}
_LIMITS = ("Requests", "Complexity", "Endpoint-Requests")


def classify(reply: Reply) -> Verdict:
    """By the code of the first error that decides; without errors by status.

    RATELIMITED comes with HTTP 400. A malformed query may come with HTTP 500 and must not be retried. Data
    beside errors is a part of the answer and never taken. A query that is too complex is "ok" here, to be halved.
    """
    errors = list(_errors(reply))
    if not errors:
        return by_status(reply)
    codes = {code for code, _ in errors}
    reason = f"HTTP {reply.status}: " + "; ".join(f"{code}: {message}" for code, message in errors[:3])
    if "RATELIMITED" in codes:
        return Verdict("retry", reason, wait=_reset(reply), pause=True)
    if too_complex(reply):
        return OK
    if codes & _SETTINGS or reply.status == 401:
        allowed = (
            "Give the key the scopes it lacks: Read, on all teams whose issues count." if reply.status == 403 else ""
        )
        return Verdict("settings", reason, remedy=allowed)
    if any("not found" in message.lower() for _, message in errors):
        return Verdict("gone", reason)
    if codes & _BUG:
        return Verdict("bug", reason)
    usual = by_status(reply)
    if usual.outcome == "ok":
        return Verdict("retry", f"{reason}; only a part of the answer came" if reply.get("data") else reason)
    return Verdict(usual.outcome, reason, wait=usual.wait, pause=usual.pause)


def too_complex(reply: Reply) -> bool:
    """Whether the query was refused for what it costs, not for how often we ask."""
    return any(code != "RATELIMITED" and "complex" in message.lower() for code, message in _errors(reply))


def observe(reply: Reply) -> Mapping[str, Rate | float]:
    """The user's limit an hour; silence until the reset when requests, or points for a large query, are used up."""
    limit, left = (reply.headers.get(f"X-RateLimit-Requests-{name}", "") for name in ("Limit", "Remaining"))
    points = reply.headers.get("X-RateLimit-Complexity-Remaining", "")
    if left == "0" or (points.isdigit() and int(points) < MOST_COMPLEX):
        wait = _reset(reply)
        if wait is not None:
            return {"all": wait}
    return {"all": Rate(int(limit), per=HOUR)} if limit.isdigit() and int(limit) else {}


def holds(*path: str) -> Success:
    """Success: the answer has an object at `data.<path>`, or says that the query was too complex."""

    def fault(data: Any) -> str | None:
        if not isinstance(data, Mapping):
            return f"the body is {type(data).__name__}, not an object"
        if data.get("errors"):
            return None
        found: Any = data.get("data")
        for step in path:
            found = found.get(step) if isinstance(found, Mapping) else None
        return None if isinstance(found, Mapping) else f"there is no data.{'.'.join(path)}"

    return fault


def _errors(reply: Reply) -> Iterator[tuple[str, str]]:
    listed = reply.get("errors")
    for error in listed if isinstance(listed, list) else ():
        if isinstance(error, Mapping):
            extensions = error.get("extensions")
            code = extensions.get("code") if isinstance(extensions, Mapping) else None
            yield str(code), str(error.get("message", ""))


def _reset(reply: Reply) -> float | None:
    """Seconds until the last of the exhausted limits is full again (epoch milliseconds), an hour at most."""
    waits = []
    for name in _LIMITS:
        left, at = (reply.headers.get(f"X-RateLimit-{name}-{part}", "") for part in ("Remaining", "Reset"))
        low = MOST_COMPLEX if name == "Complexity" else 1
        if left.lstrip("-").isdigit() and int(left) < low and at.isdigit():
            wait = until(datetime.fromtimestamp(int(at) / 1000, UTC), reply.headers)
            waits += [] if wait is None else [min(wait, HOUR)]
    return max(waits, default=None)

"""What several vendors' wires have in common: JSON bodies, ISO instants, bearer keys, whole-number parameters."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response


def answer(payload: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response."""
    return Response(orjson.dumps(payload), status, dict(headers or {}), media_type="application/json")


def iso_seconds(instant: datetime) -> str:
    """`2026-11-10T09:58:01Z`; fractions of a second are cut off, as a vendor that stores seconds would."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_milliseconds(instant: datetime) -> str:
    """`2026-11-10T09:58:01.123Z`: fixed width, so that text order is time order."""
    instant = instant.astimezone(UTC)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def instant(text: str) -> datetime:
    """The aware instant that an ISO 8601 text means; without an offset it is UTC. Raises ValueError for other text."""
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def bearer(request: Request) -> str | None:
    """The token of `Authorization: Bearer <token>`, None without such a header."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def same_key(given: str | None, valid: str) -> bool:
    """Whether a key is the valid one."""
    return given is not None and hmac.compare_digest(given.encode(), valid.encode())


def whole(text: str | None, default: int, low: int, high: int) -> int:
    """A whole-number parameter. Raises ValueError when it is none or out of [low, high]."""
    if text is None:
        return default
    number = int(text)
    if not low <= number <= high:
        raise ValueError(f"{number} is not between {low} and {high}")
    return number

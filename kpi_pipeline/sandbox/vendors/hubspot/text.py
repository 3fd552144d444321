"""HubSpot's way of writing values: every property is text or null."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


@lru_cache(1 << 16)
def iso(instant: datetime) -> str:
    """`2026-11-20T09:12:44.101Z`; kept, for an object repeats the same few and writing them is half of the time."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def iso_by(instant: datetime | None, now: datetime) -> str | None:
    """The instant when it has come by now, else null."""
    return iso(instant) if instant is not None and instant <= now else None


def milliseconds(instant: datetime) -> int:
    """Milliseconds since 1970: the unit of search filters."""
    return (instant - EPOCH) // MILLISECOND


def boolean(value: bool) -> str:
    return "true" if value else "false"


def whole(value: int | None) -> str | None:
    return None if value is None else str(value)

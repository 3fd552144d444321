"""The only place that asks the machine for the time; everything else takes `now` as an argument."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds on a clock that never jumps; for timeouts and durations only."""
    return time.monotonic()


def epoch_ms(instant: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC, exact (no float in between).

    Raises ValueError for a datetime without a zone.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone")
    delta = instant - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000 + delta.microseconds // 1_000


def from_epoch_ms(milliseconds: int) -> datetime:
    """The aware UTC instant of a millisecond count since 1970-01-01."""
    seconds, rest = divmod(milliseconds, 1_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1_000)

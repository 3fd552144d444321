"""What every channel is given besides its address: the clock, how to wait, and for how long to wait for an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kpi_pipeline.alerts.message import Message

# Sends a message to people; what the channel calls it, so that later ones can answer it, or None.
Sender = Callable[[Message, tuple[str, ...]], str | None]


TIMEOUT_S = (5.0, 15.0)


@dataclass(frozen=True, slots=True)
class Wire:
    """`timeout_s` are the seconds to wait for a connection and for an answer."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    monotonic: Callable[[], float]
    timeout_s: tuple[float, float] = TIMEOUT_S


class Pace:
    """Lets one message through in so many seconds; the others wait for their turn."""

    def __init__(self, wire: Wire, every_s: float) -> None:
        self._wire = wire
        self._every_s = every_s
        self._free_at: float | None = None

    def wait(self) -> None:
        now = self._wire.monotonic()
        if self._free_at is not None and self._free_at > now:
            self._wire.sleep(self._free_at - now)
            now = self._free_at
        self._free_at = now + self._every_s

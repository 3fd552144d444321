"""What every channel is given besides its address: the clock, how to wait, and for how long to wait for an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kpi_pipeline.alerts.message import Message

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

    @property
    def left_s(self) -> float:
        """The seconds until the next message may leave."""
        return 0.0 if self._free_at is None else max(0.0, self._free_at - self._wire.monotonic())

    def wait(self) -> None:
        """Until a message may leave."""
        left_s = self.left_s
        if left_s:
            self._wire.sleep(left_s)

    def take(self) -> None:
        """Wait, and let a message through."""
        self.wait()
        self._free_at = self._wire.monotonic() + self._every_s


@dataclass
class Sender:
    """Sends a message to people. `send` gives what the channel calls it, so that later ones can answer it, or None.

    `pace` is how often the channel takes a message; `send` keeps to it, and who waits for it before that does not wait
    while others do.
    """

    send: Callable[[Message, tuple[str, ...]], str | None]
    pace: Pace | None = None

    def __call__(self, message: Message, recipients: tuple[str, ...]) -> str | None:
        return self.send(message, recipients)

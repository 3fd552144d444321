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


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a channel said of a message that it took: what it calls it, so that later ones can answer or update it.

    `remark` is what did not work besides.
    """

    reference: str
    remark: str | None = None


@dataclass
class Sender:
    """Sends a message to people; `send` gives what the channel said of it, None of a channel that calls it nothing.

    `pace` is how often the channel takes a message; `send` keeps to it, and who waits for it before that does not wait
    while others do. `updates`: it can show earlier messages anew, so it is told which are outdated.
    """

    send: Callable[[Message, tuple[str, ...]], Accepted | None]
    pace: Pace | None = None
    updates: bool = False

    def __call__(self, message: Message, recipients: tuple[str, ...]) -> Accepted | None:
        return self.send(message, recipients)

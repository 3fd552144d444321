"""Channels take turns, so that a process that dies has at most one message that arrived and is not noted as sent.

A turn goes from taking a message up to noting what became of it. Who comes first goes first. A receiver that does not
answer within the patience keeps its turn no longer: the next channel begins, and the message goes on beside it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kpi_pipeline import clock

PATIENCE_S = 2.0


@dataclass(eq=False, slots=True)
class Turn:
    """A place in the line; `until` is when the others stop waiting for it, None for as long as it lasts."""

    channel: str
    until: float | None = None


class Turns:
    """The line of one process. `patience_s`: for how many seconds the channels wait for the receiver of another one.

    A channel whose last answer took longer does not stand in line until it answers in time again: of all that it still
    has to send only one message was waited for.
    """

    def __init__(self, patience_s: float = PATIENCE_S, monotonic: Callable[[], float] = clock.monotonic) -> None:
        self._patience_s = patience_s
        self._monotonic = monotonic
        self._line: deque[Turn] = deque()
        self._late: set[str] = set()
        self._changed = threading.Condition()

    @contextmanager
    def one(self, channel: str) -> Iterator[Turn]:
        """A turn of the channel, as soon as nobody before it is in line."""
        turn = Turn(channel)
        try:
            with self._changed:
                if channel not in self._late:
                    self._line.append(turn)
                    while turn is not self._line[0]:
                        self._pass(self._line[0])
            yield turn
        finally:
            with self._changed:
                self._leave(turn)

    @contextmanager
    def answering(self, turn: Turn) -> Iterator[None]:
        """While the receiver has the message and did not answer: the others wait for no more than the patience."""
        began = self._monotonic()
        with self._changed:
            turn.until = began + self._patience_s
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                turn.until = None  # what has arrived is noted before anybody else begins
                keep = self._late.add if self._monotonic() - began > self._patience_s else self._late.discard
                keep(turn.channel)

    def _pass(self, first: Turn) -> None:
        """Wait for something to change, or go past a turn that took too long."""
        left = None if first.until is None else first.until - self._monotonic()
        if left is None or left > 0:
            self._changed.wait(left)
        else:
            self._leave(first)

    def _leave(self, turn: Turn) -> None:
        if turn in self._line:
            self._line.remove(turn)
            self._changed.notify_all()

"""The sandbox's own clock: the machine's, a given one, or stopped at an instant; never shared with the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

SKEW: ContextVar[timedelta | None] = ContextVar("SKEW", default=None)
"""How far the clock of a vendor is off while it answers the present request."""


class Clock:
    def __init__(self, source: Callable[[], datetime] | None = None) -> None:
        self._source = source or (lambda: datetime.now(UTC))
        self._given = source is not None
        self._stopped: datetime | None = None
        self._watchers: list[Callable[[datetime | None], None]] = []

    def now(self) -> datetime:
        """The present instant of the vendors, aware, UTC."""
        instant = self._source().astimezone(UTC) if self._stopped is None else self._stopped
        skew = SKEW.get()
        return instant if skew is None else instant + skew

    def set(self, instant: datetime | None) -> None:
        """Stop at an instant, or run again with None. Raises ValueError for an instant without a zone."""
        if instant is not None and instant.tzinfo is None:
            raise ValueError(f"setting the sandbox's clock: {instant!r} has no time zone")
        self._stopped = None if instant is None else instant.astimezone(UTC)
        for watcher in self._watchers:
            watcher(self._shown())

    def watch(self, watcher: Callable[[datetime | None], None]) -> None:
        """Tell `watcher` now and at every `set` where the clock stands; None: it runs with the machine's.

        For vendors that are not asked over HTTP. A given clock counts as standing where it stands when it is asked.
        """
        self._watchers.append(watcher)
        watcher(self._shown())

    def _shown(self) -> datetime | None:
        return self.now() if self._given or self._stopped is not None else None

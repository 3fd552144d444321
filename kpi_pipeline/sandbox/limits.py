"""Rate limits: how many calls a vendor takes in a span, counted on the machine's monotonic clock."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """`count` calls in any `seconds`; with `rolling=False` in each span of `seconds` since the server started."""

    count: int
    seconds: float
    rolling: bool = True


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one call: was it admitted, how many are left, in how many seconds the next one frees up."""

    admitted: bool
    limit: Limit
    remaining: int
    free_in: float


class Limiter:
    """One company's calls to one vendor. Each named limit counts separately for each `key` (an endpoint, a user)."""

    def __init__(self, limits: Mapping[str, Limit], monotonic: Callable[[], float] = time.monotonic) -> None:
        self.limits = dict(limits)
        self._monotonic = monotonic
        self._started = monotonic()
        self._calls: dict[tuple[str, str], deque[float]] = {}
        self._counters: dict[tuple[str, str], tuple[int, int]] = {}

    def take(self, name: str, key: str = "") -> Taken:
        """Count one call against the named limit, unless it is full. Raises KeyError for a limit the vendor lacks."""
        limit = self.limits[name]
        return self._roll(limit, (name, key)) if limit.rolling else self._step(limit, (name, key))

    def set(self, name: str, limit: Limit) -> None:
        """Replace a limit while serving; calls already counted stay counted. Raises KeyError for an unknown name."""
        if name not in self.limits:
            raise KeyError(f"no limit named {name!r}; there are: {', '.join(sorted(self.limits)) or 'none'}")
        self.limits[name] = limit

    def used(self, name: str, key: str = "") -> int:
        """Calls counted in the present span of a limit that does not roll."""
        return self._counters.get((name, key), (0, 0))[1]

    def _roll(self, limit: Limit, slot: tuple[str, str]) -> Taken:
        now = self._monotonic()
        calls = self._calls.setdefault(slot, deque())
        while calls and calls[0] <= now - limit.seconds:
            calls.popleft()
        admitted = len(calls) < limit.count
        if admitted:
            calls.append(now)
        free_in = calls[0] + limit.seconds - now if calls else limit.seconds
        return Taken(admitted, limit, max(0, limit.count - len(calls)), free_in)

    def _step(self, limit: Limit, slot: tuple[str, str]) -> Taken:
        elapsed = self._monotonic() - self._started
        span = int(elapsed // limit.seconds)
        seen, used = self._counters.get(slot, (span, 0))
        used = used if seen == span else 0
        admitted = used < limit.count
        used += admitted
        self._counters[slot] = (span, used)
        return Taken(admitted, limit, limit.count - used, (span + 1) * limit.seconds - elapsed)

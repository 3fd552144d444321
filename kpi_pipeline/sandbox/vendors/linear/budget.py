"""Linear's two leaky buckets an hour: requests and complexity points."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from kpi_pipeline.sandbox.limits import Limit


class Budget:
    """What is used of each named limit; a bucket leaks evenly, `count` in `seconds`."""

    def __init__(self, limits: Mapping[str, Limit], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._used: dict[str, tuple[float, float]] = {}

    def take(self, name: str, points: int) -> bool:
        """Use points of a limit; False, and nothing used, when they do not fit."""
        used = self.used(name)
        if used + points > self._limits[name].count:
            return False
        self._used[name] = (used + points, self._monotonic())
        return True

    def used(self, name: str) -> float:
        used, at = self._used.get(name, (0.0, 0.0))
        limit = self._limits[name]
        return max(0.0, used - (self._monotonic() - at) * limit.count / limit.seconds)

    def status(self, name: str, now: datetime, requested: int = 0) -> dict[str, Any]:
        """A RateLimitResultPayload; `reset` is the epoch MILLISECONDS at which the bucket is empty again."""
        limit, used = self._limits[name], self.used(name)
        return {
            "type": name,
            "requestedAmount": requested,
            "allowedAmount": limit.count,
            "period": round(limit.seconds * 1000),
            "remainingAmount": int(limit.count - used),
            "reset": round(now.timestamp() * 1000 + used / limit.count * limit.seconds * 1000),
        }

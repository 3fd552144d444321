"""How old a source's newest record is, against how old it may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class SourceFreshness:
    """`newest_at` is the newest thing the source told us about, `loaded_at` when we last asked it; None: never."""

    source: str
    owner: str
    newest_at: datetime | None
    loaded_at: datetime | None
    late_after: timedelta

    def is_stale(self, now: datetime) -> bool:
        return self.newest_at is None or now - self.newest_at > self.late_after

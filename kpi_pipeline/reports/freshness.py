"""How old a source's newest record is, against how old it may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

READ_EVERY = timedelta(hours=7)  # the six-hourly schedule and an hour for its run


@dataclass(frozen=True, slots=True)
class SourceFreshness:
    """`newest_at` is the newest thing the source told us about, `loaded_at` when we last asked it; None: never."""

    source: str
    owner: str
    newest_at: datetime | None
    loaded_at: datetime | None
    late_after: timedelta

    def is_stale(self, now: datetime) -> bool:
        """Whether the source was behind when it was last read, or has not been read for longer than its schedule.

        Between two loads a source is not late: nobody asked it.
        """
        if self.newest_at is None or self.loaded_at is None:
            return True
        return self.loaded_at - self.newest_at > self.late_after or now - self.newest_at > self.late_after + READ_EVERY

"""The contract between a connector, which knows one vendor, and everything that wants that vendor's records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from kpi_pipeline.landing.page import Page, Proof, Window
from kpi_pipeline.schemas.base import StreamModel


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of record of a source.

    `read` is "window" when the vendor can cut it on a cursor, "snapshot" when every read lists all of it (then landing
    marks records that are no longer listed as deleted). `lookback` is how far behind its watermark a live read starts
    again, because the vendor shows records late.
    """

    name: str
    model: type[StreamModel]
    read: str = "window"
    lookback: timedelta = timedelta(0)
    late_after: timedelta = timedelta(hours=12)  # the newest record may be this old before the source counts as stale


class Reading(Protocol):
    """Pages of one read, streamed; `proof` exists once the last page was taken, before that asking for it is an error."""

    def __iter__(self) -> Iterator[Page]: ...

    @property
    def proof(self) -> Proof: ...


class Connector(Protocol):
    """Reads one account of one source. Holds no state between reads; the caller decides windows and keeps watermarks."""

    source: str
    api_version: str
    streams: tuple[Stream, ...]

    def read(self, stream: Stream, window: Window) -> Reading:
        """All records of `window`, as pages. Backfill of a past month and a live run are the same call."""
        ...

    def changes(self, stream: Stream, since: datetime, until: datetime) -> Reading | None:
        """Records that changed or vanished since a watermark and that `read` would not show, or None if `read` does.

        Stripe: the event feed and a re-read of each changed object. HubSpot: archived records. UptimeRobot: incidents
        that were open. Linear: open issues whose change does not bump updatedAt.
        """
        ...


ConnectorFactory = Callable[..., Connector]

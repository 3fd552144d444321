"""The contract between a connector, which knows one vendor, and everything that wants that vendor's records."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol

from kpi_pipeline.landing.page import Page, Proof, Window

if TYPE_CHECKING:
    from kpi_pipeline.schemas.base import StreamModel


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of record of a source.

    `read` is "window" when the vendor can cut it on a cursor, "snapshot" when every read lists all of it (then landing
    marks records that are no longer listed as deleted).
    `changes` says what `Connector.changes` gives: "none" (it returns None), "some" (what `read` of the newest window
    would not show), or "all" (new, changed and deleted records: a live run needs only it, `read` is for the first load
    and for backfills).
    `lookback` is how far behind its watermark a live read starts again, because the vendor shows records late.
    `kept`: how long the vendor shows a record; a window that began longer ago may have become empty.
    `late_after`: the newest record may be this old before the source counts as stale.
    """

    source: str
    name: str
    read: Literal["window", "snapshot"] = "window"
    changes: Literal["none", "some", "all"] = "none"
    lookback: timedelta = timedelta(0)
    kept: timedelta | None = None
    late_after: timedelta = timedelta(hours=12)

    @property
    def model(self) -> type[StreamModel]:
        """The pandera model: class CamelCase(name) of `kpi_pipeline.schemas.<source>`.

        Imported when asked for: pandera takes seconds, and a list of streams must not.
        """
        module = import_module(f"kpi_pipeline.schemas.{self.source}")
        model: type[StreamModel] = getattr(module, self.name.title().replace("_", ""))
        return model


class Reading:
    """Pages of one read, streamed once; `proof` is what the connector's generator returned after the last page."""

    def __init__(self, pages: Generator[Page, None, Proof]) -> None:
        self._pages = pages
        self._proof: Proof | None = None

    def __iter__(self) -> Iterator[Page]:
        self._proof = yield from self._pages

    @property
    def proof(self) -> Proof:
        """Why the window is complete; RuntimeError as long as not every page was taken."""
        if self._proof is None:
            raise RuntimeError("the proof of a read exists only after its last page was taken")
        return self._proof


class Connector(Protocol):
    """Reads one account of one source; the caller keeps watermarks and picks windows.

    What it holds between reads spares requests and changes no record.
    """

    source: str
    api_version: str
    streams: tuple[Stream, ...]

    def read(self, stream: Stream, window: Window) -> Reading:
        """All records of `window`, as pages. Backfill of a past month and a live run are the same call."""
        ...

    def changes(self, stream: Stream, since: datetime, until: datetime) -> Reading | None:
        """Records that changed or vanished since a watermark, as `Stream.changes` says.

        Stripe: the event feed and a re-read of each changed object. HubSpot: a search on last-modified, and archived
        records. UptimeRobot: incidents that were open. Linear: open issues whose change does not bump updatedAt.
        """
        ...

    def close(self) -> None:
        """Give back connections and files."""
        ...


ConnectorFactory = Callable[..., Connector]

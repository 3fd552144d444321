"""One stream of one account → landing: which window to read, and why an empty answer may be believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Literal

from kpi_pipeline.catalogue import Company
from kpi_pipeline.connectors.base import Connector, Reading, Stream
from kpi_pipeline.errors import IncompleteLoad
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.landing.page import Page, Proof, Window
from kpi_pipeline.landing.receipt import Kind, Receipt

Mode = Literal["full", "incremental"]
CHANGES = "-changes"


@dataclass(frozen=True, slots=True)
class Plan:
    """What one load of a stream asks the vendor: a window to read (or none) and changes since an instant (or none)."""

    kind: Kind
    read: Window | None
    changes_since: datetime | None


def plan(stream: Stream, span: Window, mode: Mode, watermark: datetime | None, now: datetime) -> Plan:
    """How to bring `span` (whole months) up to date.

    A snapshot is always live. A span that is over is a backfill: it reads exactly its window and leaves the watermark
    alone. A span that includes now is live: "incremental" starts at the watermark less the stream's lookback; "full"
    reads the span, and starts earlier when the watermark lies before it, or the time between would be skipped.
    """
    if stream.read == "snapshot":
        return Plan("live", Window(now, now), None)
    if span.end <= now:
        return Plan("backfill", span, None)
    if watermark is None:
        return Plan("live", Window(min(span.start, now), now), None)
    known = min(watermark - stream.lookback, now)
    since = known if stream.changes != "none" else None
    if mode == "incremental":
        return Plan("live", None if stream.changes == "all" else Window(known, now), since)
    return Plan("live", Window(min(known, span.start), now), since)


def load_stream(
    workspace: Workspace,
    company: Company,
    connector: Connector,
    stream: Stream,
    span: Window,
    *,
    mode: Mode,
    run_id: str,
    progress: Callable[[int], None],
) -> list[Receipt]:
    """Receipts of everything read for `span`: the window itself, then what changed since the last load.

    A snapshot is read as of now whatever the span: a vendor shows only its present state. Raises what the connector or
    landing raise, and IncompleteLoad when a stream that had records is empty; then landing is as it was.
    """
    landing, now = workspace.landing, workspace.now
    watermark = landing.watermark(company.id, stream.source, stream.name)
    intent = plan(stream, span, mode, watermark, now)
    changed = None if intent.changes_since is None else connector.changes(stream, intent.changes_since, now)
    receipts: list[Receipt] = []
    held: list[datetime] = []

    def hold(proof: Proof) -> Proof:
        """Keeps back how far the read came until the changes are in: their failure must not make us skip them."""
        held.extend([] if proof.watermark is None else [proof.watermark])
        return replace(proof, watermark=None)

    def release(proof: Proof) -> Proof:
        marks = held if proof.watermark is None else [*held, proof.watermark]
        return replace(proof, watermark=max(marks, default=None))

    load = partial(_land, workspace, company, connector, stream, progress=progress)
    if intent.read is not None:
        reading = connector.read(stream, intent.read)
        guard = _expects_records(workspace, company, stream, intent.read)
        settle = _as_is if changed is None else hold
        receipts.append(load(intent.read, intent.kind, reading, run_id, expects_records=guard, settle=settle))
    if changed is not None and intent.changes_since is not None:
        window = Window(intent.changes_since, now)
        changes_id = f"{run_id}{CHANGES}"
        receipts.append(load(window, "live", changed, changes_id, expects_records=False, settle=release))
    return receipts


def _as_is(proof: Proof) -> Proof:
    return proof


def _land(
    workspace: Workspace,
    company: Company,
    connector: Connector,
    stream: Stream,
    window: Window,
    kind: Kind,
    reading: Reading,
    run_id: str,
    *,
    expects_records: bool,
    settle: Callable[[Proof], Proof],
    progress: Callable[[int], None],
) -> Receipt:
    received = 0

    def counted() -> Iterator[Page]:
        nonlocal received
        for page in reading:
            received += page.count
            progress(page.count)
            yield page

    def proof() -> Proof:
        # Asked after the last page and before the commit: an empty snapshot must not mark every record as deleted.
        if expects_records and received == 0:
            raise IncompleteLoad(
                f"{stream.source}: loading {stream.name} of {window.start:%Y-%m-%d} to {window.end:%Y-%m-%d}",
                "the source sent no records where earlier loads had some; nothing was written",
                remedy="Check the key's permissions and the account; if it is truly empty, remove the source",
            )
        return settle(reading.proof)

    return workspace.landing.load(
        company.id,
        stream.model,
        counted(),
        run_id=run_id,
        window=window,
        proof=proof,
        kind=kind,
        api_version=connector.api_version,
        month_zone=company.tz,
        now=workspace.now,
        salt=workspace.settings.hash_salt.reveal(),
        snapshot=stream.read == "snapshot",
    )


def _expects_records(workspace: Workspace, company: Company, stream: Stream, window: Window) -> bool:
    """Whether an earlier load of this very time had records: of a snapshot the last one, of a window one inside it.

    What a read of changes brought says nothing about a window: a record of last year may have changed in it.
    """
    if stream.kept is not None and window.start < workspace.now - stream.kept:
        return False
    earlier = [
        receipt
        for receipt in workspace.landing.receipts(company.id, stream.source, stream.name)
        if not receipt.run_id.endswith(CHANGES)
    ]
    if stream.read == "snapshot":
        return bool(earlier) and earlier[-1].received > 0
    return any(
        receipt.received > 0 and window.start <= receipt.window.start and receipt.window.end <= window.end
        for receipt in earlier
    )

"""The streams of a company as one run sees them: read from landing once, and noted in history for the receipts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.facts import sources
from kpi_pipeline.history import inputs
from kpi_pipeline.history.chain import sha256
from kpi_pipeline.history.inputs import FactState, Load, StreamId, StreamState
from kpi_pipeline.landing.coverage import Coverage
from kpi_pipeline.landing.receipt import Receipt, snapshot_hash
from kpi_pipeline.metrics.uses import facts_of

if TYPE_CHECKING:
    from kpi_pipeline.flow.workspace import Workspace
    from kpi_pipeline.metrics.engine import IsUnread

COMPUTES = ("catalogue", "facts", "flow", "landing", "metrics", "schemas")


class Inputs:
    """What the KPIs of one company are computed from in one run.

    A stream is read when it is first asked for and stays as it was then: loads that other runs commit meanwhile belong
    to the next run, and all KPIs of this one tell of the same records. `until`: only loads of up to that moment.
    """

    def __init__(self, workspace: Workspace, company: Company, until: datetime | None = None) -> None:
        self._until = until
        self._workspace, self._company, self._settings = workspace, company, settings(company)
        self._receipts: dict[StreamId, tuple[Receipt, ...]] = {}
        self._coverage: dict[StreamId, Coverage] = {}
        self._noted: set[tuple[str, StreamId]] = set()
        self._software_noted: set[str] = set()

    def receipts(self, stream: StreamId) -> tuple[Receipt, ...]:
        if stream not in self._receipts:
            found = self._workspace.landing.receipts(self._company.id, *stream)
            self._receipts[stream] = tuple(
                each for each in found if self._until is None or each.observed_at <= self._until
            )
        return self._receipts[stream]

    def watermark(self, stream: StreamId) -> datetime | None:
        """Up to when live loads have proved a stream complete."""
        marks = [each.watermark for each in self.receipts(stream) if each.kind == "live" and each.watermark]
        return max(marks, default=None)

    def unread(self, kpi: Kpi) -> IsUnread:
        """Whether a stream that a KPI is computed from was never asked for a span of time, but for a later one."""
        streams = sources(facts_of(kpi, self._company), self._company.sources)
        found = [self._covered(stream) for stream in streams]
        return lambda start, end: any(each.is_unread(start, end) for each in found)

    def _covered(self, stream: StreamId) -> Coverage:
        if stream not in self._coverage:
            self._coverage[stream] = Coverage(self.receipts(stream))
        return self._coverage[stream]

    def hash(self, streams: Iterable[StreamId]) -> str:
        """What a number computed from these streams was computed from."""
        return snapshot_hash(self._company.id, [receipt for stream in streams for receipt in self.receipts(stream)])

    def note(self, streams: Iterable[StreamId], run_id: str) -> None:
        """Keep in history which loads of these streams this run computes from, and with which software; once a run."""
        history, now = self._workspace.history, self._workspace.now
        if run_id not in self._software_noted:
            by = {"kpi_pipeline": {"fingerprint": software(), "settings": self._settings}}
            inputs.save_inputs(history, self._company.id, run_id, inputs.SOFTWARE, by, now)
            self._software_noted.add(run_id)
        fresh = [stream for stream in streams if (run_id, stream) not in self._noted]
        if not fresh:
            return
        # A load that wrote nothing changes no number; keeping it would cost a row a stream and run for nothing.
        loads = [
            _load(receipt)
            for stream in fresh
            for receipt in self.receipts(stream)
            if receipt.written or receipt.quarantined
        ]
        inputs.save_loads(history, self._company.id, loads, now)
        seen = inputs.loads_of(history, self._company.id, fresh)
        states = {f"{source}/{name}": self._state((source, name), seen[source, name]) for source, name in fresh}
        inputs.save_inputs(history, self._company.id, run_id, inputs.STREAM, states, now)
        self._noted.update((run_id, stream) for stream in fresh)

    def note_fact(self, name: str, state: FactState, run_id: str) -> None:
        """Keep in history what the check of a fact found in this run."""
        now = self._workspace.now
        inputs.save_inputs(self._workspace.history, self._company.id, run_id, inputs.FACT, {name: state}, now)

    def _state(self, stream: StreamId, known: list[Load]) -> StreamState:
        found = self.receipts(stream)
        mine = {receipt.run_id for receipt in found}
        return StreamState(
            last_load=max((load.id for load in known if load.run_id in mine), default=0),
            loads=len(found),
            records=sum(receipt.written for receipt in found),
            quarantined=sum(sum(receipt.quarantined.values()) for receipt in found),
            watermark=self.watermark(stream),
            newest=max((receipt.newest for receipt in found if receipt.newest is not None), default=None),
        )


def _load(receipt: Receipt) -> Load:
    return Load(
        source=receipt.source,
        stream=receipt.stream,
        run_id=receipt.run_id,
        kind=receipt.kind,
        received=receipt.received,
        written=receipt.written,
        quarantined=sum(receipt.quarantined.values()),
        watermark=receipt.watermark,
        observed_at=receipt.observed_at,
        newest=receipt.newest,
        proof=receipt.proof,
    )


def settings(company: Company) -> str:
    """Fingerprint of what a company declares beside its KPIs that numbers depend on: zone, calendars, words of sources.

    Names, owners, addresses and how late data may be are not part of it.
    """
    said = company.model_dump(
        mode="json", include={"zone": True, "currency": True, "fiscal_year_starts": True, "calendars": True}
    )
    words = {name: source.settings for name, source in company.sources.items()}
    return sha256(json.dumps({**said, "sources": words}, sort_keys=True, default=str).encode())[:16]


@cache
def software() -> str:
    """Fingerprint of the code that computes numbers, which tells a changed program from changed records."""
    package = Path(__file__).parents[1]
    files = sorted(path for room in COMPUTES for path in (package / room).rglob("*.py"))
    content = [f"{path.relative_to(package).as_posix()} {sha256(path.read_bytes())}" for path in files]
    return sha256("\n".join(content).encode())[:16]

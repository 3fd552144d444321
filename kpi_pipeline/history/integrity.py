"""Whether the history of a company is still as it was written: every row, every interval, the chain of batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import select

from kpi_pipeline.history.chain import START
from kpi_pipeline.history.database import answering
from kpi_pipeline.history.evidence import batch
from kpi_pipeline.history.ledger import batch_digest, batch_hash, row_digest
from kpi_pipeline.history.store import HistoryStore, recorded
from kpi_pipeline.history.tables import observation

CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in history that is not as it should be.

    `kind`: changed_row, overlap, gap, missing_rows, added_rows, changed_batch, missing_batch, broken_chain; and of what
    is computed again: another_value, inputs_changed, definition_changed, not_computed.
    """

    kind: str
    message: str
    kpi: str | None = None
    day: date | None = None
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Integrity:
    """What was looked at, and what was found. `unproved`: rows that were written before rows had digests."""

    rows: int
    unproved: int
    batches: int
    differences: tuple[Difference, ...]


def check(store: HistoryStore, company: str) -> Integrity:
    """Read every row of a company and compare it with what was noted when it was written. Raises StoreUnavailable."""
    digests: dict[int, list[str]] = defaultdict(list)
    found: list[Difference] = []
    rows = unproved = 0
    with answering(store.engine, f"checking the history of {company}"), store.engine.connect() as connection:
        batches = connection.execute(select(batch).where(batch.c.company == company).order_by(batch.c.number)).all()
        proved_since = batches[0].recorded_at if batches else None
        query = (
            select(observation)
            .where(observation.c.company == company)
            .order_by(*(observation.c[name] for name in ("kpi", "segment", "day", "recorded_at", "id")))
        )
        stream = connection.execution_options(yield_per=CHUNK).execute(query)
        for _, group in groupby(stream, key=lambda row: (row.kpi, row.segment, row.day)):
            revisions = list(group)
            rows += len(revisions)
            found += _intervals(revisions)
            for row in revisions:
                if row.batch is None:
                    unproved += 1
                    if proved_since is not None and row.recorded_at >= proved_since:
                        message = f"the row recorded at {_at(row)} by run {row.run_id} was not written by this program"
                        found.append(Difference("added_rows", message, row.kpi, row.day, row.segment))
                    continue
                digests[row.batch].append(row.digest)
                if row_digest(recorded(row)) != row.digest:
                    message = f"the row recorded at {_at(row)} by run {row.run_id} is not as it was written"
                    found.append(Difference("changed_row", message, row.kpi, row.day, row.segment))
    found += _batches(batches, digests)
    return Integrity(rows, unproved, len(batches), tuple(found))


def _intervals(revisions: Sequence[Any]) -> Iterator[Difference]:
    """A day's values follow each other without gap or overlap, and exactly the last one is current."""
    for row, following in zip(revisions, [*revisions[1:], None], strict=True):
        until = None if following is None else following.recorded_at
        if row.superseded_at == until:
            continue
        overlaps = row.superseded_at is None or (until is not None and row.superseded_at > until)
        ended = "is still current" if row.superseded_at is None else f"ends at {row.superseded_at.isoformat()}"
        begins = "there is no later one" if until is None else f"the next one begins at {until.isoformat()}"
        message = f"the value recorded at {_at(row)} {ended}, but {begins}"
        yield Difference("overlap" if overlaps else "gap", message, row.kpi, row.day, row.segment)


def _batches(batches: Iterable[Any], digests: dict[int, list[str]]) -> Iterator[Difference]:
    previous, number = START, 0
    for row in batches:
        for missing in range(number + 1, row.number):
            yield Difference("missing_batch", f"batch {missing} is gone from the chain")
        label = f"batch {row.number} (run {row.run_id}, {row.recorded_at.isoformat()})"
        content = {name: getattr(row, name) for name in ("company", "number", "run_id", "rows", "digest")}
        if batch_hash(row.previous, content) != row.hash:
            yield Difference("changed_batch", f"{label} is not as it was written")
        elif row.number == number + 1 and row.previous != previous:
            yield Difference("broken_chain", f"{label} does not follow from the one before")
        mine = digests.pop(row.number, [])
        if len(mine) != row.rows:
            kind, there = ("missing_rows", "are left") if len(mine) < row.rows else ("added_rows", "are there")
            yield Difference(kind, f"{label} wrote {row.rows} rows, {len(mine)} {there}")
        elif batch_digest(mine) != row.digest:
            yield Difference("changed_batch", f"the rows of {label} are not those it wrote")
        previous, number = row.hash, row.number
    for left in sorted(digests):
        yield Difference(
            "missing_batch", f"batch {left} is gone from the chain, its {len(digests[left])} rows are there"
        )


def _at(row: Any) -> str:
    return str(row.recorded_at.isoformat())

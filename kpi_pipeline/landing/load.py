"""One load: pages → typed rows → judged rows → new versions → files → receipt, which is the commit."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from kpi_pipeline.errors import ContractError, IncompleteLoad, StoreUnavailable, UsageError
from kpi_pipeline.landing import engine
from kpi_pipeline.landing.batch import Batch, Typing, batches
from kpi_pipeline.landing.ledger import Ledger, State
from kpi_pipeline.landing.merge import Counts, Merge, Stamp
from kpi_pipeline.landing.page import Page, Proof, Window
from kpi_pipeline.landing.receipt import Drift, Kind, LandedFile, Receipt
from kpi_pipeline.landing.store import Store
from kpi_pipeline.schemas.base import StreamModel, cursor_column, dtypes, origins, stream_key

JUDGED_TOGETHER = 10_000  # rows


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be loaded, by whom, when, and how strictly."""

    company: str
    model: type[StreamModel]
    run_id: str
    window: Window
    kind: Kind
    api_version: str
    month_zone: ZoneInfo
    now: datetime
    salt: str
    max_quarantine_share: float
    snapshot: bool

    @property
    def doing(self) -> str:
        source, stream = stream_key(self.model)
        return f"landing {self.company}/{source}/{stream} of run {self.run_id}"

    @property
    def stamp(self) -> Stamp:
        return Stamp(
            observed_at=self.now,
            run_id=self.run_id,
            api_version=self.api_version,
            zone=str(self.month_zone),
            observed_month=self.now.astimezone(self.month_zone).strftime("%Y-%m"),
        )


@dataclass(slots=True)
class Staged:
    """What has been read of the pages so far; the rows themselves are in Parquet files in `folder`."""

    folder: Path
    cursor: str | None
    held: list[pl.DataFrame] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    quarantined: list[pl.DataFrame] = field(default_factory=list)
    received: int = 0
    rows: int = 0
    pages: int = 0
    page_bytes: int = 0
    fields: set[str] = field(default_factory=set)
    newest: datetime | None = None

    def add(self, batch: Batch, pages: list[tuple[int, Page]]) -> None:
        self.held.append(batch.rows)
        self.received += batch.received
        self.pages += len(pages)
        self.page_bytes += sum(len(page.body) for _, page in pages)
        self.fields |= batch.fields

    def settle(self, typing: Typing, *, at_least: int) -> None:
        """Judge the rows held back, if there are enough: rules cost the same for ten thousand rows as for a hundred."""
        if sum(rows.height for rows in self.held) < at_least:
            return
        judged = typing.judge(pl.concat(self.held))
        self.held.clear()
        file = self.folder / f"staged-{len(self.files):06d}.parquet"
        judged.good.write_parquet(file, compression="lz4", statistics=False)
        self.files.append(file)
        if judged.bad.height:
            self.quarantined.append(judged.bad)
        self.rows += judged.good.height + judged.bad.height
        newest = judged.newest(self.cursor)
        if newest is not None:
            self.newest = newest if self.newest is None else max(self.newest, newest)

    @property
    def bad(self) -> pl.DataFrame | None:
        return pl.concat(self.quarantined) if self.quarantined else None


def load(store: Store, order: Order, pages: Iterable[Page], proof: Callable[[], Proof]) -> Receipt:
    """Carry out an order; see Landing.load."""
    ledger = Ledger(store, order.company, *stream_key(order.model))
    ledger.path_of(order.run_id)
    before = ledger.state()
    done = before.of(order.run_id)
    if done:
        return _same(done, order)
    with _staging_folder(order) as folder, engine.connect(store) as connection:
        staged = _stage(connection, order, pages, folder)
        proved = proof()
        quarantine = _quarantine(store, order, staged, folder, ledger.folder)
        with _staging(order):
            merge = Merge(
                connection,
                order.model,
                staged=staged.files,
                landed=[store.url(file.path) for file in before.files],
                stamp=order.stamp,
            )
            counts = merge.decide(snapshot=_proves_absence(order, staged, proved), listed=_listed(staged))
            _require_complete(order, staged, counts, proved)
            written = merge.write(folder)
        files = tuple(_publish(store, order, ledger.folder, *each) for each in written)
    return ledger.commit(_receipt(order, staged, counts, proved, files, before, quarantine))


def _stage(connection: duckdb.DuckDBPyConnection, order: Order, pages: Iterable[Page], folder: Path) -> Staged:
    stamp = order.stamp
    typing = Typing(
        connection,
        order.model,
        doing=order.doing,
        salt=order.salt,
        zone=stamp.zone,
        observed_month=stamp.observed_month,
    )
    staged = Staged(folder, cursor_column(order.model))

    def stage(group: list[tuple[int, Page]]) -> None:
        with _staging(order):
            staged.add(typing.read(group), group)
            staged.settle(typing, at_least=JUDGED_TOGETHER)

    with ThreadPoolExecutor(max_workers=1) as typist:  # one batch is typed while the next one is read
        typed: Future[None] | None = None
        for group in batches(pages):
            if typed:
                typed.result()
            typed = typist.submit(stage, group)
        if typed:
            typed.result()
    with _staging(order):
        staged.settle(typing, at_least=1)
    return staged


def _same(done: Receipt, order: Order) -> Receipt:
    if (done.window, done.kind) != (order.window, order.kind):
        raise UsageError(
            order.doing,
            f"this run already loaded {done.kind} {done.window.start.isoformat()} to {done.window.end.isoformat()}",
            remedy="Give every window of a run its own run id.",
        )
    return done


def _proves_absence(order: Order, staged: Staged, proved: Proof) -> bool:
    """A snapshot says that a key is gone only if the key of every record in it could be read.

    A read may turn out to be one: Stripe's feed of changes, when it no longer reaches back, is everything there is.
    """
    bad = staged.bad
    whole = order.snapshot or proved.how == "snapshot"
    return whole and (bad is None or bad["_key"].null_count() == 0)


def _listed(staged: Staged) -> list[str]:
    bad = staged.bad
    return [] if bad is None else bad["_key"].drop_nulls().to_list()


def _require_complete(order: Order, staged: Staged, counts: Counts, proved: Proof) -> None:
    """Count keys, not records: a page that came twice must not hide one that did not come."""
    bad = staged.bad
    repeated = staged.rows - counts.distinct - (bad.height if bad is not None else 0)
    came = staged.received - repeated
    if proved.expected is not None and came < proved.expected:
        raise IncompleteLoad(
            order.doing,
            f"the vendor promised {proved.expected} records, {came} different ones came ({staged.received} in all)",
            remedy="Records moved while we read. Read the window again.",
        )


def _quarantine(store: Store, order: Order, staged: Staged, folder: Path, stream: str) -> str | None:
    """Keep what did not fit, without its payload, whether or not the load goes through."""
    bad = staged.bad
    if bad is None:
        return None
    path = f"{stream}/_quarantine/{order.run_id}.parquet"
    rows = bad.select(
        key="_key",
        reason="reason",
        column="column",
        payload_hash="payload_hash",
        observed_at=pl.lit(order.now).cast(pl.Datetime("us", "UTC")),
        run_id=pl.lit(order.run_id),
    )
    with _staging(order):
        rows.write_parquet(folder / "quarantine.parquet", compression="zstd")
    store.publish(folder / "quarantine.parquet", path)
    if bad.height > order.max_quarantine_share * staged.rows:
        reasons = ", ".join(
            f"{count} × {reason} in {column}"
            for reason, column, count in bad.group_by("reason", "column")
            .len()
            .sort("len", descending=True)
            .head(5)
            .rows()
        )
        raise ContractError(
            order.doing,
            f"{bad.height} of {staged.rows} records do not fit the model ({reasons}), see {store.url(path)}",
            remedy="Compare the stream's model with what the vendor sends now; nothing was committed.",
        )
    return path


def _publish(store: Store, order: Order, stream: str, month: str, file: Path, rows: int) -> LandedFile:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    # Two attempts of one run never write the same name, so the receipt that wins names exactly the files it counted.
    path = f"{stream}/month={month}/{order.run_id}-{digest[:12]}.parquet"
    store.publish(file, path)
    return LandedFile(path=path, month=month, rows=rows, sha256=digest)


def _receipt(
    order: Order,
    staged: Staged,
    counts: Counts,
    proved: Proof,
    files: tuple[LandedFile, ...],
    before: State,
    quarantine: str | None,
) -> Receipt:
    source, stream = stream_key(order.model)
    bad = staged.bad
    return Receipt(
        company=order.company,
        source=source,
        stream=stream,
        run_id=order.run_id,
        kind=order.kind,
        window=order.window,
        expected=proved.expected,
        received=staged.rows,
        written=counts.written,
        unchanged=counts.unchanged,
        deleted=counts.deleted,
        quarantined=dict(sorted(Counter(bad["reason"].to_list()).items())) if bad is not None else {},
        duplicates=counts.duplicates,
        superseded=counts.superseded,
        pages=staged.pages,
        page_bytes=staged.page_bytes,
        watermark=proved.watermark,
        proof=proved.how,
        api_version=order.api_version,
        files=files,
        columns={name: str(dtype) for name, dtype in dtypes(order.model).items()},
        fields=tuple(sorted(staged.fields)),
        drift=_drift(order.model, staged, before),
        observed_at=order.now,
        quarantine=quarantine,
        newest=staged.newest,
    )


def _drift(model: type[StreamModel], staged: Staged, before: State) -> Drift:
    if not before.fields or not staged.fields:
        return Drift()
    read = {origin.path.partition(".")[0].partition("[")[0] for origin in origins(model).values()}
    return Drift(
        appeared=tuple(sorted(staged.fields - before.fields)),
        gone=tuple(sorted((before.fields & read) - staged.fields)),
    )


@contextmanager
def _staging_folder(order: Order) -> Iterator[Path]:
    with _staging(order):
        folder = tempfile.TemporaryDirectory(prefix="landing-", ignore_cleanup_errors=True)
    with folder as name:
        yield Path(name)


@contextmanager
def _staging(order: Order) -> Iterator[None]:
    try:
        yield
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as fault:
        raise StoreUnavailable(
            order.doing,
            f"staging failed with {type(fault).__name__}: {fault}",
            remedy="Check room and permissions of the temporary folder; nothing was committed.",
        ) from fault

"""The landing room: versions of every record ever received, in Parquet, with a receipt for each load."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fsspec.spec import AbstractFileSystem

from kpi_pipeline.landing.ledger import GRACE, Ledger, State
from kpi_pipeline.landing.page import Page, Proof, Window
from kpi_pipeline.landing.receipt import Kind, Receipt
from kpi_pipeline.landing.store import Store

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kpi_pipeline.landing.compact import Compacted
    from kpi_pipeline.schemas.base import StreamModel


class Landing:
    """Landing below a root: a folder or any fsspec URL. Several processes may load and read at once."""

    def __init__(self, root: str | Path, filesystem: AbstractFileSystem | None = None) -> None:
        self.store = Store(root, filesystem)
        self._receipts: dict[str, Receipt] = {}

    def load(
        self,
        company: str,
        model: type[StreamModel],
        pages: Iterable[Page],
        *,
        run_id: str,
        window: Window,
        proof: Callable[[], Proof],
        kind: Kind,
        api_version: str,
        month_zone: ZoneInfo,
        now: datetime,
        salt: str,
        max_quarantine_share: float = 0.01,
        snapshot: bool = False,
    ) -> Receipt:
        """Type, check and version the records of `pages`; commit what changed together with its receipt.

        `proof` is asked after the last page. The same run again returns its receipt. Raises ContractError when too many
        records do not fit the model, IncompleteLoad when fewer came than the vendor promised, StoreUnavailable when
        storage fails; then nothing is committed.
        """
        from kpi_pipeline.landing import load  # Polars, pandera and DuckDB, half a second that receipts do not need

        order = load.Order(
            company=company,
            model=model,
            run_id=run_id,
            window=window,
            kind=kind,
            api_version=api_version,
            month_zone=month_zone,
            now=now,
            salt=salt,
            max_quarantine_share=max_quarantine_share,
            snapshot=snapshot,
        )
        return load.load(self.store, order, pages, proof)

    def receipts(self, company: str, source: str, stream: str) -> tuple[Receipt, ...]:
        """Every committed load of a stream, oldest first."""
        return self._state(company, source, stream).receipts

    def files(self, company: str, source: str, stream: str) -> tuple[str, ...]:
        """Paths of the committed files of a stream; each has a piece of its content's hash in its name."""
        return tuple(file.path for file in self._state(company, source, stream).files)

    def watermark(self, company: str, source: str, stream: str) -> datetime | None:
        """How far live loads have come, None before the first."""
        return self._state(company, source, stream).watermark

    def volume(self, company: str, source: str, stream: str) -> list[tuple[datetime, int]]:
        """(observed at, records received) of every load, oldest first: what "suddenly nothing" is judged by."""
        return [(each.observed_at, each.received) for each in self.receipts(company, source, stream)]

    def latest(self, backend: Any, company: str, model: type[StreamModel]) -> ir.Table:
        """The newest version of each record that is not deleted: the model's columns and `_observed_at`."""
        from kpi_pipeline.landing import reading  # Ibis is 30 MB and half a second that a load does not need
        from kpi_pipeline.schemas.base import stream_key

        return reading.latest(self.store, self._state(company, *stream_key(model)), backend, company, model)

    def versions(self, backend: Any, company: str, model: type[StreamModel]) -> ir.Table:
        """Every version: `_key, _observed_at, _run_id, _api_version, _hash, _deleted` and the model's columns."""
        from kpi_pipeline.landing import reading
        from kpi_pipeline.schemas.base import stream_key

        return reading.versions(self.store, self._state(company, *stream_key(model)), backend, company, model)

    def compact(
        self, company: str, source: str, stream: str, *, now: datetime, at_least: int = 8, grace: timedelta = GRACE
    ) -> Compacted:
        """Merge each month that has `at_least` files into one; remove files that nobody reads since `grace`."""
        from kpi_pipeline.landing.compact import compact

        ledger = Ledger(self.store, company, source, stream)
        return compact(self.store, ledger, now=now, at_least=at_least, grace=grace)

    def _state(self, company: str, source: str, stream: str) -> State:
        return Ledger(self.store, company, source, stream, read=self._receipts).state()

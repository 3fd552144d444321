"""The receipts of one stream: what is committed, which files count, and how far live reads have come."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from kpi_pipeline.errors import UsageError
from kpi_pipeline.landing.receipt import LandedFile, Receipt
from kpi_pipeline.landing.store import Store

GRACE = timedelta(days=1)  # a reader may still hold the names of files for this long
COMPACTION = re.compile(r"_receipts/compact-(\d{6})\.json$")


@dataclass(frozen=True, slots=True)
class Compaction:
    """A rewrite of everything committed before it: the receipts it covers, the files that hold their rows now, and the
    files nobody reads any more since `at`."""

    generation: int
    at: datetime
    covers: tuple[str, ...]
    receipts: tuple[Receipt, ...]
    files: tuple[LandedFile, ...]
    retired: Mapping[str, datetime]

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))

    @classmethod
    def from_json(cls, content: bytes) -> Compaction:
        found: dict[str, Any] = orjson.loads(content)
        return cls(
            generation=found["generation"],
            at=datetime.fromisoformat(found["at"]),
            covers=tuple(found["covers"]),
            receipts=tuple(Receipt.from_mapping(each) for each in found["receipts"]),
            files=tuple(LandedFile(**each) for each in found["files"]),
            retired={path: datetime.fromisoformat(at) for path, at in found["retired"].items()},
        )


@dataclass(frozen=True, slots=True)
class State:
    """What is committed: receipts oldest first, the files that hold their rows, and the newest compaction."""

    receipts: tuple[Receipt, ...]
    files: tuple[LandedFile, ...]
    compaction: Compaction | None
    names: tuple[str, ...] = field(default=())

    @property
    def watermark(self) -> datetime | None:
        """How far live reads have come; a backfill of old months never moves it."""
        marks = [each.watermark for each in self.receipts if each.kind == "live" and each.watermark]
        return max(marks, default=None)

    @property
    def fields(self) -> frozenset[str]:
        """Every top-level field the vendor ever sent."""
        return frozenset(name for each in self.receipts for name in each.fields)

    def of(self, run_id: str) -> Receipt | None:
        return next((each for each in self.receipts if each.run_id == run_id), None)


class Ledger:
    """Receipts of `<company>/<source>/<stream>` in a store.

    `read` holds receipts by path that were read before: a receipt is written once and never changed.
    """

    def __init__(
        self, store: Store, company: str, source: str, stream: str, *, read: dict[str, Receipt] | None = None
    ) -> None:
        self.store = store
        self._read = {} if read is None else read
        self.folder = f"{company}/{source}/{stream}"

    def state(self) -> State:
        """Everything committed up to now; one listing and one read for each receipt since the last compaction."""
        names = [name for name in self.store.files(f"{self.folder}/_receipts") if name.endswith(".json")]
        newest = max((name for name in names if COMPACTION.search(name)), default=None)
        compaction = Compaction.from_json(self.store.read(newest)) if newest else None
        covered = set(compaction.covers) if compaction else set()
        fresh = sorted(name for name in names if name not in covered and not COMPACTION.search(name))
        loads = [self._receipt(name) for name in fresh]
        receipts = [*(compaction.receipts if compaction else ()), *loads]
        files = [*(compaction.files if compaction else ()), *(file for each in loads for file in each.files)]
        return State(
            receipts=tuple(sorted(receipts, key=lambda each: (each.observed_at, each.run_id))),
            files=tuple(sorted(files, key=lambda file: file.path)),
            compaction=compaction,
            names=tuple(sorted(names)),
        )

    def _receipt(self, path: str) -> Receipt:
        if path not in self._read:
            self._read[path] = Receipt.from_json(self.store.read(path))
        return self._read[path]

    def commit(self, receipt: Receipt) -> Receipt:
        """Make a load count. If the same run was committed meanwhile by a second attempt, that one stands."""
        path = self.path_of(receipt.run_id)
        if self.store.create(path, receipt.to_json()):
            return receipt
        return Receipt.from_json(self.store.read(path))

    def path_of(self, run_id: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", run_id) or run_id.startswith("compact-"):
            raise UsageError(
                f"load {self.folder}",
                f"run id {run_id!r} cannot name a file",
                remedy="Use letters, digits, dot, dash and underscore.",
            )
        return f"{self.folder}/_receipts/{run_id}.json"

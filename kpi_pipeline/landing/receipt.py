"""What a load proves about itself. A receipt is the commit: files that no receipt names do not exist."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

import orjson

from kpi_pipeline.landing.page import Window

Kind = Literal["live", "backfill"]


@dataclass(frozen=True, slots=True)
class LandedFile:
    """A Parquet file of a load: path below the landing root, month of its rows, and what is in it."""

    path: str
    month: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Drift:
    """Top-level fields of a vendor's records that appeared or went away since earlier loads of the stream."""

    appeared: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """One load of one stream: what was asked, expected, received and written.

    `received` counts records as sent, `duplicates` those sent again unchanged, `superseded` those sent again with other
    values (the last one counts). received = written + unchanged + quarantined + duplicates + superseded + tombstones
    that were sent; `deleted` counts the tombstones that were written, and is part of `written`. `newest` is the
    greatest cursor value received: how fresh the source itself is, whatever the window.
    """

    company: str
    source: str
    stream: str
    run_id: str
    kind: Kind
    window: Window
    expected: int | None
    received: int
    written: int
    unchanged: int
    deleted: int
    quarantined: Mapping[str, int]
    duplicates: int
    superseded: int
    pages: int
    page_bytes: int
    watermark: datetime | None
    proof: str
    api_version: str
    files: tuple[LandedFile, ...]
    columns: Mapping[str, str]
    fields: tuple[str, ...]
    drift: Drift
    observed_at: datetime
    quarantine: str | None = None
    newest: datetime | None = None

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2)

    @classmethod
    def from_json(cls, content: bytes) -> Receipt:
        return cls.from_mapping(orjson.loads(content))

    @classmethod
    def from_mapping(cls, found: Mapping[str, Any]) -> Receipt:
        instant = datetime.fromisoformat
        return cls(
            **{
                **found,
                "window": Window(instant(found["window"]["start"]), instant(found["window"]["end"])),
                "watermark": instant(found["watermark"]) if found["watermark"] else None,
                "observed_at": instant(found["observed_at"]),
                "newest": instant(found["newest"]) if found["newest"] else None,
                "files": tuple(LandedFile(**file) for file in found["files"]),
                "fields": tuple(found["fields"]),
                "drift": Drift(tuple(found["drift"]["appeared"]), tuple(found["drift"]["gone"])),
            }
        )


def snapshot_hash(company: str, receipts: Iterable[Receipt]) -> str:
    """What a number was computed from: changes with any load that wrote a version, not with one that found nothing new,
    nor with compaction. `receipts` are those of all its streams, each stream's oldest first."""
    by_stream = sorted(receipts, key=lambda each: (each.source, each.stream))
    wrote = [f"{each.source}/{each.stream}/{each.run_id}" for each in by_stream if each.written]
    return hashlib.sha256("\n".join([company, *wrote]).encode()).hexdigest()

"""What a connector hands to landing: page bytes as received, and afterwards the proof that nothing is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span [start, end) of a stream's cursor, aware UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a window needs aware instants")
        if self.start > self.end:
            raise ValueError(f"window ends before it starts: {self.start} > {self.end}")


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a vendor, kept as bytes.

    `rows` is the dotted path to the array of records in the body ("" when the body is the array); an object found there
    is one record. "data[].items.data" goes through an array: each record of `data` holds rows of its own, which reach
    their holder's fields by "^.id". `count` is how many records are in the (outer) array.
    `constants` are values every record of the page gets (columns with a path "@name").
    `deleted` marks a page whose records are known to be gone: they become tombstones; only their key has to be there.
    `format` "arrow": the body is an Arrow IPC stream, for sources that have columns instead of records (databases). Its
    columns are named by the paths of the model; those that have the model's types already are not parsed again.
    """

    body: bytes
    rows: str
    count: int
    constants: Mapping[str, str] = field(default_factory=dict)
    deleted: bool = False
    format: Literal["json", "arrow"] = "json"


@dataclass(frozen=True, slots=True)
class Proof:
    """Why a window is complete. `expected` is the vendor's own count where it gives one.

    how: "total" the vendor's total equals what came; "exhausted" the last page said there is no more;
    "snapshot" one answer holds everything; "feed" all changes up to the watermark were fetched.
    """

    how: Literal["total", "exhausted", "snapshot", "feed"]
    expected: int | None
    watermark: datetime | None

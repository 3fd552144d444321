"""One list of objects: its rows in order of creation, how to show one, what it may be filtered by."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kpi_pipeline.sandbox.vendors.stripe.books import Books, epoch

Value = Any  # a parameter as parsed: text, a list of texts, or {sub-parameter: text}
Filter = Callable[[Any, Value, datetime], bool]


def _never(_row: Any, _now: datetime) -> bool:
    return False


@dataclass(slots=True)
class Shelf:
    """One kind of object. `since(now)` is the oldest instant that it keeps (events: 30 days)."""

    name: str
    object: str
    books: Books
    rows: Sequence[Any]
    created_at: Callable[[Any], datetime]
    render: Callable[[Books, Any, datetime], dict[str, Any]]
    id_of: Callable[[Any], str] = lambda row: str(row.id)
    filters: Mapping[str, Filter] = field(default_factory=dict)
    spans: Mapping[str, Callable[[Any, datetime], int | None]] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    deleted: Callable[[Any, datetime], bool] = _never
    by_default: Mapping[str, Callable[[Any, datetime], bool]] = field(default_factory=dict)
    since: Callable[[datetime], int] = lambda _: 0
    created: list[int] = field(init=False)
    position: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.rows = sorted(self.rows, key=self.created_at)
        self.created = [epoch(self.created_at(row)) for row in self.rows]
        self.position = {self.id_of(row): at for at, row in enumerate(self.rows)}

    def find(self, object_id: str, now: datetime) -> Any | None:
        """The row of an id, deleted ones included; None when it does not exist by now."""
        at = self.position.get(object_id)
        if at is None or self.created_at(self.rows[at]) > now or self.created[at] < self.since(now):
            return None
        return self.rows[at]

    def show(self, row: Any, now: datetime) -> dict[str, Any]:
        return self.render(self.books, row, now)

    def known(self, now: datetime) -> int:
        """How many rows exist by now."""
        end = bisect_right(self.created, epoch(now))
        while end and self.created_at(self.rows[end - 1]) > now:
            end -= 1
        return end

"""HubSpot's search: at most 10,000 results a query, never archived records, and an index that lags behind.

What was changed in the last few moments is not found yet: the index sees the account as it was `LAG` ago.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from kpi_pipeline.sandbox.vendors.hubspot.errors import invalid
from kpi_pipeline.sandbox.vendors.hubspot.filters import Filter, comparable, parse
from kpi_pipeline.sandbox.vendors.hubspot.kinds import Kind
from kpi_pipeline.sandbox.vendors.hubspot.text import milliseconds

LAG = timedelta(seconds=10)
MAX_LIMIT, DEFAULT_LIMIT, MAX_RESULTS = 200, 10, 10_000
ANSWERS_KEPT = 8


class Index:
    """The searchable state of one kind of object; rebuilt when an instant at which something changes has passed."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._changes = kind.changes()
        self._version = -1
        self._modified: list[tuple[int, int]] = []
        self._created: list[tuple[int, int]] = []
        self._listed: list[int] = []
        self._answers: OrderedDict[bytes, list[int]] = OrderedDict()

    def search(self, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """One page of results with the total. Refuses what HubSpot refuses."""
        at = now - LAG
        limit, offset = _paging(body)
        groups = parse(self.kind, body.get("filterGroups") or ())
        sorts = list(body.get("sorts") or ())
        if len(sorts) > 1:
            raise invalid("There may be at most one sort.")
        if body.get("query"):
            raise invalid("The sandbox searches by filters only, not by query.")
        self._refresh(at)
        places = self._ordered(body, groups, sorts, at)
        readers = self.kind.readers(body.get("properties") or ())
        found = places[offset : offset + limit]
        answer: dict[str, Any] = {
            "total": len(places),
            "results": [self.kind.show(self.kind.rows[place], at, readers) for place in found],
        }
        if offset + limit < len(places):
            answer["paging"] = {"next": {"after": str(offset + limit)}}
        return answer

    def _refresh(self, at: datetime) -> None:
        version = bisect_right(self._changes, milliseconds(at))
        if version == self._version:
            return
        self._version = version
        self._answers.clear()
        kind = self.kind
        self._listed = [place for place, row in enumerate(kind.rows) if kind.listed(row, at)]
        self._modified = sorted((milliseconds(kind.modified_at(kind.rows[p], at)), p) for p in self._listed)
        self._created = sorted((milliseconds(kind.created_at(kind.rows[p])), p) for p in self._listed)

    def _ordered(
        self, body: Mapping[str, Any], groups: list[list[Filter]], sorts: list[Any], at: datetime
    ) -> list[int]:
        """Places of all rows that pass, in the wanted order; the last answers are kept for the next page."""
        key = orjson.dumps([body.get("filterGroups") or [], sorts])
        if key not in self._answers:
            found: Iterable[int] = self._listed
            if groups:
                found = set().union(*(self._passing(group, at) for group in groups))
            self._answers[key] = self._sorted(found, sorts, at)
            if len(self._answers) > ANSWERS_KEPT:
                self._answers.popitem(last=False)
        return self._answers[key]

    def _passing(self, group: Sequence[Filter], at: datetime) -> set[int]:
        """Rows that pass every filter: ranges of indexed properties from the index, the rest tested row by row."""
        ranges: dict[str, Callable[[float, float], list[int]]] = {
            "hs_object_id": self._by_id,
            self.kind.modified_property: lambda low, high: _slice(self._modified, low, high),
            self.kind.created_property: lambda low, high: _slice(self._created, low, high),
        }
        slices: list[list[int]] = []
        tests = []
        for each in group:
            bounds = each.bounds() if each.name in ranges else None
            if bounds is None:
                tests.append(each)
            else:
                slices.append(ranges[each.name](*bounds))
        slices.sort(key=len)
        places = set(slices[0] if slices else self._listed).intersection(*slices[1:])
        rows = self.kind.rows
        return {place for place in places if all(test.test(rows[place], at) for test in tests)}

    def _by_id(self, low: float, high: float) -> list[int]:
        first, last = bisect_left(self.kind.ids, low), bisect_right(self.kind.ids, high)
        return self._listed[bisect_left(self._listed, first) : bisect_left(self._listed, last)]

    def _sorted(self, places: Iterable[int], sorts: list[Any], at: datetime) -> list[int]:
        """By the one sort that is given, without one by creation; records without a value come last."""
        sort = sorts[0] if sorts else {"propertyName": self.kind.created_property}
        name = sort if isinstance(sort, str) else str(sort.get("propertyName"))
        known = self.kind.property(name)
        if known is None:
            raise invalid(f"There is no property {name!r} on {self.kind.name}.")
        down = not isinstance(sort, str) and sort.get("direction") == "DESCENDING"
        if name == "hs_object_id":
            return sorted(places, reverse=down)
        valued, bare = [], []
        for place in sorted(places):
            raw = known.read(self.kind.rows[place], at)
            if raw in (None, ""):
                bare.append(place)
            else:
                valued.append((comparable(known.type, str(raw)), place))
        return [place for _, place in sorted(valued, reverse=down)] + bare


def _slice(pairs: list[tuple[int, int]], low: float, high: float) -> list[int]:
    first = bisect_left(pairs, low, key=lambda pair: pair[0])
    last = bisect_right(pairs, high, key=lambda pair: pair[0])
    return [place for _, place in pairs[first:last]]


def _paging(body: Mapping[str, Any]) -> tuple[int, int]:
    limit = body.get("limit", DEFAULT_LIMIT)
    if not isinstance(limit, int) or not 1 <= limit <= MAX_LIMIT:
        raise invalid(f"limit must be a whole number from 1 to {MAX_LIMIT}, but was {limit!r}.")
    after = str(body.get("after") or 0)
    if not after.isdigit():
        raise invalid(f"after must be a whole number as text, but was {after!r}.")
    if int(after) + limit > MAX_RESULTS:
        raise invalid(f"A search may reach at most {MAX_RESULTS} results; after {after} with limit {limit} is beyond.")
    return limit, int(after)

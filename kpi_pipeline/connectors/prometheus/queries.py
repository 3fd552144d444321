"""The queries a company's settings name, and the grid of instants at which each is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, get_args

from kpi_pipeline.clock import epoch_ms
from kpi_pipeline.errors import SettingsError
from kpi_pipeline.landing.page import Window

HOUR_MS = 3_600_000
MAX_POINTS = 11_000  # per series; Prometheus refuses a range query that has more
_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
_FIELDS = {"name", "query", "kind", "step"}
_OPTIONAL = {"may_be_absent"}

Kind = Literal["gauge", "counter", "histogram"]


@dataclass(frozen=True, slots=True)
class Query:
    """One named PromQL query, asked at every full `step_ms` since 1970-01-01 UTC.

    The grid never depends on the window, so two reads of an hour ask the same instants. `may_be_absent`: no series is
    no fault, as with a counter of errors that is born with the first error.
    """

    name: str
    query: str
    kind: Kind
    step_ms: int
    may_be_absent: bool = False

    @property
    def points(self) -> int:
        """Instants a request may ask. A histogram has a series per bucket, so its answers are kept shorter."""
        return MAX_POINTS // 10 if self.kind == "histogram" else MAX_POINTS

    def spans(self, window: Window) -> Iterator[tuple[int, int]]:
        """(first, last) instant in epoch ms of each request: all grid points of [start, end), each in exactly one."""
        step = self.step_ms
        first = -(-epoch_ms(window.start) // step) * step
        last = (epoch_ms(window.end) - 1) // step * step  # a point on the end belongs to the next window
        while first <= last:
            upto = min(last, first + (self.points - 1) * step)
            yield first, upto
            first = upto + step


def queries(settings: Mapping[str, Any]) -> tuple[Query, ...]:
    """The queries of a source's settings. Raises SettingsError naming everything that is wrong with them."""
    listed = settings.get("queries")
    if not isinstance(listed, Sequence) or not listed:
        raise _wrong("there is no list `queries`")
    found, faults = [], []
    for number, entry in enumerate(listed, start=1):
        try:
            found.append(_query(entry))
        except ValueError as error:
            faults.append(f"query {number}: {error}")
    names = [query.name for query in found]
    faults += [f"the name {name} is there twice" for name in sorted({n for n in names if names.count(n) > 1})]
    if faults:
        raise _wrong("; ".join(faults))
    return tuple(found)


def _query(entry: Mapping[str, Any]) -> Query:
    if not _FIELDS <= set(entry) <= _FIELDS | _OPTIONAL:
        raise ValueError(f"it has {', '.join(sorted(entry)) or 'nothing'}, needed are {', '.join(sorted(_FIELDS))}")
    kind = entry["kind"]
    if kind not in get_args(Kind):
        raise ValueError(f"the kind {kind!r} is none of {', '.join(get_args(Kind))}")
    step = _step(entry["step"])
    if kind != "gauge" and HOUR_MS % step:
        raise ValueError(f"the step {entry['step']!r} does not divide the hour that a {kind} is counted over")
    absent = entry.get("may_be_absent", False)
    if not isinstance(absent, bool):
        raise ValueError(f"may_be_absent is {absent!r}, neither true nor false")
    return Query(str(entry["name"]), str(entry["query"]), kind, step, absent)


def _step(step: object) -> int:
    if isinstance(step, timedelta):
        milliseconds = step // timedelta(milliseconds=1)
    else:
        matched = re.fullmatch(r"(\d+) (second|minute|hour|day)s?", str(step))
        if not matched:
            raise ValueError(f"the step {step!r} is not like '15 minutes'")
        milliseconds = int(matched[1]) * _SECONDS[matched[2]] * 1000
    if milliseconds <= 0:
        raise ValueError("the step is not positive")
    return milliseconds


def _wrong(what: str) -> SettingsError:
    example = "{name: queue_backlog, query: queue_backlog, kind: gauge, step: 15 minutes}"
    return SettingsError(
        "prometheus: reading the queries of the company's settings", what, remedy=f"Write each query as {example}."
    )

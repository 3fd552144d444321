"""A matrix of Prometheus as flat rows, with nothing guessed about values that are no numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kpi_pipeline.connectors.prometheus.queries import Query
from kpi_pipeline.errors import ContractError

INFINITE_BOUND = 1e308  # stands for le="+Inf": JSON has no infinity and not every engine compares one
Row = dict[str, Any]


def rows(result: Sequence[Mapping[str, Any]], query: Query, first: int, last: int) -> Iterator[Row]:
    """One row per series and instant: series, at (epoch ms), value, and `le` for a histogram.

    A gauge's NaN becomes null: it was asked and there is no number.
    Raises ContractError for what cannot be read without guessing: infinite gauges, counters that are not numbers,
    buckets without `le`, native histograms, instants off the grid, and two series with the same labels.
    """
    seen: set[tuple[str, float | None]] = set()
    for item in result:
        if not isinstance(item.get("metric"), Mapping):
            raise _unread(query, "", "has no labels")
        labels = dict(item["metric"])
        bound = _bound(labels, query) if query.kind == "histogram" else None
        series = ",".join(f'{name}="{value}"' for name, value in sorted(labels.items()) if name != "__name__")
        if "values" not in item:
            raise _unread(query, series, "is a native histogram; query its classic _bucket series")
        if (series, bound) in seen:
            raise _unread(query, series, "came twice; add the label that tells them apart to the query")
        seen.add((series, bound))
        for instant, text in item["values"]:
            at = int(Decimal(str(instant)) * 1000)
            if not first <= at <= last or (at - first) % query.step_ms:
                raise _unread(query, series, f"has a value at {instant}, which was not asked for")
            row = {"series": series, "at": at, "value": _value(text, query, series, at)}
            yield row if bound is None else {**row, "le": bound}


def _bound(labels: dict[str, str], query: Query) -> float:
    text = labels.pop("le", None)
    if text is None:
        raise _unread(query, str(labels), "has no label le: it is no histogram bucket")
    return INFINITE_BOUND if text == "+Inf" else float(text)  # "5" and "5.0" are the same bucket in Prometheus 2 and 3


def _value(text: str, query: Query, series: str, at: int) -> float | None:
    try:
        value = float(text)
    except (TypeError, ValueError):
        raise _unread(query, series, f"has {text!r} at {at} ms, which is no number") from None
    if math.isfinite(value):
        return value
    if math.isnan(value) and query.kind == "gauge":
        return None
    raise _unread(query, series, f"is {text} at {at} ms")


def _unread(query: Query, series: str, what: str) -> ContractError:
    return ContractError(
        f"prometheus: reading the samples of {query.name}",
        f"the series {{{series}}} {what}",
        remedy="Correct the query in company.yaml, or the exporter.",
    )

"""A matrix of Prometheus as series with their samples, with nothing guessed about values that are no numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kpi_pipeline.connectors.prometheus.queries import Query
from kpi_pipeline.errors import ContractError

INFINITE_BOUND = 1e308  # stands for le="+Inf": JSON has no infinity and not every engine compares one


def series(result: Sequence[Mapping[str, Any]], query: Query, first: int, last: int) -> list[dict[str, Any]]:
    """One record per series: `series` (its labels), `le` for a histogram, and `samples` as [epoch ms, value] pairs.

    Pairs, not objects, because a histogram has half a million of them a year. A gauge's NaN becomes null: it was asked
    and there is no number.
    Raises ContractError for what cannot be read without guessing: infinite gauges, counters that are not numbers,
    buckets without `le`, native histograms, instants off the grid, and two series with the same labels.
    """
    found: list[dict[str, Any]] = []
    seen: set[tuple[str, float | None]] = set()
    for item in result:
        if not isinstance(item.get("metric"), Mapping):
            raise _unread(query, "", "has no labels")
        labels = dict(item["metric"])
        bound = _bound(labels, query) if query.kind == "histogram" else None
        name = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()) if label != "__name__")
        if not isinstance(item.get("values"), list):
            raise _unread(query, name, "has no values; of a native histogram, query its classic _bucket series")
        if (name, bound) in seen:
            raise _unread(query, name, "came twice; add the label that tells them apart to the query")
        seen.add((name, bound))
        samples = _samples(item["values"], query, name, first, last)
        found.append({"series": name, "samples": samples} | ({} if bound is None else {"le": bound}))
    return found


def _bound(labels: dict[str, str], query: Query) -> float:
    text = labels.pop("le", None)
    if text is None:
        raise _unread(query, str(labels), "has no label le: it is no histogram bucket")
    return INFINITE_BOUND if text == "+Inf" else float(text)  # "5" and "5.0" are the same bucket in Prometheus 2 and 3


def _samples(values: list[Any], query: Query, name: str, first: int, last: int) -> list[tuple[int, float | None]]:
    try:
        at: NDArray[np.int64] = np.rint(np.array([pair[0] for pair in values], float) * 1000).astype(np.int64)
        numbers = np.array([pair[1] for pair in values], float)
    except (TypeError, ValueError, LookupError):
        raise _unread(query, name, "holds something else than [instant, number]") from None
    off = (at < first) | (at > last) | ((at - first) % query.step_ms != 0)
    if off.any():
        raise _unread(query, name, f"has a value at {at[off][0]} ms, which was not asked for")
    missing = ~np.isfinite(numbers)
    odd = missing & ~np.isnan(numbers) if query.kind == "gauge" else missing
    if odd.any():
        raise _unread(query, name, f"is {numbers[odd][0]} at {at[odd][0]} ms")
    listed: list[float | None] = numbers.tolist()
    for index in np.flatnonzero(missing):
        listed[index] = None
    return list(zip(at.tolist(), listed, strict=True))


def _unread(query: Query, name: str, what: str) -> ContractError:
    return ContractError(
        f"prometheus: reading the samples of {query.name}",
        f"the series {{{name}}} {what}",
        remedy="Correct the query in company.yaml, or the exporter.",
    )

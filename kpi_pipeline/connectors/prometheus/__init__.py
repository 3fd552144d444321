"""Prometheus: samples of named queries over its HTTP API, which Mimir, Thanos and VictoriaMetrics speak too."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from kpi_pipeline.connectors.base import Reading, Stream
from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.connectors.classify import Reply, Verdict, by_status
from kpi_pipeline.connectors.http import Http
from kpi_pipeline.connectors.prometheus.queries import Query, queries
from kpi_pipeline.connectors.prometheus.samples import series
from kpi_pipeline.errors import ContractError, IncompleteLoad
from kpi_pipeline.landing.page import Page, Proof, Window

RATES = {"all": Rate(20)}  # ours, to be a polite reader: Prometheus itself has no limit
LATE = timedelta(hours=2)  # two full hours are asked again: a scrape or a remote write may come after its instant
_REFUSED = ("bad_data", "execution", "not_found")  # errorType of a query that is wrong; others pass
_KINDS = {"metric_samples": "gauge", "histogram_samples": "histogram", "counter_samples": "counter"}


class NoSeries(ContractError):
    """A query found no series in its whole window: a misspelt name, or a target that is not scraped."""


def classify(reply: Reply) -> Verdict:
    """Prometheus's own errorType before the status: it answers a wrong query with 400 or 422, a timeout with 503."""
    if reply.status == 403:
        remedy = "Give the token the roles or scopes that the proxy in front of Prometheus wants for queries."
        return Verdict("settings", "HTTP 403", remedy=remedy)
    if reply.get("status") != "error":
        return by_status(reply)
    reason = f"HTTP {reply.status}: {reply.get('errorType')}: {reply.get('error')}"
    if reply.status != 200 and reply.get("errorType") in _REFUSED:
        return Verdict("bug", reason, remedy="Correct the query in company.yaml.")
    usual = by_status(reply)
    return Verdict("retry" if usual.outcome == "ok" else usual.outcome, reason, wait=usual.wait)


def _matrix(data: Any) -> str | None:
    if not isinstance(data, Mapping) or data.get("status") != "success":
        return f"its status is {data.get('status') if isinstance(data, Mapping) else 'missing'}, not success"
    body = data.get("data")
    if not isinstance(body, Mapping) or body.get("resultType") != "matrix" or not isinstance(body.get("result"), list):
        return "it holds no matrix"
    return None


STREAMS = (
    Stream("prometheus", "metric_samples", lookback=LATE),
    Stream("prometheus", "histogram_samples", lookback=LATE),
    Stream("prometheus", "counter_samples", lookback=LATE),
)


def connect(
    *,
    base_url: str,
    key: str | None,
    key_variable: str,
    settings: Mapping[str, Any],
    budget: Callable[[Mapping[str, Rate]], Budget],
    now: Callable[[], datetime],
    **options: Any,
) -> Prometheus:
    """The server at `base_url`, with a bearer token where there is one."""
    http = Http(
        "prometheus",
        base_url,
        auth={"Authorization": f"Bearer {key}"} if key else {},
        key_variable=key_variable,
        classify=classify,
        budget=budget(RATES),
        now=now,
        **options,
    )
    return Prometheus(http, settings, now=now)


class Prometheus:
    """One server. `settings`: `queries`, a list of {name, query, kind, step} and perhaps may_be_absent."""

    source = "prometheus"
    api_version = "v1"
    streams = STREAMS

    def __init__(self, http: Http, settings: Mapping[str, Any], *, now: Callable[[], datetime]) -> None:
        self._http, self._now, self._queries = http, now, queries(settings)

    def read(self, stream: Stream, window: Window) -> Reading:
        """All grid instants of [start, end) that have passed. Raises NoSeries for a query that finds nothing there."""
        return Reading(self._samples(_KINDS[stream.name], window))

    def changes(self, stream: Stream, since: datetime, until: datetime) -> Reading | None:
        """None: samples do not change."""
        del stream, since, until
        return None

    def close(self) -> None:
        self._http.close()

    def _samples(self, kind: str, window: Window) -> Generator[Page, None, Proof]:
        end = min(window.end, self._now())
        passed = Window(min(window.start, end), end)
        for query in (query for query in self._queries if query.kind == kind):
            asked, found = 0, 0
            for first, last in query.spans(passed):
                records = series(self._range(query, first, last), query, first, last)
                asked, found = asked + 1, found + len(records)
                yield Page(orjson.dumps(records), "[].samples", len(records), {"metric": query.name})
            if asked and not found and not query.may_be_absent:
                raise NoSeries(
                    f"prometheus: reading {query.name} from {window.start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}",
                    f"no series answers to {query.query}",
                    remedy="Correct the name in company.yaml, or see why Prometheus does not scrape its target.",
                )
        return Proof("exhausted", None, end)

    def _range(self, query: Query, first: int, last: int) -> list[Mapping[str, Any]]:
        doing = f"reading {query.name} from {_seconds(first)} to {_seconds(last)}"
        params = {
            "query": query.query,
            "start": _seconds(first),
            "end": _seconds(last),
            "step": _seconds(query.step_ms),
        }
        reply = self._http.get("/api/v1/query_range", doing=doing, success=_matrix, params=params)
        if warnings := reply.data.get("warnings"):
            raise IncompleteLoad(
                f"prometheus: {doing}",
                self._http.redact(f"it warns that the answer is not whole: {'; '.join(map(str, warnings))}"),
                remedy="Nothing was written; see which store or shard behind Prometheus does not answer.",
            )
        found: list[Mapping[str, Any]] = reply.data["data"]["result"]
        return found


def _seconds(milliseconds: int) -> str:
    whole, rest = divmod(milliseconds, 1000)
    return f"{whole}.{rest:03d}" if rest else str(whole)

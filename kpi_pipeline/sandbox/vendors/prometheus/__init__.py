"""Prometheus' HTTP API: range and instant queries of plain selectors, labels, readiness.

Functions such as rate() are not evaluated and refused as bad_data: a pipeline that keeps counters reads counters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from kpi_pipeline.sandbox.context import Envelope, Refused, VendorContext
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.vendors.prometheus.promql import BadQuery, duration_ms, selector, time_ms
from kpi_pipeline.sandbox.vendors.prometheus.series import Instants, Store, Values, milliseconds
from kpi_pipeline.sandbox.vendors.wire import answer, bearer, same_key

KEY_PREFIX = "prom_"
LIMITS: Mapping[str, Limit] = {}
ENVELOPE = Envelope(rows="data.result", enum="metric.__name__", field="metric")
MAX_POINTS = 11_000


def authorise(request: Request, context: VendorContext) -> Response | None:
    """Prometheus itself asks for no key; one that is sent must be right, as behind a proxy."""
    if "authorization" not in request.headers or same_key(bearer(request), context.key):
        return None
    return PlainTextResponse("Unauthorized\n", 401, {"WWW-Authenticate": "Bearer"})


def shape_error(kind: str, _context: VendorContext, _params: Mapping[str, Any]) -> Response:
    if kind == "throttle":
        return PlainTextResponse("Too Many Requests\n", 429, {"Retry-After": "1"})
    if kind in ("expired_key", "missing_scope"):
        return (
            PlainTextResponse("Unauthorized\n", 401) if kind == "expired_key" else PlainTextResponse("Forbidden\n", 403)
        )
    if kind == "server_error":
        return failed(503, "timeout", "query timed out in expression evaluation")
    if kind == "ok_with_error":
        return failed(200, "execution", "query processing would load too many samples into memory in query execution")
    raise ValueError(f"Prometheus has no error of kind {kind}")


def failed(status: int, kind: str, message: str) -> Response:
    return answer({"status": "error", "errorType": kind, "error": message}, status)


def routes(context: VendorContext) -> list[BaseRoute]:
    async def query_range(request: Request) -> Response:
        given = await _parameters(request)
        try:
            start, end = (time_ms(given.get(name, ""), name) for name in ("start", "end"))
            step = duration_ms(given.get("step", ""), "step")
            if end < start:
                raise BadQuery('invalid parameter "end": end timestamp must not be before start time')
            if (end - start) / step > MAX_POINTS:
                words = "exceeded maximum resolution of 11,000 points per timeseries."
                raise BadQuery(f"{words} Try decreasing the query resolution (?step=XX)")
            chosen = selector(given.get("query", ""))
        except BadQuery as bad:
            raise Refused(failed(400, "bad_data", str(bad))) from bad
        grid = np.arange(start, end + 1, step, dtype=np.int64)
        rows = []
        for series in _store(context).matching(chosen):
            at, values = series.on(grid, milliseconds(context.now()))
            if len(at):
                rows.append(
                    {"metric": dict(series.labels), "values": list(zip(_seconds(at), _text(values), strict=True))}
                )
        return _success({"resultType": "matrix", "result": rows})

    async def query(request: Request) -> Response:
        given = await _parameters(request)
        now = milliseconds(context.now())
        try:
            at = time_ms(given["time"], "time") if "time" in given else now
            chosen = selector(given.get("query", ""))
        except BadQuery as bad:
            raise Refused(failed(400, "bad_data", str(bad))) from bad
        rows = []
        for series in _store(context).matching(chosen):
            found, values = series.on(np.array([at], dtype=np.int64), now)
            if len(found):
                rows.append({"metric": dict(series.labels), "value": [_seconds(found)[0], _text(values)[0]]})
        return _success({"resultType": "vector", "result": rows})

    async def labels(_request: Request) -> Response:
        return _success(sorted(_store(context).label_values()))

    async def label_values(request: Request) -> Response:
        return _success(sorted(_store(context).label_values().get(request.path_params["name"], ())))

    async def ready(_request: Request) -> Response:
        return PlainTextResponse("Prometheus Server is Ready.\n")

    return [
        Route("/api/v1/query_range", query_range, methods=["GET", "POST"]),
        Route("/api/v1/query", query, methods=["GET", "POST"]),
        Route("/api/v1/labels", labels, methods=["GET", "POST"]),
        Route("/api/v1/label/{name}/values", label_values),
        Route("/-/ready", ready),
    ]


async def _parameters(request: Request) -> dict[str, str]:
    """The URL's parameters, and those of a form in the body."""
    body = (await request.body()).decode() if request.method == "POST" else ""
    return {**request.query_params, **dict(parse_qsl(body))}


def _store(context: VendorContext) -> Store:
    if "store" not in context.memo:
        context.memo["store"] = Store(context.world())
    store: Store = context.memo["store"]
    return store


def _success(data: Any) -> Response:
    return answer({"status": "success", "data": data})


def _seconds(at: Instants) -> list[Any]:
    """Seconds, without a fraction where there is none."""
    seconds: list[Any] = (at / 1000).tolist() if (at % 1000).any() else (at // 1000).tolist()
    return seconds


def _text(values: Values) -> list[str]:
    """Values are text in Prometheus' JSON; whole ones have no decimal point."""
    if (values % 1 == 0).all():
        return list(map(str, values.astype(np.int64).tolist()))
    return [str(int(value)) if value.is_integer() else repr(value) for value in values.tolist()]

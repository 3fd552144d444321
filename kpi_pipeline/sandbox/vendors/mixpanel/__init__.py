"""Mixpanel's raw export: GET /export, a JSON object a line (developer.mixpanel.com/reference/raw-event-export).

A service account authenticates with HTTP Basic and names the project. Days are UTC. As Mixpanel does, an event is now
and then sent twice with the same $insert_id (here every 1009th), what a visitor did before logging in carries a device
and no user, and an export that Mixpanel gives up ends, with status 200, in the line "terminated early".
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kpi_pipeline.sandbox.context import VendorContext
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.vendors.mixpanel.lines import lines
from kpi_pipeline.sandbox.vendors.wire import answer, same_key

LIMITS = {"hour": Limit(60, 3600.0), "second": Limit(3, 1.0)}
USER = "kpi.mp-service-account"
PROJECT = "3141592"


def environment(context: VendorContext, base: str) -> dict[str, str]:
    """The address and "user:secret" of the service account."""
    return {"MIXPANEL_BASE_URL": base, "MIXPANEL_API_KEY": f"{USER}:{context.key}"}


def authorise(request: Request, context: VendorContext) -> Response | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        given = b64decode(encoded, validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        given = ""
    if not same_key(given, f"{USER}:{context.key}"):
        return error(401, "Invalid service account credentials")
    return None


def limit(_request: Request, context: VendorContext) -> Response | None:
    """429 above 60 requests an hour or three a second."""
    for name in ("second", "hour"):
        taken = context.limiter.take(name)
        if not taken.admitted:
            return error(429, "API rate limit exceeded", {"Retry-After": str(int(taken.free_in) + 1)})
    return None


def shape_error(kind: str, context: VendorContext, params: Mapping[str, Any]) -> Response:
    if kind == "throttle":
        return error(429, "API rate limit exceeded", {"Retry-After": "1"})
    if kind == "daily_limit":  # the hour is used up
        return error(429, "API rate limit exceeded", {"Retry-After": "3600"})
    if kind == "expired_key":
        return error(401, "Invalid service account credentials")
    if kind == "missing_scope":
        return error(403, f"service account lacks permission {params.get('scope', 'view raw data')}")
    if kind == "ok_with_error":
        if params.get("early"):
            head = lines(context.world(), range(3), context.now(), milliseconds=True)
            return Response(head + b"terminated early", media_type="text/plain")
        return error(200, "unknown error")
    return error(500, "internal error")


def error(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return answer({"request": "/api/2.0/export", "error": message}, status, headers)


def routes(context: VendorContext) -> list[BaseRoute]:
    """GET /export."""

    async def export(request: Request) -> Response:
        query, now = request.query_params, context.now()
        if query.get("project_id") != PROJECT:
            return error(400, "project_id is missing or not a project of this service account")
        try:
            first, last = (date.fromisoformat(query.get(name, "")) for name in ("from_date", "to_date"))
        except ValueError:
            return error(400, "from_date and to_date must be yyyy-mm-dd")
        if last > now.date():
            return error(400, "to_date cannot be later than today")
        at = context.world().product.events.at
        begin, end = np.searchsorted(at, [_ms(first), _ms(last + timedelta(days=1))]).tolist()
        body = lines(context.world(), range(begin, end), now, milliseconds=query.get("time_in_ms") == "true")
        return Response(body, media_type="text/plain")

    return [Route("/export", export)]


def _ms(day: date) -> int:
    return round(datetime.combine(day, time(), UTC).timestamp() * 1000)

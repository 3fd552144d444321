"""PagerDuty's Events API v2: POST /v2/enqueue opens and closes incidents, /v2/change/enqueue keeps a change event.

202 {"status": "success", "message": "Event processed", "dedup_key"}; 400 {"status": "invalid event", "message",
"errors"} for a wrong routing key, action or severity; 429 above 120 events a minute. What is received says whether its
incident was `opened`, `joined`, `closed`, or is `unknown`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kpi_pipeline.sandbox.context import VendorContext
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.vendors.wire import answer, same_key

LIMITS = {"events": Limit(120, 60.0)}
ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")
MAX_BYTES = 512 * 1024


def environment(context: VendorContext, base: str) -> dict[str, str]:
    return {"PAGERDUTY_URL": base, "PAGERDUTY_ROUTING_KEY": context.key}


def limit(_request: Request, context: VendorContext) -> Response | None:
    taken = context.limiter.take("events")
    return None if taken.admitted else _throttled(int(taken.free_in) + 1)


def shape_error(kind: str, _context: VendorContext, params: Mapping[str, Any]) -> Response:
    if kind == "throttle":
        return _throttled(int(params.get("seconds", 1)))
    if kind == "server_error":
        return answer({"status": "error", "message": "Internal Server Error"}, 500)
    if kind == "expired_key":
        return _invalid("Invalid routing key")
    raise ValueError(f"PagerDuty's Events API has no error of kind {kind}")


def routes(context: VendorContext) -> list[BaseRoute]:
    incidents: set[str] = set()

    async def enqueue(request: Request) -> Response:
        event = await _event(request)
        fault = _complaint(event, context.key) or _alert_complaint(event)
        if fault:
            return _invalid(fault)
        key = event.get("dedup_key") or f"made-{len(incidents)}"
        if event["event_action"] == "trigger":
            became = "joined" if key in incidents else "opened"
            incidents.add(key)
        else:
            became = "closed" if key in incidents else "unknown"
            if event["event_action"] == "resolve":
                incidents.discard(key)
        context.receive({"event": event, "incident": became})
        return answer({"status": "success", "message": "Event processed", "dedup_key": key}, 202)

    async def change(request: Request) -> Response:
        event = await _event(request)
        fault = _complaint(event, context.key)
        if fault:
            return _invalid(fault)
        context.receive({"change": event})
        return answer({"status": "success", "message": "Change event processed"}, 202)

    return [
        Route("/v2/enqueue", enqueue, methods=["POST"]),
        Route("/v2/change/enqueue", change, methods=["POST"]),
    ]


async def _event(request: Request) -> Any:
    body = await request.body()
    try:
        return orjson.loads(body) if len(body) <= MAX_BYTES else None
    except orjson.JSONDecodeError:
        return None


def _complaint(event: Any, key: str) -> str | None:
    if not isinstance(event, dict):
        return "Event object is invalid"
    if not same_key(event.get("routing_key"), key):
        return "Invalid routing key"
    summary = event["payload"].get("summary") if isinstance(event.get("payload"), dict) else None
    return None if isinstance(summary, str) and 0 < len(summary) <= 1024 else "'payload.summary' is missing or blank"


def _alert_complaint(event: dict[str, Any]) -> str | None:
    if event.get("event_action") not in ACTIONS:
        return f"'event_action' must be one of {', '.join(ACTIONS)}"
    if event["event_action"] != "trigger":
        return None if event.get("dedup_key") else "'dedup_key' is missing or blank"
    payload = event["payload"]
    if not payload.get("source"):
        return "'payload.source' is missing or blank"
    return None if payload.get("severity") in SEVERITIES else f"'severity' must be one of {', '.join(SEVERITIES)}"


def _invalid(fault: str) -> Response:
    return answer({"status": "invalid event", "message": "Event object is invalid", "errors": [fault]}, 400)


def _throttled(seconds: int) -> Response:
    return answer({"status": "throttle", "message": "Rate limited"}, 429, {"Retry-After": str(seconds)})

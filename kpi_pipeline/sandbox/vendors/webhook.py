"""A system of the company's own that takes signed notices: POST /notices.

It checks what docs/webhook.md tells receivers to check: X-KPI-Signature is v1= and the HMAC-SHA256 of "timestamp.body"
with the shared secret, X-KPI-Timestamp is at most five minutes off, and a notice whose id it has is not taken twice.
401 for a bad signature or an old timestamp, 400 for a body that is no notice, 200 with {"known": true} for a repeat.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kpi_pipeline.sandbox.context import VendorContext
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.vendors.wire import answer

LIMITS = {"notices": Limit(50, 1.0)}
MOST_OFF_S = 300


def environment(context: VendorContext, base: str) -> dict[str, str]:
    return {"WEBHOOK_URL": f"{base}/notices", "WEBHOOK_SECRET": context.key}


def limit(_request: Request, context: VendorContext) -> Response | None:
    taken = context.limiter.take("notices")
    return None if taken.admitted else answer({"error": "slow down"}, 429, {"Retry-After": "1"})


def shape_error(kind: str, _context: VendorContext, params: Mapping[str, Any]) -> Response:
    if kind == "throttle":
        return answer({"error": "slow down"}, 429, {"Retry-After": str(int(params.get("seconds", 1)))})
    known = {"server_error": 500, "expired_key": 401, "missing_scope": 403}
    if kind not in known:
        raise ValueError(f"the webhook has no error of kind {kind}")
    return answer({"error": kind}, known[kind])


def routes(context: VendorContext) -> list[BaseRoute]:
    known: set[str] = set()

    async def notices(request: Request) -> Response:
        body = await request.body()
        stamp = request.headers.get("x-kpi-timestamp", "")
        if not stamp.isascii() or not stamp.isdigit() or abs(int(stamp) - context.now().timestamp()) > MOST_OFF_S:
            return answer({"error": "timestamp is missing or more than five minutes off"}, 401)
        expected = hmac.new(context.key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        version, _, given = request.headers.get("x-kpi-signature", "").partition("=")
        if version != "v1" or not hmac.compare_digest(given.encode(), expected.encode()):
            return answer({"error": "signature does not fit"}, 401)
        try:
            notice = orjson.loads(body)
        except orjson.JSONDecodeError:
            notice = None
        if not isinstance(notice, dict) or not isinstance(notice.get("id"), str):
            return answer({"error": "not a notice"}, 400)
        if notice["id"] in known:
            return answer({"known": True})
        known.add(notice["id"])
        context.receive({"notice": notice})
        return answer({"known": False})

    return [Route("/notices", notices, methods=["POST"])]

"""Slack's Web API for bots: POST /api/chat.postMessage keeps the message and answers with its `ts` and its room's id.

POST /api/chat.update shows a message anew; it takes the room by its id only, not by its name. HTTP 200 also when it
refuses, with {"ok": false, "error": …} (invalid_auth, channel_not_found, no_text, invalid_blocks, thread_not_found,
message_not_found); 429 with Retry-After above one message a second in a room (short bursts pass), and above 50 updates
a minute.
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
from kpi_pipeline.sandbox.vendors.slack import complaint
from kpi_pipeline.sandbox.vendors.wire import answer, bearer, same_key

KEY_PREFIX = "xoxb-kpi-"
LIMITS = {"messages": Limit(5, 5.0), "updates": Limit(50, 60.0)}
ROOM = "C0KPI"


def environment(context: VendorContext, base: str) -> dict[str, str]:
    return {"SLACK_API_URL": f"{base}/api", "SLACK_BOT_TOKEN": context.key}


def authorise(request: Request, context: VendorContext) -> Response | None:
    return None if same_key(bearer(request), context.key) else _refusal("invalid_auth")


def limit(request: Request, context: VendorContext) -> Response | None:
    taken = context.limiter.take("updates" if request.url.path.endswith("/chat.update") else "messages")
    return None if taken.admitted else _throttled(int(taken.free_in) + 1)


def shape_error(kind: str, _context: VendorContext, params: Mapping[str, Any]) -> Response:
    if kind == "throttle":
        return _throttled(int(params.get("seconds", 1)))
    if kind == "server_error":
        return answer({"ok": False, "error": "internal_error"}, 500)
    known = {"expired_key": "token_expired", "missing_scope": "missing_scope", "ok_with_error": "fatal_error"}
    if kind not in known:
        raise ValueError(f"Slack's Web API has no error of kind {kind}")
    return _refusal(known[kind])


async def _said(request: Request) -> tuple[Any, str | None]:
    """The message of a request, and what Slack finds wrong with it."""
    try:
        message = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return None, "invalid_json"
    return message, complaint(message)


def routes(context: VendorContext) -> list[BaseRoute]:
    async def post_message(request: Request) -> Response:
        message, fault = await _said(request)
        if fault:
            return _refusal(fault)
        if not message.get("channel"):
            return _refusal("channel_not_found")
        threads: set[str] = context.memo.setdefault("threads", set())
        thread = message.get("thread_ts")
        if thread is not None and thread not in threads:
            return _refusal("thread_not_found")
        ts = f"{context.now().timestamp():.0f}.{len(threads):06d}"
        threads.add(ts)
        context.receive({"message": message, "ts": ts})
        return answer({"ok": True, "channel": ROOM, "ts": ts, "message": {"text": message.get("text", "")}})

    async def update(request: Request) -> Response:
        message, fault = await _said(request)
        if fault:
            return _refusal(fault)
        if message.get("channel") != ROOM:
            return _refusal("channel_not_found")
        ts = message.get("ts")
        if ts not in context.memo.get("threads", ()):
            return _refusal("message_not_found")
        context.receive({"message": message, "ts": ts, "updates": True})
        return answer({"ok": True, "channel": ROOM, "ts": ts, "text": message.get("text", "")})

    return [
        Route("/api/chat.postMessage", post_message, methods=["POST"]),
        Route("/api/chat.update", update, methods=["POST"]),
    ]


def _refusal(error: str) -> Response:
    return answer({"ok": False, "error": error})


def _throttled(seconds: int) -> Response:
    return answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(seconds)})

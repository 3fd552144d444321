"""A Slack incoming webhook: POST /webhook/<secret> keeps the message and answers `ok`.

Refusals as in Slack's documentation: 400 invalid_payload, no_text or invalid_blocks (its limits on Block Kit), 403
invalid_token for a wrong secret, 429 with Retry-After above one message a second (short bursts pass).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from kpi_pipeline.sandbox.context import Refused, VendorContext
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.vendors.wire import same_key

KEY_PREFIX = "T0KPI-B0KPI-"
LIMITS = {"messages": Limit(5, 5.0)}
MAX_BLOCKS = 50
_MAX_TEXT = {"section": 3000, "header": 150}
_BLOCKS = {"section", "header", "divider", "context", "actions", "image", "rich_text", "table"}


def environment(context: VendorContext, base: str) -> dict[str, str]:
    return {"SLACK_WEBHOOK_URL": f"{base}/webhook/{context.key}"}


def authorise(request: Request, context: VendorContext) -> Response | None:
    secret = request.url.path.rpartition("/")[2]
    return None if same_key(secret, context.key) else PlainTextResponse("invalid_token", 403)


def limit(_request: Request, context: VendorContext) -> Response | None:
    taken = context.limiter.take("messages")
    return None if taken.admitted else _throttled(int(taken.free_in) + 1)


def shape_error(kind: str, _context: VendorContext, params: Mapping[str, Any]) -> Response:
    if kind == "throttle":
        return _throttled(int(params.get("seconds", 1)))
    known = {"expired_key": (404, "no_service"), "missing_scope": (403, "action_prohibited")}
    known |= {"server_error": (500, "rollup_error"), "ok_with_error": (200, "no_service")}
    if kind not in known:
        raise ValueError(f"a Slack webhook has no error of kind {kind}")
    status, words = known[kind]
    return PlainTextResponse(words, status)


def routes(context: VendorContext) -> list[BaseRoute]:
    async def webhook(request: Request) -> Response:
        message = _message(request.headers.get("content-type", ""), await request.body())
        fault = complaint(message)
        if fault:
            return PlainTextResponse(fault, 400)
        context.receive({"message": message})
        return PlainTextResponse("ok")

    return [Route("/webhook/{secret}", webhook, methods=["POST"])]


def complaint(message: Any) -> str | None:
    """The word with which Slack refuses a message, None for one that it takes."""
    if not isinstance(message, dict):
        return "invalid_payload"
    blocks = message.get("blocks")
    if blocks is not None and not _good_blocks(blocks):
        return "invalid_blocks"
    if not isinstance(message.get("text", ""), str):
        return "invalid_payload"
    return None if message.get("text") or blocks or message.get("attachments") else "no_text"


def _good_blocks(blocks: Any) -> bool:
    if not isinstance(blocks, list) or len(blocks) > MAX_BLOCKS:
        return False
    return all(isinstance(block, dict) and block.get("type") in _BLOCKS and _good_block(block) for block in blocks)


def _good_block(block: dict[str, Any]) -> bool:
    kind = block["type"]
    if kind == "header":
        return _good_text(block.get("text"), _MAX_TEXT["header"], ("plain_text",))
    if kind == "section":
        fields = block.get("fields", [])
        good_text = "text" not in block or _good_text(block["text"], _MAX_TEXT["section"])
        good_fields = isinstance(fields, list) and len(fields) <= 10 and all(_good_text(f, 2000) for f in fields)
        return good_text and good_fields and ("text" in block or bool(fields))
    if kind in ("context", "actions"):
        elements = block.get("elements")
        return isinstance(elements, list) and 1 <= len(elements) <= (10 if kind == "context" else 25)
    if kind == "image":
        return bool(block.get("alt_text")) and bool(block.get("image_url") or block.get("slack_file"))
    return True


def _good_text(text: Any, most: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> bool:
    if not isinstance(text, dict) or text.get("type") not in kinds or not isinstance(text.get("text"), str):
        return False
    return 1 <= len(text["text"]) <= most


def _message(content_type: str, body: bytes) -> Any:
    """The JSON of the body, or of the form field `payload`."""
    try:
        if content_type.startswith("application/x-www-form-urlencoded"):
            return orjson.loads(parse_qs(body.decode())["payload"][0])
        return orjson.loads(body)
    except (ValueError, KeyError) as bad:
        raise Refused(PlainTextResponse("invalid_payload", 400)) from bad


def _throttled(seconds: int) -> Response:
    return PlainTextResponse("rate_limited", 429, {"Retry-After": str(seconds)})

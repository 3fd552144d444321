"""A Teams workflow "When a Teams webhook request is received": POST /workflows/<secret> keeps the card, answers 202.

The message is `{"type": "message", "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive",
"content": {"type": "AdaptiveCard", "version": "1.4", "body": [...]}}]}`; the retired MessageCard is refused. Errors
have the shape of Azure Logic Apps: {"error": {"code", "message"}}.
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

LIMITS = {"messages": Limit(4, 1.0)}
MAX_BYTES = 28 * 1024
CARD = "application/vnd.microsoft.card.adaptive"


def environment(context: VendorContext, base: str) -> dict[str, str]:
    return {"TEAMS_WEBHOOK_URL": f"{base}/workflows/{context.key}"}


def authorise(request: Request, context: VendorContext) -> Response | None:
    secret = request.url.path.rpartition("/")[2]
    if same_key(secret, context.key):
        return None
    return error(
        401, "DirectApiAuthorizationRequired", "The request must be authenticated only by Shared Access scheme."
    )


def limit(_request: Request, context: VendorContext) -> Response | None:
    taken = context.limiter.take("messages")
    return None if taken.admitted else _throttled(int(taken.free_in) + 1)


def shape_error(kind: str, _context: VendorContext, params: Mapping[str, Any]) -> Response:
    if kind == "throttle":
        return _throttled(int(params.get("seconds", 1)))
    known = {
        "expired_key": (404, "WorkflowNotFound", "The workflow could not be found."),
        "missing_scope": (403, "Forbidden", "The caller may not run the workflow."),
        "server_error": (502, "NoResponse", "The server did not receive a response from an upstream server."),
    }
    if kind not in known:
        raise ValueError(f"a Teams workflow has no error of kind {kind}")
    return error(*known[kind])


def error(status: int, code: str, message: str) -> Response:
    return answer({"error": {"code": code, "message": message}}, status)


def routes(context: VendorContext) -> list[BaseRoute]:
    async def workflow(request: Request) -> Response:
        body = await request.body()
        if len(body) > MAX_BYTES:
            return error(413, "RequestEntityTooLarge", f"The message of {len(body)} bytes is above {MAX_BYTES}.")
        try:
            message = orjson.loads(body)
        except orjson.JSONDecodeError as bad:
            return error(400, "InvalidRequestContent", f"The request content is not valid JSON: {bad}")
        fault = complaint(message)
        if fault:
            return error(400, "TriggerInputSchemaMismatch", fault)
        context.receive({"message": message})
        return Response(status_code=202)

    return [Route("/workflows/{secret}", workflow, methods=["POST"])]


def complaint(message: Any) -> str | None:
    """Why the workflow's schema refuses a message, None for one that it takes."""
    if not isinstance(message, dict) or message.get("type") != "message":
        return "type must be 'message'"
    attachments = message.get("attachments")
    if not isinstance(attachments, list) or not attachments:
        return "attachments must hold at least one card"
    for attachment in attachments:
        if not isinstance(attachment, dict) or attachment.get("contentType") != CARD:
            return f"contentType must be '{CARD}'"
        card = attachment.get("content")
        if not isinstance(card, dict) or card.get("type") != "AdaptiveCard" or not str(card.get("version", "")):
            return "content must be an AdaptiveCard with a version"
        body = card.get("body")
        if not isinstance(body, list) or not all(isinstance(part, dict) and part.get("type") for part in body):
            return "body must be a list of elements with a type"
    return None


def _throttled(seconds: int) -> Response:
    response = error(429, "TooManyRequests", "Rate limit is exceeded.")
    response.headers["Retry-After"] = str(seconds)
    return response

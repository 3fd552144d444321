"""Linear's GraphQL API: POST /graphql, an executable schema that can be introspected.

Facts: linear.app/developers (rate limiting, errors), the public schema of @linear/sdk, and what clients report: a rate
limit is HTTP 400 with the code RATELIMITED, a malformed query HTTP 500 with GRAPHQL_VALIDATION_FAILED, a personal key
takes no Bearer, and one query may cost 10,000 points.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kpi_pipeline.sandbox.context import Envelope, Refused, VendorContext
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.vendors.linear.budget import Budget
from kpi_pipeline.sandbox.vendors.linear.complexity import MOST, complexity
from kpi_pipeline.sandbox.vendors.linear.records import Tracker
from kpi_pipeline.sandbox.vendors.linear.schema import Execution, executable_schema, execute, extensions, prepared
from kpi_pipeline.sandbox.vendors.wire import answer, bearer, same_key

KEY_PREFIX = "lin_api_"
LIMITS = {"requests": Limit(2_500, 3_600.0), "complexity": Limit(3_000_000, 3_600.0)}
ENVELOPE = Envelope(
    rows="data.*.nodes",
    more="data.*.pageInfo.hasNextPage",
    enum="priorityLabel",
    number="priority",
    field="updatedAt",
)


def environment(context: VendorContext, base: str) -> dict[str, str]:
    return {"LINEAR_BASE_URL": f"{base}/graphql", "LINEAR_API_KEY": context.key}


def authorise(request: Request, context: VendorContext) -> Response | None:
    """401 without the key; 400 for the key as a bearer token, which Linear keeps for OAuth."""
    given = request.headers.get("authorization")
    if same_key(given, context.key):
        return None
    if (bearer(request) or "").startswith(KEY_PREFIX):
        words = "It looks like you're trying to use an API key as a Bearer token."
        return failed(400, "AUTHENTICATION_ERROR", f"{words} Remove the Bearer prefix from the Authorization header.")
    return failed(401, "AUTHENTICATION_ERROR", "Authentication required, not authenticated")


def limit(request: Request, context: VendorContext) -> Response | None:
    """400 RATELIMITED when the hour's requests are used up."""
    request.state.counted = True
    return None if _budget(context).take("requests", 1) else _throttled("requests", context)


def sign(request: Request, response: Response, context: VendorContext) -> None:
    """X-RateLimit-Requests-*, X-RateLimit-Complexity-* (Reset in epoch milliseconds) and X-Complexity."""
    if not getattr(request.state, "counted", False):
        return
    for name in LIMITS:
        status = _budget(context).status(name, context.now())
        prefix = f"X-RateLimit-{name.title()}"
        response.headers[f"{prefix}-Limit"] = str(status["allowedAmount"])
        response.headers[f"{prefix}-Remaining"] = str(status["remainingAmount"])
        response.headers[f"{prefix}-Reset"] = str(status["reset"])
    if hasattr(request.state, "points"):
        response.headers["X-Complexity"] = str(request.state.points)


def shape_error(kind: str, context: VendorContext, params: Mapping[str, Any]) -> Response:
    """`ok_with_error` is the last good answer with half its rows and an error beside it: HTTP 200, partial data."""
    if kind == "throttle":
        return _throttled("requests", context, int(float(params.get("seconds", 1)) * 1000))
    if kind == "expired_key":
        return failed(401, "AUTHENTICATION_ERROR", "Authentication required, not authenticated")
    if kind == "missing_scope":
        return failed(403, "FORBIDDEN", "You don't have permission to read this")
    if kind == "server_error":
        return failed(500, "INTERNAL_SERVER_ERROR", "Internal server error")
    if kind == "ok_with_error":
        data = deepcopy(context.memo.get("answered"))
        for held in (data or {}).values():
            if isinstance(held, dict) and "nodes" in held:
                held["nodes"] = held["nodes"][: len(held["nodes"]) // 2]
        return answer({"data": data, "errors": [_error("INTERNAL_SERVER_ERROR", "Internal server error")]})
    raise ValueError(f"Linear has no error of kind {kind}")


def failed(status: int, code: str, message: str, presentable: str | None = None) -> Response:
    return answer({"errors": [_error(code, message, presentable)]}, status)


def routes(context: VendorContext) -> list[BaseRoute]:
    async def graphql(request: Request) -> Response:
        query, variables, operation = _asked(await request.body())
        try:
            document, faults = prepared(query)
        except GraphQLError as error:
            return failed(400, "GRAPHQL_PARSE_FAILED", error.message)
        if faults:
            errors = [fault.formatted | {"extensions": _extensions("GRAPHQL_VALIDATION_FAILED")} for fault in faults]
            return answer({"errors": errors}, 500)
        points = request.state.points = complexity(executable_schema(), document, variables, operation)
        if points > MOST:
            words = f"The query is too complex. Complexity: {points}. Maximum allowed complexity: {MOST}."
            return failed(400, "INPUT_ERROR", "Query too complex", words)
        budget = _budget(context)
        if not budget.take("complexity", points):
            return _throttled("complexity", context)
        now = context.now()
        limits = [budget.status("requests", now, 1), budget.status("complexity", now, points)]
        view = _tracker(context).at(now)
        result = execute(document, variables, operation, Execution(view, context.company, limits, request.state.gone))
        if result.errors:
            # Linear answers 200 with data null for an unknown id; what does not fit the types never ran: 400.
            ran = any(error.extensions for error in result.errors)
            errors = [{"extensions": _extensions("INVALID_INPUT"), **error.formatted} for error in result.errors]
            return answer({"data": result.data, "errors": errors} if ran else {"errors": errors}, 200 if ran else 400)
        context.memo["answered"] = result.data
        return answer({"data": result.data})

    return [Route("/graphql", graphql, methods=["POST"])]


def _asked(body: bytes) -> tuple[str, dict[str, Any], str | None]:
    """Query, variables and operation name of a request body."""
    try:
        given = orjson.loads(body)
        query, variables = given["query"], given.get("variables") or {}
    except (orjson.JSONDecodeError, KeyError, TypeError) as bad:
        raise Refused(failed(400, "BAD_REQUEST", "POST body is missing, invalid JSON or without a query")) from bad
    if not isinstance(query, str) or not isinstance(variables, dict):
        raise Refused(failed(400, "BAD_REQUEST", "query must be text and variables an object"))
    return query, variables, given.get("operationName")


def _error(code: str, message: str, presentable: str | None = None) -> dict[str, Any]:
    return {"message": message, "extensions": extensions(code, presentable or message)}


def _extensions(code: str) -> dict[str, Any]:
    return {"code": code, "type": "graphql error", "userError": True}


def _throttled(name: str, context: VendorContext, reset_in_ms: int | None = None) -> Response:
    """HTTP 400: Linear has no 429 of its own, and sends no Retry-After."""
    status = _budget(context).status(name, context.now())
    words = f"Rate limit exceeded. Only {status['allowedAmount']} {name} are allowed per 1 hour."
    response = failed(400, "RATELIMITED", "Rate limit exceeded", words)
    reset = status["reset"] if reset_in_ms is None else round(context.now().timestamp() * 1000) + reset_in_ms
    prefix = f"X-RateLimit-{name.title()}"
    for header, value in (("Limit", status["allowedAmount"]), ("Remaining", 0), ("Reset", reset)):
        response.headers[f"{prefix}-{header}"] = str(value)
    return response


def _budget(context: VendorContext) -> Budget:
    if "budget" not in context.memo:
        context.memo["budget"] = Budget(context.limiter.limits)
    budget: Budget = context.memo["budget"]
    return budget


def _tracker(context: VendorContext) -> Tracker:
    if "tracker" not in context.memo:
        context.memo["tracker"] = Tracker(context.world())
    tracker: Tracker = context.memo["tracker"]
    return tracker

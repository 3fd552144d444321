"""Google Analytics' Data API: runReport, with quotas, thresholds and samples, and Google's token endpoint beside it.

The shapes follow Google's Apache-2.0 API description (googleapis/google/analytics/data/v1beta).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kpi_pipeline.sandbox.context import Envelope, Refused, VendorContext
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.vendors.ga4 import account
from kpi_pipeline.sandbox.vendors.ga4.report import BadReport, report
from kpi_pipeline.sandbox.vendors.wire import answer, bearer, same_key

KEY_PREFIX = "ya29."
TOKENS_A_REPORT = 10
LIMITS = {"hour": Limit(4_000, 3600.0, rolling=False), "day": Limit(20_000, 86_400.0, rolling=False)}
"""Reports; a standard property has 40,000 tokens an hour and 200,000 a day."""
ENVELOPE = Envelope(rows="rows", count="rowCount", field="dimensionValues")
_EXHAUSTED = "Exhausted property tokens per {span}. These quota tokens will return in under {back}. To learn more, see "
_DOCS = "https://developers.google.com/analytics/devguides/reporting/data/v1/quotas"


def environment(context: VendorContext, base: str) -> dict[str, str]:
    """The key is a service account's JSON file, to be exchanged for a token at this server's own token endpoint."""
    return {"GA4_BASE_URL": base, "GA4_API_KEY": account.key_file(context, f"{base}/token")}


def authorise(request: Request, context: VendorContext) -> Response | None:
    if request.url.path.endswith("/token") or same_key(bearer(request), context.key):
        return None
    words = "Request had invalid authentication credentials. Expected OAuth 2 access token."
    return error(401, "UNAUTHENTICATED", words)


def limit(request: Request, context: VendorContext) -> Response | None:
    if request.url.path.endswith("/token"):
        return None
    for name, span, back in (("day", "day", "24 hours"), ("hour", "hour", "1 hour")):
        if not context.limiter.take(name).admitted:
            return error(429, "RESOURCE_EXHAUSTED", _EXHAUSTED.format(span=span, back=back) + _DOCS)
    return None


def shape_error(kind: str, _context: VendorContext, _params: Mapping[str, Any]) -> Response:
    """A throttle is the limit of reports at a time: Google names no seconds to wait."""
    if kind == "throttle":
        return error(429, "RESOURCE_EXHAUSTED", "Exhausted concurrent requests quota. Please send fewer requests.")
    if kind == "daily_limit":
        return error(429, "RESOURCE_EXHAUSTED", _EXHAUSTED.format(span="day", back="24 hours") + _DOCS)
    status, code, words = {
        "expired_key": (401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
        "missing_scope": (403, "PERMISSION_DENIED", "Request had insufficient authentication scopes."),
        "ok_with_error": (200, "INTERNAL", "Internal error encountered."),
    }.get(kind, (503, "UNAVAILABLE", "The service is currently unavailable."))
    return error(status, code, words)


def error(status: int, code: str, message: str) -> Response:
    return answer({"error": {"code": status, "message": message, "status": code}}, status)


def routes(context: VendorContext) -> list[BaseRoute]:
    async def run_report(request: Request) -> Response:
        own = context.world().web_property
        if own is None or request.path_params["property"] != own.id:
            words = "User does not have sufficient permissions for this property."
            raise Refused(error(403, "PERMISSION_DENIED", words))
        try:
            asked = orjson.loads(await request.body())
            found = report(context.world(), own, asked, context.now())
        except (BadReport, orjson.JSONDecodeError) as bad:
            raise Refused(error(400, "INVALID_ARGUMENT", str(bad))) from bad
        if asked.get("returnPropertyQuota"):
            found["propertyQuota"] = _quota(context)
        return answer(found)

    async def token(request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        refused = account.refusal(context, form)
        if refused is not None:
            return answer({"error": "invalid_grant", "error_description": refused}, 400)
        return answer({"access_token": context.key, "expires_in": 3599, "token_type": "Bearer"})

    return [
        Route("/v1beta/properties/{property}:runReport", run_report, methods=["POST"]),
        Route("/token", token, methods=["POST"]),
    ]


def _quota(context: VendorContext) -> dict[str, Any]:
    def left(name: str) -> dict[str, int]:
        used = context.limiter.used(name)
        return {"consumed": TOKENS_A_REPORT, "remaining": TOKENS_A_REPORT * (context.limiter.limits[name].count - used)}

    return {
        "tokensPerDay": left("day"),
        "tokensPerHour": left("hour"),
        "concurrentRequests": {"consumed": 0, "remaining": 10},
        "serverErrorsPerProjectPerHour": {"consumed": 0, "remaining": 10},
        "potentiallyThresholdedRequestsPerHour": {"consumed": 0, "remaining": 120},
    }

"""HubSpot's error bodies, in HubSpot's words; each names the correlation id that is in its header too."""

from __future__ import annotations

import uuid
from typing import Any

from starlette.responses import Response

from kpi_pipeline.sandbox.context import Refused
from kpi_pipeline.sandbox.vendors.wire import answer

SCOPES = "https://developers.hubspot.com/scopes"


def error(status: int, category: str, message: str, **more: Any) -> Response:
    correlation = str(uuid.uuid4())
    body = {"status": "error", "message": message, "correlationId": correlation, "category": category, **more}
    return answer(body, status, {"X-HubSpot-Correlation-Id": correlation})


def invalid(message: str) -> Refused:
    """400 for input that HubSpot does not take."""
    return Refused(error(400, "VALIDATION_ERROR", message))


def not_found(message: str = "resource not found") -> Response:
    return error(404, "OBJECT_NOT_FOUND", message)


def rate_limited(policy: str) -> Response:
    """429; `policy` is TEN_SECONDLY_ROLLING, SECONDLY or DAILY."""
    words = f"You have reached your {policy.lower()} limit."
    return error(429, "RATE_LIMITS", words, errorType="RATE_LIMIT", policyName=policy, requestId=str(uuid.uuid4()))


def missing_scopes(scope: str) -> Response:
    needed = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": [scope]},
    }
    words = "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: "
    return error(403, "MISSING_SCOPES", f"{words}{SCOPES}.", errors=[needed], links={"scopes": SCOPES})

"""HubSpot's CRM API, in its v3/v4 paths and the dated ones of 2026-03 and 2026-09.

Shapes follow the Apache-2.0 `hubspot-api-client` 12.0.0; limits and error words follow developers.hubspot.com.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kpi_pipeline.sandbox.context import Envelope, VendorContext
from kpi_pipeline.sandbox.limits import Limit, Taken
from kpi_pipeline.sandbox.vendors.hubspot.endpoints import Endpoints
from kpi_pipeline.sandbox.vendors.hubspot.errors import error, missing_scopes, not_found, rate_limited
from kpi_pipeline.sandbox.vendors.wire import bearer, same_key

KEY_PREFIX = "pat-eu1-"
LIMITS = {"ten_secondly": Limit(190, 10.0), "search": Limit(5, 1.0), "daily": Limit(650_000, 86_400.0, rolling=False)}
ENVELOPE = Envelope(
    rows="results",
    next_url="paging.next.link",
    count="total",
    enum="properties.lifecyclestage",
    number="id",
    field="properties.hs_object_id",
)
NO_KEY = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details "
    "at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)
DATED = ("2026-03", "2026-09")


def authorise(request: Request, context: VendorContext) -> Response | None:
    """401 without the account's own token; a wrong one is refused in the same words as a missing one."""
    return None if same_key(bearer(request), context.key) else error(401, "INVALID_AUTHENTICATION", NO_KEY)


def limit(request: Request, context: VendorContext) -> Response | None:
    """429 by the day, by five searches a second, or by ten seconds; searches have a bucket of their own."""
    daily = context.limiter.take("daily")
    if not daily.admitted:
        return rate_limited("DAILY")
    if _is_search(request):
        return None if context.limiter.take("search").admitted else rate_limited("SECONDLY")
    taken = context.limiter.take("ten_secondly")
    request.state.taken = (taken, daily)
    return None if taken.admitted else rate_limited("TEN_SECONDLY_ROLLING")


def sign(request: Request, response: Response, _context: VendorContext) -> None:
    """A correlation id on every answer, the state of the limits on every answer but a search."""
    response.headers.setdefault("X-HubSpot-Correlation-Id", request.state.request_id)
    taken: tuple[Taken, Taken] | None = getattr(request.state, "taken", None)
    if taken is None:
        return
    burst, daily = taken
    response.headers["X-HubSpot-RateLimit-Max"] = str(burst.limit.count)
    response.headers["X-HubSpot-RateLimit-Remaining"] = str(burst.remaining)
    response.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] = f"{burst.limit.seconds * 1000:.0f}"
    response.headers["X-HubSpot-RateLimit-Daily"] = str(daily.limit.count)
    response.headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(daily.remaining)


def shape_error(kind: str, _context: VendorContext, params: Mapping[str, Any]) -> Response:
    """HubSpot's answer to a fault; `policy` names the limit of a throttle."""
    if kind == "throttle":
        return rate_limited(str(params.get("policy", "TEN_SECONDLY_ROLLING")))
    if kind == "daily_limit":
        return rate_limited("DAILY")
    if kind == "server_error":
        return error(500, "INTERNAL_ERROR", "internal error")
    if kind == "expired_key":
        return error(401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired 2 hour(s) ago.")
    if kind == "missing_scope":
        return missing_scopes(str(params.get("scope", "crm.objects.deals.read")))
    raise ValueError(f"HubSpot has no error of kind {kind}")


def routes(context: VendorContext) -> list[BaseRoute]:
    """Objects, search, batch read, pipelines, properties, owners, associations and account details."""
    at = Endpoints(context)

    async def unknown(_: Request) -> Response:
        return not_found()

    found: list[BaseRoute] = []
    for crm in [("v3", "objects"), *(("objects", dated) for dated in DATED)]:
        base = "/crm/" + "/".join(crm) + "/{kind}"
        found += [
            Route(base, at.list_objects),
            Route(f"{base}/search", at.search, methods=["POST"]),
            Route(f"{base}/batch/read", at.batch_read, methods=["POST"]),
            Route(f"{base}/{{id}}", at.get_object),
        ]
    for version in ("v3", *DATED):
        legacy = version == "v3"
        found += [
            Route("/crm/v3/pipelines/{kind}" if legacy else f"/crm/pipelines/{version}/{{kind}}", at.pipelines),
            Route("/crm/v3/properties/{kind}" if legacy else f"/crm/properties/{version}/{{kind}}", at.properties),
            Route("/crm/v3/owners" if legacy else f"/crm/owners/{version}", at.owners),
            Route("/crm/v3/owners/" if legacy else f"/crm/owners/{version}/", at.owners),
            Route(
                "/crm/v4/associations/{kind}/{other}/batch/read"
                if legacy
                else f"/crm/associations/{version}/{{kind}}/{{other}}/batch/read",
                at.associations,
                methods=["POST"],
            ),
            Route(f"/account-info/{version}/details", at.details),
            Route(f"/account-info/{version}/api-usage/daily/private-apps", at.daily_usage),
        ]
    return [*found, Route("/{rest:path}", unknown, methods=["GET", "POST", "PATCH", "DELETE"])]


def _is_search(request: Request) -> bool:
    return str(request.scope["path"]).endswith("/search")

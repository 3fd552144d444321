"""Typeform's Responses, Create and Insights API: forms, responses, summaries.

Typeform publishes no licensed machine-readable spec; the shapes follow its reference pages and its MIT-licensed client
(github.com/Typeform/js-api-client).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kpi_pipeline.sandbox.context import Envelope, Refused, VendorContext
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.vendors.typeform import records
from kpi_pipeline.sandbox.vendors.typeform.select import BadParameter, select
from kpi_pipeline.sandbox.vendors.wire import answer, bearer, same_key, whole
from kpi_pipeline.sandbox.world.model import Form, FormResponse

KEY_PREFIX = "tfp_"
LIMITS = {"account": Limit(2, 1.0)}
ENVELOPE = Envelope(
    rows="items", count="total_items", enum="response_type", number="calculated.score", field="submitted_at"
)
WORKSPACE = "mNsEnb"


def authorise(request: Request, context: VendorContext) -> Response | None:
    """401 in Typeform's words without a valid bearer token."""
    token = bearer(request)
    if same_key(token, context.key):
        return None
    found = "Authentication credentials not found on the Request Headers" if token is None else "Invalid credentials"
    return error(401, "AUTHENTICATION_FAILED", found)


def limit(_request: Request, context: VendorContext) -> Response | None:
    """429 above two requests a second, counted over the whole account."""
    return None if context.limiter.take("account").admitted else shape_error("throttle", context, {})


def shape_error(kind: str, _context: VendorContext, _params: Mapping[str, Any]) -> Response:
    """Typeform's error body; its 429 says nothing of when to come back."""
    if kind in ("throttle", "daily_limit"):
        return error(429, "TOO_MANY_REQUESTS", "Rate limit exceeded")
    if kind == "expired_key":
        return error(401, "AUTHENTICATION_FAILED", "Token expired")
    if kind == "missing_scope":
        return error(403, "AUTHENTICATION_FAILED", "User doesn't have permission to access the resource.")
    return error(200 if kind == "ok_with_error" else 500, "INTERNAL_SERVER_ERROR", "An unexpected error happened")


def error(status: int, code: str, description: str) -> Response:
    return answer({"code": code, "description": description}, status)


def routes(context: VendorContext) -> list[BaseRoute]:
    """GET endpoints of api.typeform.com."""

    async def me(_request: Request) -> Response:
        return answer({"alias": context.company, "email": f"kpi@{context.company}.example", "language": "en"})

    async def forms(request: Request) -> Response:
        query, now = request.query_params, context.now()
        found = [form for form in context.world().forms if form.created_at <= now]
        if query.get("workspace_id", WORKSPACE) != WORKSPACE:
            found = []
        found = [form for form in found if query.get("search", "").lower() in form.title.lower()]
        by_creation = query.get("sort_by", "created_at") == "created_at"
        found.sort(
            key=lambda form: (form.created_at if by_creation else records.updated_at(form, now), form.id),
            reverse=query.get("order_by", "desc") == "desc",
        )
        return answer(_numbered([records.form_summary(form, _base(request, "/forms"), now) for form in found], query))

    async def form(request: Request) -> Response:
        found = _form(context, request)
        return answer(records.form_detail(found, _base(request, "/forms"), context.now(), WORKSPACE))

    async def responses(request: Request) -> Response:
        found = _form(context, request)
        try:
            selected = select(found, _responses(context, found.id), request.query_params, context.now())
        except BadParameter as bad:
            raise Refused(error(400, "VALIDATION_ERROR", str(bad))) from bad
        only = {part for part in request.query_params.get("fields", "").split(",") if part}
        items = [records.response_item(found, response, only) for response in selected.page]
        return answer({"total_items": selected.total_items, "page_count": selected.page_count, "items": items})

    async def insights(request: Request) -> Response:
        found = _form(context, request)
        return answer(records.insights(found, _responses(context, found.id), context.now()))

    async def workspaces(request: Request) -> Response:
        base = _base(request, "/workspaces")
        count = sum(form.created_at <= context.now() for form in context.world().forms)
        workspace = {
            "id": WORKSPACE,
            "name": "My workspace",
            "default": True,
            "shared": False,
            "forms": {"count": count, "href": f"{base}/forms?workspace_id={WORKSPACE}"},
            "self": {"href": f"{base}/workspaces/{WORKSPACE}"},
        }
        return answer(_numbered([workspace], request.query_params))

    return [
        Route("/me", me),
        Route("/forms", forms),
        Route("/forms/{form_id}", form),
        Route("/forms/{form_id}/responses", responses),
        Route("/insights/{form_id}/summary", insights),
        Route("/workspaces", workspaces),
    ]


def _form(context: VendorContext, request: Request) -> Form:
    wanted, now = request.path_params["form_id"], context.now()
    for form in context.world().forms:
        if form.id == wanted and form.created_at <= now and not request.state.gone:
            return form
    raise Refused(error(404, "FORM_NOT_FOUND", f"Non existing form with uid {wanted}"))


def _responses(context: VendorContext, form_id: str) -> list[FormResponse]:
    by_form: dict[str, list[FormResponse]] = context.memo.setdefault("responses", {})
    if not by_form:
        for response in context.world().responses:
            by_form.setdefault(response.form_id, []).append(response)
    return by_form.get(form_id, [])


def _numbered(items: list[dict[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
    """A page by number, 10 items unless `page_size` (at most 200) says otherwise."""
    try:
        page, size = whole(query.get("page"), 1, 1, 10**6), whole(query.get("page_size"), 10, 1, 200)
    except ValueError as bad:
        raise Refused(error(400, "VALIDATION_ERROR", str(bad))) from bad
    return {
        "total_items": len(items),
        "page_count": -(-len(items) // size),
        "items": items[(page - 1) * size : page * size],
    }


def _base(request: Request, path: str) -> str:
    """The address below which this API is served, seen from the caller."""
    url = str(request.url.replace(query=""))
    return url[: url.index(path)]

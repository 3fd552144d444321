"""Stripe's API as of 2026-10-28.endive: the lists and objects that KPIs read.

Field names follow the MIT-licensed `stripe` package 16.1.0; rate limits and error words follow docs.stripe.com.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kpi_pipeline.sandbox.context import Envelope, Refused, VendorContext
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.vendors.stripe import events, invoices, lists, money, shelves, subscriptions, versions
from kpi_pipeline.sandbox.vendors.stripe.books import Books
from kpi_pipeline.sandbox.vendors.stripe.errors import bad_parameter, error, missing, shown
from kpi_pipeline.sandbox.vendors.stripe.expand import Expander
from kpi_pipeline.sandbox.vendors.stripe.shelf import Shelf
from kpi_pipeline.sandbox.vendors.wire import answer, bearer, same_key

KEY_PREFIX = "rk_live_"
LIMITS = {"account": Limit(100, 1.0), "endpoint": Limit(25, 1.0)}
ENVELOPE = Envelope(rows="data", more="has_more", enum="status", number="created", field="created")
LOCKED = "This object cannot be accessed right now because another API request or Stripe process is accessing it."
NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details."
)


def authorise(request: Request, context: VendorContext) -> Response | None:
    """401 in Stripe's words; the key comes as bearer token or as the user of basic authentication."""
    key = bearer(request) or _basic_user(request)
    if same_key(key, context.key):
        return None
    refusal = error(401, NO_KEY if key is None else f"Invalid API Key provided: {shown(key)}")
    refusal.headers["WWW-Authenticate"] = 'Bearer realm="Stripe"'
    return refusal


def limit(request: Request, context: VendorContext) -> Response | None:
    """429 with the reason in a header; Stripe documents no Retry-After."""
    if not context.limiter.take("endpoint", "/".join(_path(request).split("/")[:3])).admitted:
        return _throttled("endpoint-rate")
    return None if context.limiter.take("account").admitted else _throttled("global-rate")


def sign(request: Request, response: Response, _context: VendorContext) -> None:
    """Request id and the version that the answer is in."""
    response.headers["Request-Id"] = f"req_{request.state.request_id[:14]}"
    response.headers["Stripe-Version"] = request.headers.get("stripe-version", versions.ACCOUNT_DEFAULT)


def shape_error(kind: str, context: VendorContext, params: Mapping[str, Any]) -> Response:
    """Stripe's answer to a fault; `code: lock_timeout` makes a throttle an object lock, which names no reason."""
    if kind == "throttle" and params.get("code") == "lock_timeout":
        return error(429, LOCKED, code="lock_timeout")
    if kind == "throttle":
        return _throttled(str(params.get("reason", "global-rate")))
    if kind == "server_error":
        return error(500, "An unknown error occurred", kind="api_error")
    if kind == "expired_key":
        return error(401, f"Expired API Key provided: {shown(context.key)}", code="api_key_expired")
    if kind == "missing_scope":
        scope = str(params.get("scope", "rak_charge_read"))
        words = (
            f"The provided key '{shown(context.key)}' does not have the required permissions for this endpoint on "
            f"account 'acct_{context.company}'. Having the '{scope}' permission would allow this request to continue."
        )
        return error(403, words)
    if kind == "ok_with_error":
        refused = error(402, "Something went wrong on Stripe's end.", kind="api_error")
        refused.status_code = 200
        return refused
    raise ValueError(f"Stripe has no error of kind {kind}")


def routes(context: VendorContext) -> list[BaseRoute]:
    """GET /v1/{collection}, /v1/{collection}/{id}, /v1/invoices/{id}/lines, /v1/balance."""

    def account() -> tuple[Books, dict[str, Shelf]]:
        if "shelves" not in context.memo:
            books = Books(context.world())
            found = shelves.build(books)
            context.memo["books"] = books
            context.memo["shelves"] = {**found, "events": events.shelf(books, found)}
        return context.memo["books"], context.memo["shelves"]

    async def list_objects(request: Request) -> Response:
        books, kept = account()
        name, params, now = request.path_params["collection"], _params(request), context.now()
        if name == "subscription_items":
            return _subscription_items(request, books, kept, context)
        shelf = _shelf(kept, name, request)
        rows, more = lists.page(shelf, params, now)
        data = [shelf.show(row, now) for row in rows]
        body = {"object": "list", "data": data, "has_more": more, "url": f"/v1/{name}"}
        return _send(request, books, kept, body, context)

    async def get_object(request: Request) -> Response:
        books, kept = account()
        now, object_id = context.now(), request.path_params["id"]
        shelf = _shelf(kept, request.path_params["collection"], request)
        row = None if request.state.gone else shelf.find(object_id, now)
        if row is None:
            return missing(shelf.object, object_id)
        if shelf.deleted(row, now):
            gone = {"id": object_id, "object": shelf.object, "deleted": True}
            return answer(gone) if shelf.name == "customers" else missing(shelf.object, object_id)
        return _send(request, books, kept, shelf.show(row, now), context)

    async def list_lines(request: Request) -> Response:
        books, kept = account()
        now, object_id = context.now(), request.path_params["id"]
        bill = None if request.state.gone else kept["invoices"].find(object_id, now)
        if bill is None or kept["invoices"].deleted(bill, now):
            return missing("invoice", object_id)
        rows = [invoices.invoice_line(books, bill, line) for line in bill.lines]
        data, more = lists.page_of(rows, _params(request))
        body = {"object": "list", "data": data, "has_more": more, "url": f"/v1/invoices/{object_id}/lines"}
        return _send(request, books, kept, body, context)

    async def balance(request: Request) -> Response:
        books, kept = account()
        ledger = list(kept["balance_transactions"].rows)
        return _send(request, books, kept, money.balance(books, ledger, context.now()), context)

    async def unknown(request: Request) -> Response:
        return _unrecognized(request)

    return [
        Route("/v1/balance", balance),
        Route("/v1/invoices/{id}/lines", list_lines),
        Route("/v1/{collection}", list_objects),
        Route("/v1/{collection}/{id}", get_object),
        Route("/{rest:path}", unknown, methods=["GET", "POST", "DELETE"]),
    ]


def _subscription_items(request: Request, books: Books, kept: Mapping[str, Shelf], context: VendorContext) -> Response:
    """The only list that must be told its parent."""
    params, now = _params(request), context.now()
    if "subscription" not in params:
        raise bad_parameter("Missing required param: subscription.", "subscription", "parameter_missing")
    parent = kept["subscriptions"].find(params["subscription"], now)
    if parent is None:
        return missing("subscription", params["subscription"], "subscription", 400)
    items = [subscriptions.subscription_item(books, parent, item, now) for item in subscriptions.items_at(parent, now)]
    data, more = lists.page_of(items, params, ("subscription",))
    body = {"object": "list", "data": data, "has_more": more, "url": "/v1/subscription_items"}
    return _send(request, books, kept, body, context)


def _send(
    request: Request, books: Books, kept: Mapping[str, Shelf], body: dict[str, Any], context: VendorContext
) -> Response:
    """The body in the version that was asked for, with what was asked to be expanded."""
    version = request.headers.get("stripe-version", versions.ACCOUNT_DEFAULT)
    if version not in versions.SPOKEN:
        return error(400, f"Invalid Stripe API version: {version}. The sandbox speaks {' and '.join(versions.SPOKEN)}.")
    if version == versions.ACCOUNT_DEFAULT:
        body = versions.older(books, body)
    paths = _params(request).get("expand", [])
    return answer(Expander(books, kept, context.now()).expand(body, paths) if paths else body)


def _shelf(kept: Mapping[str, Shelf], name: str, request: Request) -> Shelf:
    if name not in kept:
        raise Refused(_unrecognized(request))
    return kept[name]


def _params(request: Request) -> lists.Params:
    return lists.parse(request.query_params.multi_items())


def _path(request: Request) -> str:
    return str(request.scope["path"]).removeprefix(request.scope["root_path"])


def _unrecognized(request: Request) -> Response:
    words = f"Unrecognized request URL ({request.method}: {_path(request)}). Please see https://stripe.com/docs."
    return error(404, words)


def _throttled(reason: str) -> Response:
    words = (
        "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits."
    )
    refused = error(429, words, code="rate_limit")
    refused.headers["Stripe-Rate-Limited-Reason"] = reason
    return refused


def _basic_user(request: Request) -> str | None:
    scheme, _, coded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(coded, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return coded

"""Mailgun's events API: pages by links, an empty one at the end, and a newest half hour that is not complete.

Mailgun publishes no licensed machine-readable spec; the shapes follow its documentation
(documentation.mailgun.com, Events) and the samples in its open documentation repository.
"""

from __future__ import annotations

import hmac
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kpi_pipeline.sandbox.context import Envelope, Refused, VendorContext
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.vendors.wire import answer, whole
from kpi_pipeline.sandbox.world.model import Email, MailEvent

LIMITS = {"account": Limit(20, 1.0)}
ENVELOPE = Envelope(rows="items", next_url="paging.next", enum="event", number="timestamp", field="timestamp")
NAMES = {"accepted": "accepted", "delivered": "delivered", "temporary": "failed", "permanent": "failed"}


@dataclass(frozen=True, slots=True)
class Logged:
    """An event with its place in the log: the instant, then the id."""

    place: tuple[float, str]
    email: Email
    event: MailEvent


def authorise(request: Request, context: VendorContext) -> Response | None:
    """HTTP basic, user "api"."""
    expected = f"Basic {b64encode(f'api:{context.key}'.encode()).decode()}"
    given = request.headers.get("authorization", "")
    return None if hmac.compare_digest(given.encode(), expected.encode()) else error(401, "Invalid private key")


def limit(_request: Request, context: VendorContext) -> Response | None:
    return None if context.limiter.take("account").admitted else shape_error("throttle", context, {})


def shape_error(kind: str, _context: VendorContext, params: Mapping[str, Any]) -> Response:
    if kind == "throttle":
        return error(429, "Too many requests", {"Retry-After": str(int(params.get("seconds", 1)))})
    if kind == "daily_limit":
        raise ValueError("Mailgun has no daily limit for events")
    status, words = {
        "expired_key": (401, "Invalid private key"),
        "missing_scope": (403, "Forbidden"),
        "ok_with_error": (200, "Try again later"),
    }.get(kind, (500, "Internal Server Error"))
    return error(status, words)


def error(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return answer({"message": message}, status, headers)


def routes(context: VendorContext) -> list[BaseRoute]:
    """GET endpoints of api.mailgun.net."""

    async def first(request: Request) -> Response:
        _own_domain(context, request)
        query = request.query_params
        try:
            size = whole(query.get("limit"), 100, 1, 300)
            begin = _instant(query["begin"]) if "begin" in query else context.now().timestamp()
            end = _instant(query["end"]) if "end" in query else None
        except ValueError as bad:
            raise Refused(error(400, f"Bad request: {bad}")) from bad
        ascending = query.get("ascending", "no" if end is None or end < begin else "yes") == "yes"
        if end is not None and ascending != (end >= begin):
            raise Refused(error(400, "ascending does not agree with begin and end"))
        wanted = [name for name in query.get("event", "").split(" OR ") if name]
        state = {"begin": begin, "end": end, "up": ascending, "limit": size, "events": wanted, "after": None}
        return answer(_page(context, request, state))

    async def following(request: Request) -> Response:
        _own_domain(context, request)
        try:
            state = orjson.loads(urlsafe_b64decode(request.path_params["token"]))
        except ValueError as bad:
            raise Refused(error(400, "Invalid page token")) from bad
        return answer(_page(context, request, state))

    return [Route("/v3/{domain}/events", first), Route("/v3/{domain}/events/{token}", following)]


def _own_domain(context: VendorContext, request: Request) -> None:
    if request.path_params["domain"] != context.world().mail_domain:
        raise Refused(error(404, "Domain not found: " + request.path_params["domain"]))


def _page(context: VendorContext, request: Request, state: dict[str, Any]) -> dict[str, Any]:
    """Events after the place that the state names, among those that the log shows by now.

    An event that comes late stands before places that were already read: who reads too early never sees it.
    """
    log, now, after = _log(context), context.now(), state["after"]
    low, high = sorted((state["begin"], state["end"] if state["end"] is not None else (2e10 if state["up"] else 0.0)))
    start = bisect_left(log, (low, ""), key=lambda each: each.place)
    stop = bisect_left(log, (high, "~~"), key=lambda each: each.place)
    if after is not None and state["up"]:
        start = max(start, bisect_left(log, (after[0], after[1] + "\0"), key=lambda each: each.place))
    elif after is not None:
        stop = min(stop, bisect_left(log, (after[0], after[1]), key=lambda each: each.place))
    found: list[Logged] = []
    for at in range(start, stop) if state["up"] else range(stop - 1, start - 1, -1):
        each = log[at]
        if each.event.shown_at <= now and (not state["events"] or NAMES[each.event.kind] in state["events"]):
            found.append(each)
            if len(found) == state["limit"]:
                break
    base = str(request.url.replace(query=""))
    base = base[: base.index("/events") + len("/events")]
    moved = {**state, "after": found[-1].place if found else after}
    links = {"previous": state, "first": {**state, "after": None}, "last": moved, "next": moved}
    return {
        "items": [_item(context, each) for each in found],
        "paging": {name: f"{base}/{urlsafe_b64encode(orjson.dumps(where)).decode()}" for name, where in links.items()},
    }


def _log(context: VendorContext) -> list[Logged]:
    if "log" not in context.memo:
        context.memo["log"] = sorted(
            (
                Logged((event.at.timestamp(), _id(email, number)), email, event)
                for email in context.world().emails
                for number, event in enumerate(email.events)
            ),
            key=lambda each: each.place,
        )
    log: list[Logged] = context.memo["log"]
    return log


def _id(email: Email, number: int) -> str:
    digest = blake2b(f"{email.id}/{email.recipient}/{number}".encode(), digest_size=16).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _item(context: VendorContext, each: Logged) -> dict[str, Any]:
    email, event = each.email, each.event
    item: dict[str, Any] = {
        "id": each.place[1],
        "event": NAMES[event.kind],
        "timestamp": each.place[0],
        "log-level": "error" if event.kind == "permanent" else "info",
        "recipient": email.recipient,
        "recipient-domain": email.recipient.rpartition("@")[2],
        "tags": list(email.tags),
        "campaigns": [],
        "user-variables": {},
        "flags": {"is-authenticated": True, "is-routed": False, "is-system-test": False, "is-test-mode": False},
        "message": {
            "headers": {
                "to": email.recipient,
                "message-id": email.id,
                "from": f"noreply@{context.world().mail_domain}",
                "subject": email.subject,
            },
            "attachments": [],
            "size": 2048,
        },
    }
    if event.kind != "accepted":
        item["delivery-status"] = {"code": event.code, "message": "", "attempt-no": 1, "session-seconds": 0.4}
    if NAMES[event.kind] == "failed":
        item |= {"severity": event.kind, "reason": event.reason}
    return item


def _instant(text: str) -> float:
    """Epoch seconds or an RFC 2822 date. Raises ValueError for anything else."""
    try:
        return float(text)
    except ValueError:
        parsed: datetime = parsedate_to_datetime(text)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()

"""The registers that people keep in files, served as CSV over HTTP: `/{name}.csv`, and `/` as an index in JSON.

UTF-8 with a header row, comma-separated, instants ISO 8601 UTC (`2026-11-10T09:58:01Z`), days `YYYY-MM-DD`, booleans
`true`/`false`, empty for unknown. Only rows that were entered by now are there.

    survey_invitations   invitation_id, booking_id, form_id, sent_at, delivered_at, bounced_at, is_reminder, entered_at
                         delivered_at and bounced_at stay empty until they happened
    ledger               entry_id, day, account, kind (balance, outflow, inflow), category, amount, currency, one_off,
                         restricted, entered_by, entered_at; amount in Dutch notation: "1.850,00"
    fx_rates             day, currency, rate: ECB reference rate, units of the currency for one euro, decimal point;
                         a day's rate is there when it was published, or from local midnight where that is unknown
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kpi_pipeline.sandbox.context import VendorContext
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.vendors.wire import answer, bearer, iso_seconds, same_key
from kpi_pipeline.sandbox.world.model import World

KEY_PREFIX = "reg_"
LIMITS: Mapping[str, Limit] = {}

Row = tuple[datetime, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Register:
    """Column names, and the rows of a world as of an instant: (entered at, cells), in order of entry."""

    title: str
    columns: tuple[str, ...]
    rows: Callable[[World, datetime], Iterable[Row]]


def _invitations(world: World, now: datetime) -> Iterable[Row]:
    for row in world.invitations:
        delivered, bounced = _happened(row.delivered_at, now), _happened(row.bounced_at, now)
        cells = (row.id, row.booking_id, row.form_id, iso_seconds(row.sent_at), delivered, bounced)
        yield row.entered_at, (*cells, _flag(row.is_reminder), iso_seconds(row.entered_at))


def _ledger(world: World, _now: datetime) -> Iterable[Row]:
    for row in world.ledger:
        cells = (row.id, row.day.isoformat(), row.account, row.kind, row.category, dutch(row.amount), row.currency)
        rest = (_flag(row.one_off), _flag(row.restricted), row.entered_by, iso_seconds(row.entered_at))
        yield row.entered_at, (*cells, *rest)


def _fx_rates(world: World, _now: datetime) -> Iterable[Row]:
    zone = ZoneInfo(world.zone)
    for row in world.fx_rates:
        published = row.published_at or datetime.combine(row.day, time(), zone).astimezone(UTC)
        yield published, (row.day.isoformat(), row.currency, str(row.rate))


_INVITATION = ("invitation_id", "booking_id", "form_id", "sent_at", "delivered_at", "bounced_at", "is_reminder")
_LEDGER = ("entry_id", "day", "account", "kind", "category", "amount", "currency", "one_off", "restricted")

REGISTERS = {
    "survey_invitations": Register(
        "Survey invitations sent after an event", (*_INVITATION, "entered_at"), _invitations
    ),
    "ledger": Register("Cash balances and flows from the books", (*_LEDGER, "entered_by", "entered_at"), _ledger),
    "fx_rates": Register("ECB euro reference rates", ("day", "currency", "rate"), _fx_rates),
}


def dutch(amount: Decimal) -> str:
    """`1.850,00`: point for thousands, comma for decimals, two places."""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def render(name: str, world: World, now: datetime) -> tuple[bytes, datetime]:
    """A register's CSV as of `now`, and when its last row was entered. Raises KeyError for an unknown register."""
    register = REGISTERS[name]
    entered = sorted((row for row in register.rows(world, now) if row[0] <= now), key=lambda row: row[0])
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(register.columns)
    writer.writerows(cells for _, cells in entered)
    return text.getvalue().encode(), entered[-1][0] if entered else world.starts_at


def authorise(request: Request, context: VendorContext) -> Response | None:
    if same_key(bearer(request), context.key):
        return None
    return answer({"error": "unauthorized"}, 401, {"WWW-Authenticate": 'Bearer realm="registers"'})


def shape_error(kind: str, _context: VendorContext, _params: Mapping[str, Any]) -> Response:
    status = {"throttle": 429, "daily_limit": 429, "expired_key": 401, "missing_scope": 403, "deleted_between": 404}
    code = 200 if kind == "ok_with_error" else status.get(kind, 500)
    return answer({"error": kind}, code, {"Retry-After": "1"} if code == 429 else None)


def routes(context: VendorContext) -> list[BaseRoute]:
    """GET / and GET /{name}.csv; a conditional request with If-None-Match is answered 304 while nothing changed."""

    async def index(request: Request) -> Response:
        base = str(request.url.replace(query="")).rstrip("/")
        listed = [
            {"name": name, "title": register.title, "columns": register.columns, "url": f"{base}/{name}.csv"}
            for name, register in REGISTERS.items()
        ]
        return answer({"registers": listed})

    async def register(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in REGISTERS or request.state.gone:
            return answer({"error": f"no register {name!r}; there are: {', '.join(REGISTERS)}"}, 404)
        body, entered_at = render(name, context.world(), context.now())
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Last-Modified": format_datetime(entered_at.astimezone(UTC), usegmt=True)}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="text/csv")

    return [Route("/", index), Route("/{name}.csv", register)]


def _happened(at: datetime | None, now: datetime) -> str:
    return iso_seconds(at) if at is not None and at <= now else ""


def _flag(value: bool) -> str:
    return "true" if value else "false"

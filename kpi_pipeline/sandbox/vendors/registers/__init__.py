"""The registers that people keep in files, served as CSV over HTTP: `/{name}.csv`, and `/` as an index in JSON.

UTF-8 with a header row, comma-separated, instants ISO 8601 UTC (`2026-11-10T09:58:01Z`), days `YYYY-MM-DD`, booleans
`true`/`false`, empty for unknown. Only rows that were entered by now are there, and of several versions of a row the
newest. Amounts and numbers of registers that people fill in are in Dutch notation ("1.850,00"), those of exports have a
decimal point. The index names the columns of each.

    finance    survey_invitations, ledger, fx_rates (ECB: units of the currency for one euro, shown once published)
    paperwork  scorecard, milestones, projects, roadmap_items, product_classes, employees, employee_results,
               knowledge_items, certificates, controls, grades
    exports    orders, workflow_runs, security_incidents, vulnerabilities, quality_scores
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kpi_pipeline.sandbox.context import VendorContext
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.vendors.registers import exports, finance, paperwork
from kpi_pipeline.sandbox.vendors.wire import answer, bearer, same_key
from kpi_pipeline.sandbox.world.model import World

KEY_PREFIX = "reg_"
LIMITS: Mapping[str, Limit] = {}

REGISTERS = {**finance.REGISTERS, **paperwork.REGISTERS, **exports.REGISTERS}


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

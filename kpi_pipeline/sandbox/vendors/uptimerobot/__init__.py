"""UptimeRobot's API v3: monitors, incidents, statistics, maintenance windows. v2 is not simulated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from statistics import fmean
from typing import Any
from zlib import crc32

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kpi_pipeline.sandbox.context import Envelope, Refused, VendorContext
from kpi_pipeline.sandbox.limits import Limit, Taken
from kpi_pipeline.sandbox.vendors.uptimerobot import records, stats
from kpi_pipeline.sandbox.vendors.wire import answer, bearer, instant, iso_milliseconds, same_key, whole
from kpi_pipeline.sandbox.world.model import Monitor, MonitorIncident

KEY_PREFIX = "u1-"
MONITOR_LIMIT = 100
LIMITS = {"account": Limit(2 * MONITOR_LIMIT, 60.0, rolling=False)}
"""Paid plans: twice the monitor limit a minute (uptimerobot.com/api/v3)."""
ENVELOPE = Envelope(rows="data", next_url="nextLink", enum="status", number="id", field="status")
INCIDENT_PAGE = 50
MAX_RANGE = timedelta(days=90)


def environment(context: VendorContext, base: str) -> dict[str, str]:
    return {"UPTIMEROBOT_BASE_URL": f"{base}/v3", "UPTIMEROBOT_API_KEY": context.key}


def authorise(request: Request, context: VendorContext) -> Response | None:
    return None if same_key(bearer(request), context.key) else error(401, "Unauthorized")


def limit(request: Request, context: VendorContext) -> Response | None:
    """429 with Retry-After in seconds when the minute's calls are used up."""
    taken = request.state.taken = context.limiter.take("account")
    return None if taken.admitted else error(429, "Too Many Requests", {"Retry-After": str(int(taken.free_in) + 1)})


def sign(request: Request, response: Response, context: VendorContext) -> None:
    """X-RateLimit-*: Reset is epoch seconds."""
    taken: Taken | None = getattr(request.state, "taken", None)
    if taken is not None:
        reset = context.now() + timedelta(seconds=taken.free_in)
        response.headers["X-RateLimit-Limit"] = str(taken.limit.count)
        response.headers["X-RateLimit-Remaining"] = str(taken.remaining)
        response.headers["X-RateLimit-Reset"] = str(int(reset.timestamp()) + 1)


def shape_error(kind: str, context: VendorContext, params: Mapping[str, Any]) -> Response:
    """`seconds` (default 1) is how long a throttle asks to wait."""
    if kind in ("throttle", "daily_limit"):
        wait = int(params.get("seconds", 1))
        reset = str(int(context.now().timestamp()) + wait)
        allowed = {"X-RateLimit-Limit": str(LIMITS["account"].count), "X-RateLimit-Remaining": "0"}
        return error(429, "Too Many Requests", {"Retry-After": str(wait), "X-RateLimit-Reset": reset, **allowed})
    if kind == "ok_with_error":
        return answer({"stat": "fail", "error": {"type": "internal", "message": "Internal error"}})
    code, words = {"expired_key": (401, "Unauthorized"), "missing_scope": (403, "Forbidden")}.get(
        kind, (500, "Internal server error")
    )
    return error(code, words)


def error(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return answer({"statusCode": status, "message": message}, status, headers)


def routes(context: VendorContext) -> list[BaseRoute]:
    """GET endpoints of api.uptimerobot.com/v3."""

    async def monitors(request: Request) -> Response:
        query, now = request.query_params, context.now()
        with _parameters():
            size, cursor = whole(query.get("limit"), 50, 1, 200), int(query.get("cursor", "0"))
        rows = [records.monitor_item(m, _own_incidents(context, m), now) for m in _monitors(context)]
        if "status" in query:
            rows = [row for row in rows if row["status"] in query["status"].upper().split(",")]
        if "tags" in query:
            wanted = set(query["tags"].split(","))
            rows = [row for row in rows if wanted & {tag["name"] for tag in row["tags"]}]
        if "groupId" in query:
            rows = [row for row in rows if str(row["groupId"]) == query["groupId"]]
        for name, column in (("name", "friendlyName"), ("url", "url")):
            rows = [row for row in rows if query.get(name, "").lower() in row[column].lower()]
        rows = [row for row in rows if row["id"] > cursor]
        return answer(_page(request, rows, size))

    async def monitor(request: Request) -> Response:
        found = _monitor(context, request)
        return answer(records.monitor_item(found, _own_incidents(context, found), context.now()))

    async def incidents(request: Request) -> Response:
        query, now = request.query_params, context.now()
        with _parameters():
            after = instant(query["started_after"]) if "started_after" in query else None
            before = instant(query["started_before"]) if "started_before" in query else None
        mark = _scrambled(query["cursor"]) if "cursor" in query else None
        found = [
            (incident, monitor)
            for monitor in _monitors(context)
            if query.get("monitor_id", str(monitor.id)) == str(monitor.id)
            and query.get("monitor_name", "").lower() in monitor.name.lower()
            for incident in _own_incidents(context, monitor)
            if incident.started_at <= now
            and (after is None or incident.started_at > after)
            and (before is None or incident.started_at < before)
            and (mark is None or _scrambled(incident.id) > mark)
        ]
        found.sort(key=lambda pair: _scrambled(pair[0].id))
        rows = [records.incident_item(*pair, now) for pair in found[: INCIDENT_PAGE + 1]]
        return answer(_page(request, rows, INCIDENT_PAGE))

    async def incident(request: Request) -> Response:
        wanted, now, gone = request.path_params["id"], context.now(), request.state.gone
        for monitor in _monitors(context):
            for found in _own_incidents(context, monitor):
                if found.id == wanted and found.started_at <= now and not gone:
                    return answer(records.incident_detail(found, monitor, now))
        raise Refused(error(404, "Incident not found"))

    async def uptime(request: Request) -> Response:
        found, span = _monitor(context, request), _range(request, context)
        shown = stats.uptime(found, _own_incidents(context, found), context.world().maintenance, span, context.now())
        return answer(shown)

    async def response_time(request: Request) -> Response:
        found, span = _monitor(context, request), _range(request, context)
        points = stats.response_times(found, span, context.now())
        values = [value for _, value in points]
        summary = {"min": min(values), "max": max(values), "avg": round(fmean(values), 2)} if values else None
        body: dict[str, Any] = {
            "summary": summary or {"min": None, "max": None, "avg": None},
            "data_points": len(values),
            "from": iso_milliseconds(span[0]),
            "to": iso_milliseconds(span[1]),
        }
        if request.query_params.get("includeTimeSeries") == "true":
            body["time_series"] = [{"timestamp": iso_milliseconds(at), "value": value} for at, value in points]
        return answer(body)

    async def uptime_stats(request: Request) -> Response:
        query = request.query_params
        with _parameters():
            size, span = whole(query.get("logLimit"), 50, 1, 500), _time_frame(query, context)
        pairs = [(monitor, _own_incidents(context, monitor)) for monitor in _monitors(context)]
        return answer(stats.overall(pairs, context.world().maintenance, span, context.now(), size))

    async def maintenance(request: Request) -> Response:
        with _parameters():
            cursor = int(request.query_params.get("cursor", "0"))
        windows = [w for w in context.world().maintenance if w.start - records.ANNOUNCED <= context.now()]
        rows = [records.maintenance_item(w) for w in sorted(windows, key=lambda w: w.id) if w.id > cursor]
        return answer(_page(request, rows, 50))

    async def me(_request: Request) -> Response:
        plan = {"plan": "Team", "monitorLimit": MONITOR_LIMIT, "status": "active"}
        return answer(
            {
                "email": f"ops@{context.company}.example",
                "fullName": context.company,
                "monitorsCount": len(_monitors(context)),
                "monitorLimit": MONITOR_LIMIT,
                "smsCredits": 0,
                "activeSubscription": plan,
            }
        )

    return [
        Route("/v3/monitors", monitors),
        Route("/v3/monitors/uptime-stats", uptime_stats),
        Route("/v3/monitors/{id:int}", monitor),
        Route("/v3/monitors/{id:int}/stats/uptime", uptime),
        Route("/v3/monitors/{id:int}/stats/response-time", response_time),
        Route("/v3/incidents", incidents),
        Route("/v3/incidents/{id}", incident),
        Route("/v3/maintenance-windows", maintenance),
        Route("/v3/user/me", me),
    ]


@contextmanager
def _parameters() -> Iterator[None]:
    """400 for a parameter that cannot be read."""
    try:
        yield
    except (ValueError, KeyError) as bad:
        raise Refused(error(400, f"Bad Request: {bad}")) from bad


def _monitors(context: VendorContext) -> list[Monitor]:
    """By id, as the cursor of /monitors needs; a deleted monitor takes its incidents with it."""
    now = context.now()
    return sorted((m for m in context.world().monitors if records.exists(m, now)), key=lambda m: m.id)


def _monitor(context: VendorContext, request: Request) -> Monitor:
    for monitor in _monitors(context):
        if monitor.id == request.path_params["id"] and not request.state.gone:
            return monitor
    raise Refused(error(404, "Monitor not found"))


def _own_incidents(context: VendorContext, monitor: Monitor) -> list[MonitorIncident]:
    by_monitor: dict[int, list[MonitorIncident]] = context.memo.setdefault("incidents", {})
    if not by_monitor:
        for incident in context.world().incidents:
            by_monitor.setdefault(incident.monitor_id, []).append(incident)
    return by_monitor.get(monitor.id, [])


def _scrambled(incident_id: str) -> tuple[int, str]:
    """The order of /incidents: fixed, but not by time. The vendor promises none, so nobody may rely on one."""
    return crc32(incident_id.encode()), incident_id


def _page(request: Request, rows: list[dict[str, Any]], size: int) -> dict[str, Any]:
    """One page, and the absolute address of the next one with the same filters."""
    more = len(rows) > size
    link = str(request.url.include_query_params(cursor=rows[size - 1]["id"])) if more else None
    return {"nextLink": link, "data": rows[:size]}


def _range(request: Request, context: VendorContext) -> stats.Interval:
    """from and to, at most 90 days apart; the last day without them."""
    query = request.query_params
    with _parameters():
        end = instant(query["to"]) if "to" in query else context.now()
        start = instant(query["from"]) if "from" in query else end - timedelta(days=1)
        if not start < end <= start + MAX_RANGE:
            raise ValueError("from must be before to, and at most 90 days")
    return start, end


def _time_frame(query: Mapping[str, str], context: VendorContext) -> stats.Interval:
    now = context.now()
    name = query.get("timeFrame", "DAY")
    if name == "CUSTOM":
        return datetime.fromtimestamp(int(query["start"]), UTC), datetime.fromtimestamp(int(query["end"]), UTC)
    if name == "ALL":
        return min((monitor.created_at for monitor in _monitors(context)), default=now), now
    days = {"DAY": 1, "WEEK": 7, "MONTH": 30, "DAYS_30": 30, "YEAR": 365}
    return now - timedelta(days=days[name]), now

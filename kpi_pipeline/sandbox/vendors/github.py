"""GitHub's REST API, as far as repositories and Actions runs: pages by Link header, a search shows 1,000 results.

The shapes follow GitHub's MIT-licensed OpenAPI description (github.com/github/rest-api-description).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kpi_pipeline.sandbox.context import Envelope, Refused, VendorContext
from kpi_pipeline.sandbox.limits import Limit, Taken
from kpi_pipeline.sandbox.vendors.wire import answer, bearer, instant, iso_seconds, same_key, whole
from kpi_pipeline.sandbox.world.model import CodeRepository, PipelineRun

KEY_PREFIX = "github_pat_"
LIMITS = {"hour": Limit(5000, 3600.0, rolling=False), "minute": Limit(900, 60.0)}
ENVELOPE = Envelope(
    rows="workflow_runs", link_header=True, count="total_count", enum="conclusion", number="id", field="created_at"
)
SHOWN = 1000
DOCS = "https://docs.github.com/rest"


def authorise(request: Request, context: VendorContext) -> Response | None:
    return None if same_key(bearer(request), context.key) else error(401, "Bad credentials")


def limit(request: Request, context: VendorContext) -> Response | None:
    """The hour's calls first, then the secondary limit, which names the seconds to wait."""
    taken = request.state.taken = context.limiter.take("hour")
    if not taken.admitted:
        return error(403, "API rate limit exceeded")
    minute = context.limiter.take("minute")
    return None if minute.admitted else _secondary(int(minute.free_in) + 1)


def sign(request: Request, response: Response, context: VendorContext) -> None:
    """X-RateLimit-*: Reset is epoch seconds."""
    taken: Taken | None = getattr(request.state, "taken", None)
    if taken is not None and "X-RateLimit-Remaining" not in response.headers:
        response.headers["X-RateLimit-Limit"] = str(taken.limit.count)
        response.headers["X-RateLimit-Remaining"] = str(taken.remaining)
        response.headers["X-RateLimit-Reset"] = str(int(context.now().timestamp() + taken.free_in) + 1)


def shape_error(kind: str, context: VendorContext, params: Mapping[str, Any]) -> Response:
    if kind == "throttle":
        return _secondary(int(params.get("seconds", 1)))
    if kind == "daily_limit":
        reset = str(int(context.now().timestamp()) + 3600)
        headers = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
        return error(403, "API rate limit exceeded", headers)
    if kind == "ok_with_error":
        return answer({"message": "Server Error"})
    status, words = {
        "expired_key": (401, "Bad credentials"),
        "missing_scope": (403, "Resource not accessible by personal access token"),
    }.get(kind, (502, "Server Error"))
    return error(status, words)


def error(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return answer({"message": message, "documentation_url": DOCS, "status": str(status)}, status, headers)


def _secondary(seconds: int) -> Response:
    words = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    return error(429, words, {"Retry-After": str(seconds)})


def routes(context: VendorContext) -> list[BaseRoute]:
    """GET endpoints of api.github.com; the owner of all repositories is the company."""

    async def repository(request: Request) -> Response:
        return answer(_repository_item(context, _repository(context, request)))

    async def runs(request: Request) -> Response:
        own, query, now = _repository(context, request), request.query_params, context.now()
        try:
            size, page = whole(query.get("per_page"), 30, 1, 100), whole(query.get("page"), 1, 1, 10**6)
            first, last = _created(query.get("created"))
        except ValueError as bad:
            raise Refused(error(422, f"Validation Failed: {bad}")) from bad
        if (page - 1) * size >= SHOWN:
            raise Refused(error(422, "Only the first 1000 search results are available"))
        found = [
            run
            for run in _own_runs(context, own.name)
            if _second(run) <= now
            and (first is None or _second(run) >= first)
            and (last is None or _second(run) <= last)
            and query.get("branch", run.branch) == run.branch
            and query.get("event", run.event) == run.event
        ]
        shown = found[:SHOWN][(page - 1) * size : page * size]
        last_page = -(-min(len(found), SHOWN) // size)
        link = f'<{request.url.include_query_params(page=page + 1)}>; rel="next"'
        rows = [_run_item(context, own, run, now) for run in shown]
        headers = {"Link": link} if page < last_page else None
        return answer({"total_count": len(found), "workflow_runs": rows}, headers=headers)

    return [Route("/repos/{owner}/{repo}", repository), Route("/repos/{owner}/{repo}/actions/runs", runs)]


def _repository(context: VendorContext, request: Request) -> CodeRepository:
    """404 for a repository of somebody else too: GitHub does not tell what it may not show."""
    for own in context.world().repositories:
        wanted = (request.path_params["owner"], request.path_params["repo"])
        if wanted == (_owner(context), own.name) and own.created_at <= context.now() and not request.state.gone:
            return own
    raise Refused(error(404, "Not Found"))


def _owner(context: VendorContext) -> str:
    return context.company.replace("_", "-")


def _repository_item(context: VendorContext, own: CodeRepository) -> dict[str, Any]:
    return {
        "id": _number(context, own),
        "name": own.name,
        "full_name": f"{_owner(context)}/{own.name}",
        "private": True,
        "archived": False,
        "default_branch": own.default_branch,
        "created_at": iso_seconds(own.created_at),
    }


def _number(context: VendorContext, own: CodeRepository) -> int:
    return 700_000_001 + context.world().repositories.index(own)


def _own_runs(context: VendorContext, repository: str) -> list[PipelineRun]:
    """Newest first."""
    by_name: dict[str, list[PipelineRun]] = context.memo.setdefault("runs", {})
    if not by_name:
        for run in sorted(context.world().pipeline_runs, key=lambda r: (r.attempts[0].started_at, r.id), reverse=True):
            by_name.setdefault(run.repository, []).append(run)
    return by_name.get(repository, [])


def _second(run: PipelineRun) -> datetime:
    """When a run was created: with its first attempt, to the second."""
    return run.attempts[0].started_at.replace(microsecond=0)


def _created(text: str | None) -> tuple[datetime | None, datetime | None]:
    """GitHub's search syntax for dates, as far as a range of instants, both inclusive, or one side with *."""
    if text is None:
        return None, None
    first, dots, last = text.partition("..")
    if not dots:
        raise ValueError(f"created: {text!r} is not a range")
    return (None if first == "*" else instant(first)), (None if last == "*" else instant(last))


def _run_item(context: VendorContext, own: CodeRepository, run: PipelineRun, now: datetime) -> dict[str, Any]:
    begun = [attempt for attempt in run.attempts if attempt.started_at <= now]
    number, last = max(1, len(begun)), begun[-1] if begun else run.attempts[0]
    over = last.completed_at <= now
    owner = _owner(context)
    head = f"somebody-else/{own.name}" if run.from_fork else f"{owner}/{own.name}"
    return {
        "id": run.id,
        "name": run.workflow,
        "head_branch": run.branch,
        "event": run.event,
        "status": "completed" if over else "in_progress",
        "conclusion": last.conclusion if over else None,
        "run_attempt": number,
        "created_at": iso_seconds(_second(run)),
        "run_started_at": iso_seconds(last.started_at),
        "updated_at": iso_seconds(last.completed_at if over else max(last.started_at, now - timedelta(seconds=5))),
        "actor": {"login": f"developer-at-{context.company}"},
        "head_commit": {"author": {"name": "A Developer", "email": f"developer@{context.company}.example"}},
        "repository": {"id": _number(context, own), "full_name": f"{owner}/{own.name}"},
        "head_repository": {"full_name": head},
    }

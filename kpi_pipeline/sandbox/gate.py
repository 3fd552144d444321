"""One vendor behind its front door: key, limits, faults, the vendor's headers, and the log of what was asked."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from types import ModuleType
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from kpi_pipeline.sandbox import faults as fault
from kpi_pipeline.sandbox import pages
from kpi_pipeline.sandbox.clock import SKEW
from kpi_pipeline.sandbox.context import Refused, VendorContext
from kpi_pipeline.sandbox.faults import Fault, Faults


class Gate:
    """ASGI app of one vendor of one company; `scope["root_path"]` is /{company}/{vendor}."""

    def __init__(self, module: ModuleType, context: VendorContext, faults: Faults, log: deque[dict[str, Any]]) -> None:
        self.module = module
        self.context = context
        self._routes = module.routes(context)
        self._faults = faults
        self._log = log
        self._sent: dict[str, dict[str, Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = scope["path"].removeprefix(scope["root_path"])
        befalling = self._faults.befalling(self.context.company, self.context.vendor, path)
        token = SKEW.set(fault.skew(befalling) if befalling else None)
        try:
            at = self.context.now()
            request.state.request_id = uuid.uuid4().hex
            request.state.gone = fault.first(befalling, "deleted_between") is not None
            refusal = self._ask("authorise", request)
            response = refusal or await self._answer(request, path, befalling)
            if hasattr(self.module, "sign"):
                self.module.sign(request, response, self.context)
        finally:
            SKEW.reset(token)
        if throttled := fault.first(befalling, "throttle"):
            fault.set_wait(throttled, response, at)
        response.headers["Date"] = format_datetime(at, usegmt=True)
        self._note(request, path, at, response.status_code, authorised=refusal is None)
        if fault.first(befalling, "reset_mid_body"):
            await fault.cut_off(response, send)
            return
        if fault.first(befalling, "truncated_json"):
            response = fault.truncated(response)
        await response(scope, receive, send)

    def _ask(self, hook: str, request: Request) -> Response | None:
        asked = getattr(self.module, hook, None)
        answer: Response | None = asked(request, self.context) if asked else None
        return answer

    async def _answer(self, request: Request, path: str, befalling: Sequence[Fault]) -> Response:
        if shaped := fault.first(befalling, *fault.SHAPED):
            failure: Response = self.module.shape_error(shaped.kind, self.context, shaped.params)
            return failure
        if html := fault.first(befalling, "html_error"):
            return fault.html_error(html)
        if refusal := self._ask("limit", request):
            return refusal
        if befalling:
            await asyncio.sleep(fault.delay(befalling))
        response = await self._dispatch(request)
        if response.status_code == 200 and self._faults.concern(self.context.company, self.context.vendor):
            return self._spoil(path, response, befalling)
        return response

    async def _dispatch(self, request: Request) -> Response:
        allowed = True
        for route in self._routes:
            match, found = route.matches(request.scope)
            if match is Match.FULL:
                request.scope.update(found)
                try:
                    response: Response = await route.endpoint(request)
                except Refused as refused:
                    return refused.response
                return response
            allowed = allowed and match is not Match.PARTIAL
        status = 404 if allowed else 405
        words = f"the sandbox's {self.context.vendor} has no {request.method} {request.url.path}"
        return PlainTextResponse(words, status_code=status)

    def _spoil(self, path: str, response: Response, befalling: Sequence[Fault]) -> Response:
        """Apply page faults, and remember the page as it was for those that need the one before."""
        envelope = getattr(self.module, "ENVELOPE", None)
        if envelope is None or response.media_type != "application/json":
            return response
        body = orjson.loads(bytes(response.body))
        if not pages.has_rows(body, envelope):
            return response
        spoiled = body
        for each in befalling:
            if each.kind in fault.PAGES:
                spoiled = pages.alter(each.kind, spoiled, self._sent.get(path), envelope, each.params)
            if each.kind == "foreign_next" and envelope.link_header:
                response.headers["Link"] = f'<{pages.foreign(each.params)}>; rel="next"'
        self._sent[path] = body
        if spoiled is body:
            return response
        kept = {name: value for name, value in response.headers.items() if name != "content-length"}
        return Response(orjson.dumps(spoiled), headers=kept, media_type="application/json")

    def _note(self, request: Request, path: str, at: datetime, status: int, *, authorised: bool) -> None:
        self._log.append(
            {
                "at": at.isoformat(),
                "company": self.context.company,
                "vendor": self.context.vendor,
                "method": request.method,
                "path": path,
                "query": request.url.query,
                "status": status,
                "authorised": authorised,
                "request_id": request.state.request_id,
            }
        )

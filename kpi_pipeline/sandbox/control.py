"""Endpoints below /__sandbox__ that steer the sandbox and show what it saw; no vendor has them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kpi_pipeline.sandbox import pages
from kpi_pipeline.sandbox.faults import PAGES, SHAPED, Fault
from kpi_pipeline.sandbox.limits import Limit

if TYPE_CHECKING:
    from kpi_pipeline.sandbox.server import Sandbox

Answer = Callable[[Request], Awaitable[Any]]
FAULT_FIELDS = ("kind", "company", "vendor", "path", "times", "after")


def routes(sandbox: Sandbox) -> list[Route]:
    """POST/GET/DELETE faults, POST clock, POST limits, GET/DELETE requests, GET/DELETE received/{vendor},
    GET environment/{company}, GET truth/{company}?from&to."""

    async def add_fault(request: Request) -> Any:
        given = await request.json()
        known = {name: given[name] for name in FAULT_FIELDS if name in given}
        extra = {name: value for name, value in given.items() if name not in FAULT_FIELDS}
        fault = Fault(**known, params=extra)
        _check(sandbox, fault)
        return {"id": sandbox.faults.add(fault).id}

    async def list_faults(_: Request) -> Any:
        return [asdict(fault) for fault in sandbox.faults.all()]

    async def clear_faults(_: Request) -> Any:
        sandbox.faults.clear()
        return {}

    async def set_clock(request: Request) -> Any:
        instant = (await request.json())["now"]
        sandbox.set_now(None if instant is None else datetime.fromisoformat(instant))
        return {"now": sandbox.clock.now().isoformat()}

    async def set_limit(request: Request) -> Any:
        given = await request.json()
        for (company, vendor), gate in sandbox.gates.items():
            if vendor == given["vendor"] and given.get("company") in (None, company):
                rolling = gate.context.limiter.limits.get(given["name"], Limit(1, 1)).rolling
                gate.context.limiter.set(given["name"], Limit(int(given["count"]), float(given["seconds"]), rolling))
        return {}

    async def list_requests(request: Request) -> Any:
        wanted = request.query_params
        return [
            entry for entry in sandbox.requests if all(str(entry.get(key)) == value for key, value in wanted.items())
        ]

    async def forget_requests(_: Request) -> Any:
        sandbox.requests.clear()
        return {}

    async def list_received(request: Request) -> Any:
        return sandbox.received.get(request.path_params["vendor"], [])

    async def forget_received(request: Request) -> Any:
        sandbox.received.pop(request.path_params["vendor"], None)
        return {}

    async def environment(request: Request) -> Any:
        return sandbox.environment(request.path_params["company"])

    async def truth(request: Request) -> Any:
        from kpi_pipeline.sandbox import truth as counted

        now = sandbox.clock.now()
        last = date.fromisoformat(request.query_params.get("to", now.date().isoformat()))
        first = date.fromisoformat(request.query_params.get("from", (last - timedelta(days=30)).isoformat()))
        company = request.path_params["company"]
        # plain loops take seconds: not on the event loop, where the vendors answer
        return await asyncio.to_thread(lambda: counted.values(sandbox.world(company), first, last, now))

    return [
        Route("/faults", _json(add_fault), methods=["POST"]),
        Route("/faults", _json(list_faults), methods=["GET"]),
        Route("/faults", _json(clear_faults), methods=["DELETE"]),
        Route("/clock", _json(set_clock), methods=["POST"]),
        Route("/limits", _json(set_limit), methods=["POST"]),
        Route("/requests", _json(list_requests), methods=["GET"]),
        Route("/requests", _json(forget_requests), methods=["DELETE"]),
        Route("/received/{vendor}", _json(list_received), methods=["GET"]),
        Route("/received/{vendor}", _json(forget_received), methods=["DELETE"]),
        Route("/environment/{company}", _json(environment), methods=["GET"]),
        Route("/truth/{company}", _json(truth), methods=["GET"]),
    ]


def _check(sandbox: Sandbox, fault: Fault) -> None:
    """Raise ValueError for a fault that could not befall a vendor it names, so that no test waits for it in vain."""
    gates = [gate for (company, vendor), gate in sandbox.gates.items() if fault.concerns(company, vendor)]
    if not gates:
        raise ValueError(f"no company {fault.company!r} with vendor {fault.vendor!r} in the sandbox")
    for gate in gates:
        if fault.kind not in getattr(gate.module, "FAULTS", (fault.kind,)):
            raise ValueError(f"{gate.context.vendor} cannot have {fault.kind}, only {', '.join(gate.module.FAULTS)}")
        if hasattr(gate.module, "FAULTS"):
            continue
        if fault.kind in PAGES:
            pages.check(fault.kind, getattr(gate.module, "ENVELOPE", None), fault.params)
        elif fault.kind in SHAPED and not hasattr(gate.module, "shape_error"):
            raise ValueError(f"{gate.context.vendor} has no error of kind {fault.kind}")
        elif fault.kind in SHAPED:
            gate.module.shape_error(fault.kind, gate.context, fault.params)


def _json(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """JSON of what the endpoint returns; 400 with the reason for a wrong value, 404 for an unknown name."""

    async def endpoint(request: Request) -> Response:
        try:
            body, status = await answer(request), 200
        except KeyError as error:
            body, status = {"error": str(error.args[0])}, 404
        except (ValueError, TypeError) as error:
            body, status = {"error": str(error)}, 400
        content = orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS)
        return Response(content, status, media_type="application/json")

    return endpoint

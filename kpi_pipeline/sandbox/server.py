"""The sandbox server: simulated companies behind the protocols of their vendors, on 127.0.0.1."""

from __future__ import annotations

import hashlib
import logging
import socket
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, datetime
from functools import partial
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from kpi_pipeline.sandbox import control, vendors
from kpi_pipeline.sandbox.clock import Clock
from kpi_pipeline.sandbox.context import VendorContext
from kpi_pipeline.sandbox.faults import Faults
from kpi_pipeline.sandbox.gate import Gate
from kpi_pipeline.sandbox.limits import Limit, Limiter
from kpi_pipeline.sandbox.prompt import PromptServer
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline.sandbox.worlds import Build, Worlds, build_world, starts_at

START_SECONDS = 10.0
LOG_ENTRIES = 200_000

Limits = Mapping[str, Mapping[str, Limit]]


class Sandbox:
    """Serves the companies while the `with` block runs.

    `port` 0 takes any free one; `anchor` is the day that the worlds are built around (default: today on the sandbox's
    clock); `now` is the vendors' clock (default: the machine's, until `set_now`). `vendor_names`, `limits` ({vendor:
    {limit name: Limit}}) and `build` narrow it down for tests. A world is built when its company is first asked for.
    """

    def __init__(
        self,
        companies: Sequence[str] = ("mister_dj",),
        port: int = 0,
        seed: int = 7,
        anchor: date | None = None,
        now: Callable[[], datetime] | None = None,
        *,
        vendor_names: Sequence[str] = vendors.NAMES,
        limits: Limits | None = None,
        build: Build = build_world,
    ) -> None:
        self.companies = tuple(companies)
        self.seed = seed
        self.clock = Clock(now)
        self.faults = Faults()
        self.requests: deque[dict[str, Any]] = deque(maxlen=LOG_ENTRIES)
        self.received: dict[str, list[dict[str, Any]]] = {}
        self.worlds = Worlds(build, seed, anchor or self.clock.now().date())
        self.url = ""
        self._started = threading.Event()
        self._port = port
        modules = {name: vendors.load(name) for name in vendor_names}
        self.gates = {
            (company, name): Gate(
                module, self._context(company, name, module, limits or {}), self.faults, self.requests
            )
            for company in self.companies
            for name, module in modules.items()
        }

    def __enter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", self._port), backlog=256)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = Starlette(
            routes=[Mount("/__sandbox__", routes=control.routes(self)), Mount("/", app=self._to_gate)],
            lifespan=self._lifespan,
        )
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=75,
        )
        logging.getLogger("uvicorn.error").addFilter(_not_a_deliberate_cut)
        self._server = PromptServer(config)
        self._thread = threading.Thread(
            target=partial(self._server.run, sockets=[listener]), name="kpi-sandbox", daemon=True
        )
        self._thread.start()
        if not self._started.wait(START_SECONDS):
            self.close()
            raise RuntimeError(
                f"starting the sandbox: no answer on {self.url} in {START_SECONDS:.0f} s; see the log above"
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving; open connections are closed."""
        self._server.stop()
        self._thread.join(START_SECONDS)

    def world(self, company: str) -> World:
        """Everything that ever happens to the company. Raises KeyError for one that is not served."""
        if company not in self.companies:
            raise KeyError(f"the sandbox does not serve {company!r}; it serves: {', '.join(self.companies)}")
        return self.worlds.get(company)

    def starts_at(self, company: str) -> datetime:
        """When the company's history begins; its world need not be built for that."""
        return starts_at(company, self.seed, self.worlds.anchor)

    def set_now(self, instant: datetime | None) -> None:
        """Stop the vendors' clock at an aware instant; None lets it run again. Raises ValueError without a zone."""
        self.clock.set(instant)

    def prepare(self) -> None:
        """Build the worlds now and in the background, and not when the first request of each waits for it."""
        for company in self.companies:
            threading.Thread(target=self.worlds.get, args=(company,), daemon=True).start()

    def environment(self, company: str, *, without: Collection[str] = ()) -> dict[str, str]:
        """The variables that let a pipeline read this company here: base URLs, keys, channel addresses.

        `without` vendors whose address would have to be prepared for nobody: a product database is written for it.
        """
        variables: dict[str, str] = {}
        for (served, name), gate in self.gates.items():
            if served != company or name in without:
                continue
            base = f"{self.url}/{company}/{name}"
            if hasattr(gate.module, "environment"):
                own = gate.module.environment(gate.context, base)
            else:
                own = {f"{name.upper()}_BASE_URL": base, f"{name.upper()}_API_KEY": gate.context.key}
            variables |= {f"{company.upper()}_{key}": value for key, value in own.items()}
        if not variables:
            raise KeyError(f"the sandbox does not serve {company!r}; it serves: {', '.join(self.companies)}")
        return variables

    def _context(self, company: str, name: str, module: Any, limits: Limits) -> VendorContext:
        digest = hashlib.sha256(f"{company}/{name}/{self.seed}".encode()).hexdigest()[:32]
        limiter = Limiter(getattr(module, "LIMITS", {}))
        for limit_name, limit in limits.get(name, {}).items():
            limiter.set(limit_name, limit)
        return VendorContext(
            company=company,
            vendor=name,
            key=getattr(module, "KEY_PREFIX", "") + digest,
            limiter=limiter,
            world=partial(self.worlds.get, company),
            now=self.clock.now,
            receive=partial(self._receive, company, name),
            watch_clock=self.clock.watch,
            watch_faults=partial(self.faults.watch, company, name),
        )

    def _receive(self, company: str, name: str, record: Mapping[str, Any]) -> None:
        at = self.clock.now().isoformat()
        self.received.setdefault(name, []).append({"at": at, "company": company, **record})

    async def _to_gate(self, scope: Scope, receive: Receive, send: Send) -> None:
        company, _, rest = scope["path"].lstrip("/").partition("/")
        name = rest.partition("/")[0]
        gate = self.gates.get((company, name))
        if gate is None:
            served = ", ".join(sorted(f"/{c}/{v}" for c, v in self.gates))
            await PlainTextResponse(f"nothing here; the sandbox serves {served}", 404)(scope, receive, send)
            return
        await self.worlds.ensure(company)
        await gate({**scope, "root_path": f"/{company}/{name}"}, receive, send)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for gate in self.gates.values():
                if hasattr(gate.module, "serving"):
                    await stack.enter_async_context(gate.module.serving(gate.context))
            self._started.set()
            yield


def _not_a_deliberate_cut(record: logging.LogRecord) -> bool:
    return record.getMessage() != "ASGI callable returned without completing response."

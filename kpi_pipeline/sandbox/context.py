"""What a vendor of the sandbox is given, and what it has to offer.

The plug-in rule: a vendor is a module or package `kpi_pipeline.sandbox.vendors.<name>` whose name stands in
`vendors.NAMES`. It must offer

    routes(context) -> list[Route]          paths below {url}/{company}/{name}; endpoints are `async def` and share one
                                            event loop, so they need no locks; they may raise Refused(response)

and may offer

    KEY_PREFIX: str                         how its API keys begin; `context.key` is the prefix and 32 hex digits
    LIMITS: Mapping[str, Limit]             its rate limits by name; `context.limiter.take(name, key)` counts a call
    ENVELOPE: Envelope                      where rows, counts and links stand in a page; page faults need it
    authorise(request, context)             None, or the Response that refuses the key in the vendor's words
    limit(request, context)                 None, or the Response that refuses for too many calls
    sign(request, response, context)        sets the headers that the vendor puts on every answer
    shape_error(kind, context, params)      the vendor's Response for throttle, daily_limit, server_error, expired_key,
                                            missing_scope, ok_with_error; ValueError for a kind that it does not have
    environment(context, base)              variables without the company's prefix; default {NAME}_BASE_URL and
                                            {NAME}_API_KEY
    FAULTS: Sequence[str]                   the only kinds of fault it can have, for a vendor without requests
    serving(context)                        an async context manager, open while the server runs (an SMTP port, say)

An endpoint that reads one record by id must answer "not found" when `request.state.gone` is true: that is the fault
deleted_between. `request.state.request_id` is the id that the request log shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.responses import Response

from kpi_pipeline.sandbox.faults import Fault
from kpi_pipeline.sandbox.limits import Limiter
from kpi_pipeline.sandbox.world.model import World


class Refused(Exception):
    """The vendor answers with `response` instead of what was asked for."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__(f"answered with status {response.status_code}")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Dotted places in a page's JSON; `*` stands for every key. None where the protocol has no such thing.

    `link_header`: the next page's address stands in the Link header instead of the body.
    `enum`, `number` and `field` are dotted places in one row: what the schema-drift faults change by default.
    """

    rows: str
    more: str | None = None
    next_url: str | None = None
    link_header: bool = False
    count: str | None = None
    enum: str | None = None
    number: str | None = None
    field: str | None = None


@dataclass(frozen=True)
class VendorContext:
    """One vendor as one company sees it. `now()` is the sandbox's clock, aware UTC, not the machine's."""

    company: str
    vendor: str
    key: str
    limiter: Limiter
    world: Callable[[], World]
    now: Callable[[], datetime]
    receive: Callable[[Mapping[str, Any]], None]
    """Keeps what was sent in (a message, a mail) for GET /__sandbox__/received/{vendor}."""
    watch_clock: Callable[[Callable[[datetime | None], None]], None]
    """Tells a vendor without requests where the clock stands, now and whenever it is set; None: it runs."""
    watch_faults: Callable[[Callable[[Sequence[Fault]], None]], None]
    """Tells it which faults concern it, now and whenever they change."""
    memo: dict[str, Any] = field(default_factory=dict)
    """For what is dear to compute from the world, which never changes while the server runs."""

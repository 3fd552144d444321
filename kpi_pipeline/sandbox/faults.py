"""Faults that were switched on, and which of them befall a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import Any

from starlette.responses import HTMLResponse, Response
from starlette.types import Send

SHAPED = ("throttle", "daily_limit", "server_error", "ok_with_error", "expired_key", "missing_scope")
PAGES = (
    "duplicate_page",
    "shifted_page",
    "repeated_cursor",
    "empty_page_with_more",
    "foreign_next",
    "wrong_count",
    "unknown_enum",
    "new_field",
    "missing_field",
    "number_as_string",
)
WIRE = ("reset_mid_body", "truncated_json", "html_error", "slow", "clock_skew", "deleted_between")
WAITS = ("vendor", "none", "seconds", "ms", "date", "zero")
KINDS = SHAPED + PAGES + WIRE


@dataclass(slots=True)
class Fault:
    """Befalls requests of a company to a vendor whose path holds `path`: not the first `after`, then `times` of them.

    None for company or vendor means any, None for `times` means for ever.
    """

    kind: str
    id: int = 0
    company: str | None = None
    vendor: str | None = None
    path: str = ""
    times: int | None = None
    after: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)
    seen: int = 0
    fired: int = 0

    def concerns(self, company: str, vendor: str) -> bool:
        return self.company in (None, company) and self.vendor in (None, vendor)

    def fires(self) -> bool:
        """Count one matching request; true when it is one that the fault befalls."""
        self.seen += 1
        if self.seen <= self.after or (self.times is not None and self.fired >= self.times):
            return False
        self.fired += 1
        return True


class Faults:
    """The faults that are on now."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._ids = count(1)
        self._watchers: list[Callable[[], None]] = []

    def add(self, fault: Fault) -> Fault:
        """Switch a fault on and give it an id. Raises ValueError for an unknown kind."""
        if fault.kind not in KINDS:
            raise ValueError(f"no fault kind {fault.kind!r}; there are: {', '.join(KINDS)}")
        if fault.params.get("header", "vendor") not in WAITS:
            raise ValueError(f"no header form {fault.params['header']!r}; there are: {', '.join(WAITS)}")
        fault.id = next(self._ids)
        self._faults.append(fault)
        self._changed()
        return fault

    def clear(self) -> None:
        self._faults.clear()
        self._changed()

    def watch(self, company: str, vendor: str, watcher: Callable[[Sequence[Fault]], None]) -> None:
        """Tell `watcher` now and at every change which faults concern it: for vendors that get no requests."""
        self._watchers.append(lambda: watcher([each for each in self._faults if each.concerns(company, vendor)]))
        self._watchers[-1]()

    def _changed(self) -> None:
        for watcher in self._watchers:
            watcher()

    def all(self) -> Sequence[Fault]:
        return tuple(self._faults)

    def concern(self, company: str, vendor: str) -> bool:
        return any(fault.concerns(company, vendor) for fault in self._faults)

    def befalling(self, company: str, vendor: str, path: str) -> list[Fault]:
        """The faults that befall one request, oldest first; each matching fault counts the request."""
        return [
            fault for fault in self._faults if fault.concerns(company, vendor) and fault.path in path and fault.fires()
        ]


def first(faults: Sequence[Fault], *kinds: str) -> Fault | None:
    return next((fault for fault in faults if fault.kind in kinds), None)


def delay(faults: Sequence[Fault]) -> float:
    """Seconds that the answer is held back."""
    return sum(float(fault.params.get("seconds", 2.0)) for fault in faults if fault.kind == "slow")


def skew(faults: Sequence[Fault]) -> timedelta:
    """How far the vendor's clock is ahead of the sandbox's (negative: behind)."""
    return timedelta(seconds=sum(float(f.params.get("seconds", 300)) for f in faults if f.kind == "clock_skew"))


def set_wait(fault: Fault, response: Response, at: datetime) -> None:
    """Say when to come back as the fault's `header` tells: vendor (default) leaves the vendor's own headers, none takes
    every hint away, seconds, ms, date and zero set Retry-After in that form, `wait` seconds (default 1) from `at`."""
    form, wait = str(fault.params.get("header", "vendor")), float(fault.params.get("wait", 1))
    if form == "vendor":
        return
    hints = [name for name in response.headers if name == "retry-after" or "rate" in name]
    for name in hints:
        del response.headers[name]
    if form != "none":
        response.headers["Retry-After"] = {
            "seconds": f"{wait:g}",
            "ms": f"{wait * 1000:.0f}",
            "date": format_datetime(at + timedelta(seconds=wait), usegmt=True),
            "zero": "0",
        }[form]


def html_error(fault: Fault) -> Response:
    """What a load balancer in front of the vendor says: an HTML page where JSON was expected."""
    page = (
        "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
    )
    return HTMLResponse(page, status_code=int(fault.params.get("status", 502)))


def truncated(response: Response) -> Response:
    """The first half of the body with a length that fits it: a whole HTTP answer that is no JSON."""
    half = Response(response.body[: len(response.body) // 2], response.status_code)
    half.raw_headers = [h for h in response.raw_headers if h[0] != b"content-length"] + [
        (b"content-length", str(len(half.body)).encode())
    ]
    return half


async def cut_off(response: Response, send: Send) -> None:
    """Promise the whole body, send half and return: uvicorn then closes the socket."""
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    half = bytes(response.body[: len(response.body) // 2])
    await send({"type": "http.response.body", "body": half, "more_body": True})

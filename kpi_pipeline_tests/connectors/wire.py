"""A connector against a sandbox that serves a small world made by hand: everything goes over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson

from kpi_pipeline.connectors.base import Connector, Reading, Stream
from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.landing.page import Page, Window
from kpi_pipeline.sandbox import Sandbox
from kpi_pipeline.sandbox.faults import Fault
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.world.model import World

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
COMPANY = "mister_dj"


def utc(text: str) -> datetime:
    """'2026-11-01 10:00' → aware UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def world(**records: Any) -> World:
    """A world with only these records, e.g. world(monitors=[…])."""
    anchor = NOW.date()
    start = datetime(2025, 10, 1, tzinfo=UTC)
    made = World(COMPANY, 7, anchor, "Europe/Amsterdam", "EUR", start, NOW + timedelta(days=45))
    for name, listed in records.items():
        setattr(made, name, listed)
    return made


@dataclass
class Wire:
    """An open connector, the sandbox it reads, and how long it slept."""

    sandbox: Sandbox
    connector: Connector
    vendor: str
    slept: list[float] = field(default_factory=list)

    def stream(self, name: str) -> Stream:
        return next(stream for stream in self.connector.streams if stream.name == name)

    def read(self, name: str, start: datetime | None = None, end: datetime | None = None) -> Reading:
        window = Window(start or datetime(2025, 1, 1, tzinfo=UTC), end or NOW)
        return self.connector.read(self.stream(name), window)

    def rows(self, name: str, start: datetime | None = None, end: datetime | None = None) -> list[dict[str, Any]]:
        return rows(self.read(name, start, end))

    def fault(self, kind: str, path: str = "", times: int | None = None, after: int = 0, **params: Any) -> None:
        self.sandbox.faults.add(Fault(kind, vendor=self.vendor, path=path, times=times, after=after, params=params))

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [entry for entry in self.sandbox.requests if entry["vendor"] == self.vendor]


@contextmanager
def wired(
    vendor: str,
    records: World,
    folder: Path,
    settings: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    now: Callable[[], datetime] = lambda: NOW,
    limits: Mapping[str, Limit] | None = None,
    **options: Any,
) -> Iterator[Wire]:
    """The vendor's connector with its own protocol, but without its waits; `limits` are the sandbox's."""

    def build(_company: str, _seed: int, _anchor: date) -> World:
        return records

    many = {vendor: limits} if limits else {"typeform": _MANY}
    with Sandbox(vendor_names=[vendor], now=now, build=build, limits=many) as sandbox:
        environment = sandbox.environment(COMPANY)
        name = f"MISTER_DJ_{vendor.upper()}"
        slept: list[float] = []
        connector = import_module(f"kpi_pipeline.connectors.{vendor}").connect(
            base_url=environment[f"{name}_BASE_URL"],
            key=key if key is not None else environment.get(f"{name}_API_KEY"),
            key_variable=f"{name}_API_KEY",
            settings=settings or {},
            budget=lambda rules: Budget(
                folder / f"{vendor}.sqlite",
                dict.fromkeys(rules, Rate(10**6)),
                ticks=lambda: 1 + sum(slept),  # time passes only by sleeping
                sleep=slept.append,
            ),
            now=now,
            sleep=slept.append,
            **{"tries": 4, "jitter": lambda: 0.5, **options},
        )
        try:
            yield Wire(sandbox, connector, vendor, slept)
        finally:
            connector.close()


_MANY = {"account": Limit(10**6, 1.0)}


def rows(reading: Reading) -> list[dict[str, Any]]:
    """Every record of a read as landing finds it: page constants as "@name", the holder of a nested row as "^"."""
    return [row for page in reading for row in _page_rows(page)]


def _page_rows(page: Page) -> Iterator[dict[str, Any]]:
    outer, nested, inner = page.rows.partition("[].")
    found = _at(orjson.loads(page.body), outer)
    constants = {f"@{name}": value for name, value in page.constants.items()}
    for record in found if isinstance(found, list) else [found]:
        holder = {"^": record} if nested else {}
        for row in _at(record, inner) if nested else [record]:
            own = {f"[{place}]": value for place, value in enumerate(row)} if isinstance(row, list) else row
            yield own | constants | holder


def _at(value: Any, path: str) -> Any:
    for step in filter(None, path.split(".")):
        value = value[step]
    return value

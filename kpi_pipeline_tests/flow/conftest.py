"""A company with one small source, its landing in a temporary folder, and connectors that answer as they are told."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.catalogue import Company
from kpi_pipeline.connectors.base import Reading, Stream
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.landing.page import Page, Proof, Window
from kpi_pipeline.schemas.base import StreamModel
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.landing.orders import Narrow, order

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Orders(Stream):
    """The orders of a shop."""

    @property
    def model(self) -> type[StreamModel]:
        return Narrow


@dataclass
class Shop:
    """Answers reads and changes with these orders; `fails` is raised in the middle of the read of that name."""

    listed: tuple[int, ...] = ()
    changed: tuple[int, ...] | None = None
    fails: dict[str, Exception] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    source: str = "shop"
    api_version: str = "v1"
    streams: tuple[Stream, ...] = ()

    def read(self, stream: Stream, window: Window) -> Reading:
        self.asked.append(("read", window))
        return Reading(self._pages("read", self.listed, window.end))

    def changes(self, stream: Stream, since: datetime, until: datetime) -> Reading | None:
        self.asked.append(("changes", (since, until)))
        return None if self.changed is None else Reading(self._pages("changes", self.changed, until))

    def close(self) -> None:
        pass

    def _pages(self, name: str, numbers: tuple[int, ...], end: datetime) -> Generator[Page, None, Proof]:
        body = json.dumps({"data": [order(number) for number in numbers]}).encode()
        yield Page(body, "data", len(numbers))
        if name in self.fails:
            raise self.fails[name]
        return Proof("exhausted", None, end)


@pytest.fixture
def shop_company() -> Company:
    return Company.model_validate(
        {
            "id": "acme",
            "name": "Acme",
            "zone": "Europe/Amsterdam",
            "currency": "EUR",
            "language": "en",
            "sources": {"shop": {"owner": "ann"}},
            "people": {"ann": {"name": "Ann", "role": "Sales"}},
        }
    )


@pytest.fixture
def workspace_at(tmp_path: Path) -> Iterator[Callable[[datetime], Workspace]]:
    """Opens the same installation as of a moment."""
    opened: list[Workspace] = []

    def at(now: datetime) -> Workspace:
        environment = {"KPI_HOME": str(tmp_path / "home"), "KPI_HASH_SALT": "salt"}
        opened.append(Workspace(Settings.from_environment(environment), now=now))
        return opened[-1]

    yield at
    for workspace in opened:
        workspace.close()

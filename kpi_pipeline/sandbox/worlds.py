"""The companies' worlds, each built once, when it is first asked for."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from datetime import date, datetime

from kpi_pipeline.sandbox.world.model import World

Build = Callable[[str, int, date], World]


def build_world(company: str, seed: int, anchor: date) -> World:
    """The company's world, generated; imported late because a server for hand-made worlds does without."""
    from kpi_pipeline.sandbox import world

    return world.build(company, seed, anchor)


def starts_at(company: str, seed: int, anchor: date) -> datetime:
    """When the company's history begins."""
    from kpi_pipeline.sandbox import world

    return world.starts_at(company, seed, anchor)


class Worlds:
    def __init__(self, build: Build, seed: int, anchor: date) -> None:
        self.seed = seed
        self.anchor = anchor
        self._build = build
        self._built: dict[str, World] = {}
        self._lock = threading.Lock()

    def get(self, company: str) -> World:
        if company not in self._built:
            with self._lock:
                if company not in self._built:
                    self._built[company] = self._build(company, self.seed, self.anchor)
                    # A world lives as long as the server: a collector that walks its 300,000 records again and again
                    # doubles the time of a page.
                    gc.freeze()
        return self._built[company]

    async def ensure(self, company: str) -> None:
        """Build the world off the event loop, so that requests for other companies are answered meanwhile."""
        if company not in self._built:
            await asyncio.to_thread(self.get, company)

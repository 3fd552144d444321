"""Mixpanel stands the contract."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from kpi_pipeline.errors import SettingsError, SourceUnavailable
from kpi_pipeline.sandbox.world.model import Events, ProductUse, ProductUser, World
from kpi_pipeline_tests.connectors.wire import Wire, utc, wired, world
from kpi_pipeline_tests.contract.suite import CANARY, MANY, ConnectorContract

START = utc("2026-07-01 00:00")
HOUR = 3_600_000
COUNT = 900
_CUT = "is one file a window, there are no pages to mix up"


class TestMixpanel(ConnectorContract):
    vendor = "mixpanel"
    stream = "events"
    expected = COUNT
    path = "/export"
    start = START
    key = staticmethod(lambda row: row["properties"]["$insert_id"])
    limits: ClassVar = {"hour": MANY, "second": MANY}
    settings: ClassVar = {"project_id": "3141592"}
    lacks: ClassVar = {
        "foreign_next": "has no next page to link to",
        "empty_page_with_more": _CUT,
        "wrong_count": "sends no count",
        "duplicate_page": _CUT,
        "shifted_page": _CUT,
        "repeated_cursor": _CUT,
        "new_field": "sends every property there is, known or not",
    }

    def world(self) -> World:
        first = round(START.timestamp() * 1000)
        at = first + np.arange(COUNT, dtype=np.int64) * 3 * HOUR + np.arange(COUNT) % 7 * 1000
        users = [ProductUser(f"u{n}", "a1", "member", START) for n in range(3)] + [
            ProductUser(CANARY, "a1", "member", START)
        ]
        # of unequal lengths: a body cut where a line ends looks whole, and nothing in the protocol says otherwise
        sizes = {"bytes": 10 ** np.random.default_rng(1).integers(0, 12, COUNT)}
        events = Events(("page_view", "login"), at, np.arange(COUNT) % 4, np.arange(COUNT) % 2, properties=sizes)
        return world(product=ProductUse(users=users, events=events))

    def test_an_export_that_was_terminated_early_is_asked_for_again_and_never_believed(self, wire: Wire) -> None:
        before = self.ids(wire)
        self.fault(wire, "ok_with_error", times=2, early=True)
        assert self.ids(wire) == before
        wire.sandbox.faults.clear()
        self.fault(wire, "ok_with_error", early=True)
        self.refused(wire, SourceUnavailable, "terminated early.*4 times")

    def test_a_project_is_needed(self, records: World, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="no project_id"), wired("mixpanel", records, tmp_path, {"zone": "UTC"}):
            pass

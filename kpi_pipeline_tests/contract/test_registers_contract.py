"""Registers stand the contract, as far as files without pages, windows and fields of a vendor can."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest

from kpi_pipeline.connectors.registry import open_connector
from kpi_pipeline.errors import RegisterError
from kpi_pipeline.sandbox.world.model import RoadmapItem, World
from kpi_pipeline_tests.connectors.wire import COMPANY, NOW, Wire, utc, world
from kpi_pipeline_tests.contract.suite import CANARY, ConnectorContract

START = utc("2026-09-01 00:00")
ONE_FILE = "sends a register whole, in one file"


class TestRegisters(ConnectorContract):
    vendor = "registers"
    stream = "roadmap_items"
    path = "/roadmap_items.csv"
    start = START
    key = staticmethod(lambda row: row["item_id"])
    settings: ClassVar = {"files": ["roadmap_items"]}
    lacks: ClassVar = {
        **dict.fromkeys(("duplicate_page", "shifted_page", "repeated_cursor", "empty_page_with_more"), ONE_FILE),
        **dict.fromkeys(("foreign_next", "wrong_count"), ONE_FILE),
        "new_field": "has no fields but its columns, and another column is refused",
        "daily_limit": "has no limit by the day",
        "missing_scope": "knows a key or none, no scopes",
        "truncated_json": "sends no JSON; see what becomes of half a file below",
    }

    def world(self) -> World:
        items = [
            RoadmapItem(
                item_id=f"R-{number}",
                item_name=CANARY,
                product_group="platform",
                value=Decimal(number),
                due=(START + timedelta(days=number)).date(),
                entered_by=CANARY,
                entered_at=START + timedelta(hours=number),
            )
            for number in range(300)
        ]
        return world(roadmap_items=items)

    def fault(self, wire: Wire, kind: str, times: int | None = None, **params: Any) -> None:
        """A register is one request: there is no second page that a fault could wait for."""
        super().fault(wire, kind, times, **(params | {"after": 0}))

    def test_every_record_of_the_window_comes_and_the_proof_says_why_it_is_all(self, wire: Wire) -> None:
        reading = wire.read(self.stream)
        assert sum(page.count for page in reading) == 300
        assert (reading.proof.how, reading.proof.expected, len(wire.requests)) == ("snapshot", 300, 1)

    @pytest.mark.parametrize("pieces", [2])
    def test_adjoining_windows_hold_together_what_the_whole_one_holds_each_record_once(
        self, wire: Wire, pieces: int
    ) -> None:
        """Every window of a snapshot holds all of it."""
        span = (self.end - self.start) / pieces
        for place in range(pieces):
            assert len(self.ids(wire, self.start + place * span, self.start + (place + 1) * span)) == 300

    def test_half_a_file_is_refused_whole(self, wire: Wire) -> None:
        wire.fault("truncated_json", self.path)
        self.refused(wire, RegisterError, r"roadmap_items\.csv:\d+: error: \d+ cells where the header has 11 columns")

    def test_a_missing_key_names_the_variable_to_set(self, tmp_path: Path) -> None:
        """A folder needs none, and an address may be open: a key that is needed and missing is refused there."""
        open_connector(
            "registers",
            company=COMPANY,
            base_url=str(tmp_path),
            key=None,
            key_variable="K",
            settings=self.settings,
            budget_root=tmp_path,
            now=lambda: NOW,
        ).close()

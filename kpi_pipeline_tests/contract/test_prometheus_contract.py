"""Prometheus stands the contract, as far as a vendor without pages and without keys of its own can."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from kpi_pipeline.connectors.registry import open_connector
from kpi_pipeline.sandbox.world.model import GaugeSample, World
from kpi_pipeline_tests.connectors.wire import COMPANY, NOW, Wire, utc, world
from kpi_pipeline_tests.contract.suite import ConnectorContract

START = utc("2026-11-01 00:00")
NOT_PAGED = "answers a range whole; see the connector's own tests of what it refuses"


class TestPrometheus(ConnectorContract):
    vendor = "prometheus"
    stream = "metric_samples"
    path = "/api/v1/query_range"
    start = START
    end = START + timedelta(seconds=30_000)
    key = staticmethod(lambda row: (row["^"]["series"], row["[0]"]))
    settings: ClassVar = {"queries": [{"name": "jobs", "query": "jobs", "kind": "gauge", "step": "1 second"}]}
    lacks: ClassVar = {
        **dict.fromkeys(("duplicate_page", "shifted_page", "repeated_cursor", "empty_page_with_more"), NOT_PAGED),
        **dict.fromkeys(("foreign_next", "wrong_count"), NOT_PAGED),
        "daily_limit": "has no limit",
    }

    def world(self) -> World:
        samples = [GaugeSample("jobs", (("queue", "q"),), START + timedelta(minutes=15 * n), n) for n in range(40)]
        return world(gauges=samples)

    def test_every_record_of_the_window_comes_and_the_proof_says_why_it_is_all(self, wire: Wire) -> None:
        assert len(self.ids(wire)) == 30_000  # a page counts its series, not their samples
        assert len(wire.requests) == 3

    def test_a_missing_key_names_the_variable_to_set(self, tmp_path: Path) -> None:
        open_connector(
            "prometheus",
            company=COMPANY,
            base_url="http://127.0.0.1:1",
            key=None,
            key_variable="K",
            settings=self.settings,
            budget_root=tmp_path,
            now=lambda: NOW,
        ).close()

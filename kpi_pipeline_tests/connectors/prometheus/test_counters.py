"""Counters of Prometheus over the wire: read at instants that hours are made of, restarts shown as they are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.connectors.prometheus import NoSeries
from kpi_pipeline.connectors.prometheus.queries import queries
from kpi_pipeline.errors import ContractError, SettingsError
from kpi_pipeline.sandbox.world.model import CounterGrowth, CounterReset, World
from kpi_pipeline_tests.connectors.wire import Wire, utc, wired, world

START = utc("2026-11-01 00:00")
REQUESTS = {"name": "requests", "query": "http_requests_total", "kind": "counter", "step": "15 minutes"}
ERRORS = {**REQUESTS, "name": "errors", "query": 'http_requests_total{status=~"5.."}'}


def small(*, errors: bool = True) -> World:
    def grew(status: str, minutes: int, by: float) -> CounterGrowth:
        labels = (("instance", "api-1"), ("status", status))
        return CounterGrowth("http_requests_total", labels, START + timedelta(minutes=minutes), by)

    counters = [grew("200", 5 + 15 * n, 100.0) for n in range(16)] + ([grew("503", 65, 2.5)] if errors else [])
    restart = CounterReset("http_requests_total", "api-1", START + timedelta(minutes=100))
    return world(counters=counters, counter_resets=[restart])


def counts(wire: Wire, name: str, status: str) -> list[float]:
    found = wire.rows("counter_samples", START, START + timedelta(hours=3))
    return [row["[1]"] for row in found if row["@metric"] == name and f'status="{status}"' in row["^"]["series"]]


def test_a_counter_is_read_at_every_step_and_falls_where_its_instance_was_restarted(tmp_path: Path) -> None:
    with wired("prometheus", small(), tmp_path, {"queries": [REQUESTS]}) as wire:
        # restarted at 01:40, so the reading of 01:45 shows nothing but what came after
        assert counts(wire, "requests", "200") == [0, 100, 200, 300, 400, 500, 600, 0, 100, 200, 300, 400]
        assert counts(wire, "requests", "503") == [0, 0, 0, 0, 0, 2.5, 2.5, 0, 0, 0, 0, 0]


def test_a_query_may_take_some_of_the_series(tmp_path: Path) -> None:
    with wired("prometheus", small(), tmp_path, {"queries": [REQUESTS, ERRORS]}) as wire:
        assert counts(wire, "errors", "503") == counts(wire, "requests", "503")
        assert counts(wire, "errors", "200") == []


def test_errors_that_never_happened_are_no_fault_only_where_the_settings_say_so(tmp_path: Path) -> None:
    never, asked = small(errors=False), {"queries": [ERRORS]}
    with (
        wired("prometheus", never, tmp_path, asked) as wire,
        pytest.raises(NoSeries, match=r"no series answers to http_requests_total\{status"),
    ):
        counts(wire, "errors", "503")
    quiet = {"queries": [{**ERRORS, "may_be_absent": True}]}
    with wired("prometheus", never, tmp_path, quiet) as wire:
        assert counts(wire, "errors", "503") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"step": "25 minutes"}, "does not divide the hour that a counter is counted over"),
        ({"step": "1 day"}, "does not divide the hour"),
        ({"kind": "summary"}, "'summary' is none of gauge, counter, histogram"),
        ({"may_be_absent": "sometimes"}, "neither true nor false"),
    ],
)
def test_settings_that_could_not_give_hours_are_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        queries({"queries": [REQUESTS | change]})


def test_a_counter_without_a_number_is_refused_not_skipped(tmp_path: Path) -> None:
    with wired("prometheus", small(), tmp_path, {"queries": [REQUESTS]}) as wire:
        wire.fault("missing_field", field="values")
        with pytest.raises(ContractError, match="has no values"):
            counts(wire, "requests", "200")

"""Which job starts next: computing takes the cores, and something always loads beside it."""

from __future__ import annotations

import pytest

from kpi_pipeline.orchestration.launch import Job, _next

JOBS = {"c": "kpis", "l": "landing", "r": "refresh"}


@pytest.mark.parametrize(
    ("running", "ready", "started"),
    [
        ("", "cll", 0),
        ("c", "cll", 0),
        ("cc", "cll", 1),
        ("cc", "cc", None),
        ("ccl", "cl", 1),
        ("ccll", "l", None),
        ("llll", "c", None),
        ("rrr", "r", 0),
        ("rrrr", "r", None),
        ("", "", None),
    ],
)
def test_the_next_job(running: str, ready: str, started: int | None) -> None:
    waiting = [Job("acme", JOBS[each]) for each in ready]
    found = _next(waiting, [Job("bolt", JOBS[each]) for each in running])
    assert found is (None if started is None else waiting[started])

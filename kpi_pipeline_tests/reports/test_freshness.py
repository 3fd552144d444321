"""When a source is behind: at its last load, or because nobody loads it any more; not in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kpi_pipeline.reports.freshness import SourceFreshness

LOADED = datetime(2026, 11, 30, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("lag_hours", "hours_later", "stale"),
    [
        (0.5, 0, False),
        (0.5, 6, False),  # just before the next run: late by the clock, but nobody asked
        (2, 0, False),
        (2.1, 0, True),  # behind when it was read
        (0.5, 8.5, False),
        (0.5, 8.6, True),  # not read for longer than schedule and promise allow
    ],
)
def test_a_source_is_late_when_it_was_behind_or_is_not_read(lag_hours: float, hours_later: float, stale: bool) -> None:
    found = SourceFreshness("prometheus", "ann", LOADED - lag_hours * HOUR, LOADED, 2 * HOUR)
    assert found.is_stale(LOADED + hours_later * HOUR) is stale


def test_what_never_said_anything_is_stale() -> None:
    assert SourceFreshness("stripe", "ann", None, LOADED, 2 * HOUR).is_stale(LOADED)

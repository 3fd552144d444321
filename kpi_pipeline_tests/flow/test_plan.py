"""Which window a load reads, and from when it asks for changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kpi_pipeline.connectors.base import Stream
from kpi_pipeline.flow.load import Mode, Plan, plan
from kpi_pipeline.landing.page import Window

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MARCH = Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
FEBRUARY = Window(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
DAY = timedelta(days=1)
MARK = NOW - 2 * DAY

SNAPSHOT = Stream("shop", "products", read="snapshot")
PLAIN = Stream("shop", "visits", lookback=DAY)
SOME = Stream("shop", "issues", changes="some", lookback=DAY)
ALL = Stream("shop", "deals", changes="all")


@pytest.mark.parametrize("mode", ["full", "incremental"])
@pytest.mark.parametrize(
    ("stream", "span", "watermark", "expected"),
    [
        pytest.param(SNAPSHOT, MARCH, MARK, Plan("live", Window(NOW, NOW), None), id="snapshot is live"),
        pytest.param(SNAPSHOT, FEBRUARY, MARK, Plan("live", Window(NOW, NOW), None), id="snapshot of a past month"),
        pytest.param(PLAIN, FEBRUARY, MARK, Plan("backfill", FEBRUARY, None), id="past month"),
        pytest.param(ALL, FEBRUARY, None, Plan("backfill", FEBRUARY, None), id="past month, no changes"),
        pytest.param(
            PLAIN, Window(FEBRUARY.start, NOW), MARK, Plan("backfill", Window(FEBRUARY.start, NOW), None), id="ends now"
        ),
        pytest.param(ALL, MARCH, None, Plan("live", Window(MARCH.start, NOW), None), id="first load reads the span"),
        pytest.param(
            ALL, Window(MARCH.end, MARCH.end + DAY), None, Plan("live", Window(NOW, NOW), None), id="span to come"
        ),
    ],
)
def test_what_does_not_depend_on_the_mode(
    stream: Stream, span: Window, watermark: datetime | None, expected: Plan, mode: Mode
) -> None:
    assert plan(stream, span, mode, watermark, NOW) == expected


@pytest.mark.parametrize(
    ("stream", "mode", "watermark", "read_from", "changes_since"),
    [
        (PLAIN, "incremental", MARK, MARK - DAY, None),
        (SOME, "incremental", MARK, MARK - DAY, MARK - DAY),
        (ALL, "incremental", MARK, None, MARK),
        (PLAIN, "full", MARK, MARCH.start, None),
        (SOME, "full", MARK, MARCH.start, MARK - DAY),
        (ALL, "full", MARK, MARCH.start, MARK),
        # The pipeline was off since January: what lies between must be read too.
        (PLAIN, "full", NOW - 60 * DAY, NOW - 61 * DAY, None),
        (ALL, "full", NOW - 60 * DAY, NOW - 60 * DAY, NOW - 60 * DAY),
        # The machine's clock was set back behind the watermark.
        (PLAIN, "incremental", NOW + 2 * DAY, NOW, None),
        (ALL, "incremental", NOW + 2 * DAY, None, NOW),
        (ALL, "full", NOW + 60 * DAY, MARCH.start, NOW),
    ],
)
def test_a_live_load_starts_where_the_last_one_came(
    stream: Stream, mode: Mode, watermark: datetime, read_from: datetime | None, changes_since: datetime | None
) -> None:
    read = None if read_from is None else Window(read_from, NOW)
    assert plan(stream, MARCH, mode, watermark, NOW) == Plan("live", read, changes_since)

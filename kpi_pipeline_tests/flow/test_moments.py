"""Moments as people write them, by the company's clocks and its working calendar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kpi_pipeline.catalogue import Company
from kpi_pipeline.errors import UsageError
from kpi_pipeline.flow import moments
from kpi_pipeline.flow.workspace import read_catalogue
from kpi_pipeline.settings import Settings

FRIDAY = datetime(2026, 3, 27, 14, 30, tzinfo=UTC)  # 15:30 in Amsterdam; the clocks change on Sunday


@pytest.fixture(scope="module")
def company() -> Company:
    return read_catalogue(Settings.from_environment({})).companies["mister_dj"]


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("3 days", datetime(2026, 3, 30, 14, 30, tzinfo=UTC)),
        ("30 minutes", datetime(2026, 3, 27, 15, 0, tzinfo=UTC)),
        ("1 week", datetime(2026, 4, 3, 14, 30, tzinfo=UTC)),
        ("1 working day", datetime(2026, 3, 30, 13, 30, tzinfo=UTC)),  # Monday 15:30, by a clock that moved
        ("3 working hours", datetime(2026, 3, 30, 8, 30, tzinfo=UTC)),  # an hour and a half today, as much on Monday
        ("2026-03-29", datetime(2026, 3, 29, 22, tzinfo=UTC)),  # the end of a day of 23 hours
        ("2026-10-25", datetime(2026, 10, 25, 23, tzinfo=UTC)),  # the end of a day of 25 hours
        ("2026-04-01T09:00", datetime(2026, 4, 1, 7, tzinfo=UTC)),
        ("2026-04-01T09:00:00Z", datetime(2026, 4, 1, 9, tzinfo=UTC)),
        (" 2026-04-01T09:00+02:00 ", datetime(2026, 4, 1, 7, tzinfo=UTC)),
    ],
)
def test_an_end_may_be_a_span_a_day_or_a_time(company: Company, text: str, end: datetime) -> None:
    assert moments.until(company, text, FRIDAY) == end


def test_a_day_is_meant_from_its_beginning_where_something_starts(company: Company) -> None:
    assert moments.since(company, "2026-03-29", FRIDAY) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert moments.since(company, "3 days", FRIDAY) == moments.until(company, "3 days", FRIDAY)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("soon", "it is neither a span, nor a day, nor a time"),
        ("2026-02-30", "it is neither a span, nor a day, nor a time"),
        ("2 periods", "periods and measurements have no length"),
        ("", "it is neither a span, nor a day, nor a time"),
    ],
)
def test_anything_else_is_refused_with_examples(company: Company, text: str, fault: str) -> None:
    with pytest.raises(UsageError, match=fault) as caught:
        moments.until(company, text, FRIDAY)
    assert "'5 working days'" in str(caught.value)

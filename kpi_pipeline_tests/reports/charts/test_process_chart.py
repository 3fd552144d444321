"""The chart of a process keeps what it writes within its width."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.reports.charts.draw import MIDDLE, NARROW
from kpi_pipeline.reports.charts.process import AXIS, LEVEL, Dot, Lines, ProcessChart
from kpi_pipeline.reports.charts.svg import width_of

TEXT = re.compile(rf'<text x="([\d.]+)"[^>]*font-size="{LEVEL}"[^>]*>([^<]+)</text>')

AT_AXIS = re.compile(rf'<text x="([\d.]+)"[^>]*text-anchor="end"[^>]*font-size="{AXIS}"[^>]*>([^<]+)</text>')


@pytest.mark.parametrize("width", [NARROW, MIDDLE])
@pytest.mark.parametrize("centre", ["12", "123456", "1132364", "98765432"])
def test_the_numbers_at_the_ends_of_lines_are_not_cut(centre: str, width: int) -> None:
    value = Decimal(centre)
    days = [date(2026, 1, 31) + timedelta(days=30 * index) for index in range(12)]
    chart = ProcessChart(
        title="ARR",
        unit="USD",
        language="en",
        dots=tuple(Dot(day, value, centre, "common") for day in days),
        lines=(Lines(0, 11, value, value * 9 / 10, value * 11 / 10),),
    )
    written = TEXT.findall(chart.draw(width))
    assert len(written) == 3
    assert [words for x, words in written if float(x) + width_of(words, LEVEL) > width] == []
    ticks = AT_AXIS.findall(chart.draw(width))
    assert len(ticks) > 2
    assert [words for x, words in ticks if float(x) - width_of(words, AXIS) < 0] == []

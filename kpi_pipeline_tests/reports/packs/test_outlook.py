"""The section that looks ahead: from values of whole weeks, with what that was worth before."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.charts import Line, Number
from kpi_pipeline.reports.packs.document import Document, Figure
from kpi_pipeline_tests.reports.conftest import kpi
from kpi_pipeline_tests.reports.packs.conftest import NOW, SUNDAY, Built, acme, observed, section, table, texts, words

AHEAD = {"kind": "forecast", "weeks": 8, "drawn": ["retentie"]}


@pytest.fixture
def document(built: Built, store: HistoryStore) -> Document:
    """A year of weeks: one KPI swings below its target, one rises, one runs by month."""
    rows = []
    for back in range(60):
        day = SUNDAY - timedelta(weeks=back)
        rows.append(observed("retentie", day, Decimal(20 + 4 * (back % 2)), "critical"))
        rows.append(observed("bezoek", day, Decimal(1000 - 10 * back), "ok"))
    store.record(rows, run_id="r2", now=NOW - timedelta(hours=1))
    company = acme(
        {"kind": "scorecard"},
        AHEAD,
        kpis=(
            kpi("retentie"),
            kpi("bezoek", unit="count", target=">= 900", warning=None, critical=None),
            kpi("nps", unit="points", window="calendar month", target=">= 60", warning=None, critical=None),
        ),
    )
    return built(company)


def test_each_kpi_has_what_is_expected_its_interval_and_its_backtest(document: Document) -> None:
    swings, rises = table(document, "forecast").rows
    name, now, in_four, in_eight, aim, meets, backtest = texts(swings.cells)
    assert (name, now, aim, meets) == ("Retentie", "20,0%", "≥ 32%", "onwaarschijnlijk")
    assert in_four == in_eight or in_four.startswith(("21", "22"))
    assert "van 132 binnen interval" in backtest
    assert texts(rises.cells)[:6] == ["Bezoek", "1.000", "1.040", "1.080", "≥ 900", "waarschijnlijk"]
    assert "trend van 13 weken" in words(section(document, "forecast").blocks)
    assert "procentpunt ernaast" in words(section(document, "forecast").blocks)


def test_a_kpi_of_months_is_named_as_not_forecast(document: Document) -> None:
    assert "Niet verwacht, wegens minder dan 26 weken of een periode langer dan een week: Nps." in words(
        section(document, "forecast").blocks
    )


def test_what_is_drawn_goes_on_dashed_within_its_band(document: Document) -> None:
    (figure,) = [block for block in section(document, "forecast").blocks if isinstance(block, Figure)]
    chart = figure.chart
    assert isinstance(chart, Line)
    measured, coming = chart.series
    assert chart.dashed == {"Verwachting"} == {coming.name}
    assert chart.days[-1] == SUNDAY + timedelta(weeks=8)
    assert measured.values[-8:] == (None,) * 8
    assert coming.values[:-8] == (None,) * 26
    assert chart.band is not None
    assert all(value is not None for value in (*chart.band.low[-8:], *chart.band.high[-8:]))


def test_a_day_to_come_is_no_number_of_history(document: Document) -> None:
    (figure,) = [block for block in section(document, "forecast").blocks if isinstance(block, Figure)]
    cells = [cells[0] for _, cells in figure.chart.table().rows]
    of = [dict(cell.ref).get("day") for cell in cells if isinstance(cell, Number)]
    assert of[-9:] == [SUNDAY.isoformat(), *(None for _ in range(8))]


def test_a_running_week_is_no_point_of_the_past(built: Built, store: HistoryStore, document: Document) -> None:
    rows = [observed("retentie", SUNDAY, Decimal(990), "ok", closed=False)]
    store.record(rows, run_id="r3", now=NOW - timedelta(minutes=1))
    company = acme({"kind": "scorecard"}, AHEAD, kpis=(kpi("retentie"),))
    before = texts(table(document, "forecast").rows[0].cells)[3]
    after = texts(table(built(company), "forecast").rows[0].cells)[3]
    assert before.startswith("2")
    assert after.startswith("2")

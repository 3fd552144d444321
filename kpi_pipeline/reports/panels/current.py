"""Which day a KPI is read at on a board: today's value, or the last period that is over, and what it is compared to."""

from __future__ import annotations

from datetime import date, timedelta

from kpi_pipeline.catalogue.display import day_text, month_text
from kpi_pipeline.catalogue.model import Kpi
from kpi_pipeline.reports.reading import Reading, month_ends, quarter_ends, week_ends

MONTHS_BACK = {"calendar quarter": 3, "calendar year": 12}
WEEKS = ("calendar week", "calendar fortnight")


def current_day(reading: Reading, kpi: Kpi) -> date:
    """The last day whose value is of a whole period: a month that has just begun says nothing yet of the month."""
    row = reading.row(kpi.id)
    if row is None or row.closed:
        return reading.day
    return max((day for day, each in reading.series(kpi.id).items() if each.closed), default=reading.day)


def day_before(kpi: Kpi, day: date) -> date:
    """The day a month earlier that can be compared; of quarters and years the period before, of weeks four weeks."""
    if kpi.window in WEEKS:
        return day - timedelta(days=28)
    return months_before(day, MONTHS_BACK.get(kpi.window, 1))


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month; the last day of a month stays the last."""
    is_last = (day + timedelta(days=1)).day == 1
    count = day.year * 12 + day.month - 1 - months
    following = date((count + 1) // 12, (count + 1) % 12 + 1, 1)
    last = following - timedelta(days=1)
    return last if is_last else last.replace(day=min(day.day, last.day))


def period_text(kpi: Kpi, day: date, language: str) -> str:
    """'October 2026' for a whole month, else the day."""
    return month_text(day, language) if kpi.window == "calendar month" else day_text(day, language)


def month_word(month: str, language: str) -> str:
    """'nov 2026' for '2026-11'."""
    return month_text(date.fromisoformat(f"{month}-01"), language)


def ends(by: str, until: date, count: int) -> list[date]:
    """The last days of the last complete weeks, months or quarters."""
    return {"week": week_ends, "month": month_ends, "quarter": quarter_ends}[by](until, count)


def axis_days(reading: Reading, kpis: list[Kpi], by: str, count: int) -> list[date]:
    """The ends of the last complete periods, and today where all KPIs can be read at it."""
    days = ends(by, reading.day, count)
    rows = [reading.row(kpi.id) for kpi in kpis]
    if days[-1] < reading.day and all(row is not None and row.closed for row in rows):
        days = [*days[1:], reading.day]
    return days

"""Which day of a KPI a report shows, what that is compared with, and the points of its trend.

A KPI over a calendar month says nothing of a month that has just begun: a report shows the newest period of the KPI
that is over, and says what the running one has so far.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from kpi_pipeline.catalogue.model import Kpi
from kpi_pipeline.catalogue.periods import Period, Periods, last_day
from kpi_pipeline.catalogue.reporting import Report
from kpi_pipeline.history.observation import Recorded

RANKS = {"day": 1, "week": 2, "fortnight": 3, "weeks": 4, "month": 5, "quarter": 6, "year": 7, "once": 5}
OF_WINDOW = {
    "calendar week": Periods("week"),
    "calendar month": Periods("month"),
    "calendar quarter": Periods("quarter"),
    "calendar year": Periods("year"),
}
POINTS = 26
FORTNIGHT = timedelta(days=14)


def window_rank(kpi: Kpi) -> int:
    """How long the calendar period is that a KPI looks at; 0 for one that looks back from any day."""
    if kpi.window.startswith("calendar "):
        return RANKS[kpi.window.removeprefix("calendar ")]
    return RANKS["month"] if "complete month" in kpi.window else 0


def shown_day(series: Mapping[date, Recorded], day: date) -> date:
    """The newest day up to `day` whose value is of a whole period; `day` itself where there is none."""
    row = series.get(day)
    if row is None or row.closed:
        return day
    return max((each for each, found in series.items() if found.closed and each <= day), default=day)


def earlier_days(report: Report, kpi: Kpi, period: Period, day: date, count: int) -> list[date]:
    """The ends of the `count` periods before `day`, newest first: of the report, or the KPI's own where longer."""
    window = kpi.window
    if window == "calendar fortnight" and RANKS[report.period.unit] <= RANKS["fortnight"]:
        return [day - FORTNIGHT * back for back in range(1, count + 1)]
    own = OF_WINDOW.get(window)
    if own is None and "complete month" in window:
        own = Periods("month")
    if own is not None and RANKS[own.unit] > RANKS[report.period.unit]:
        return _ends(own, own.containing(day), count)
    if report.period.unit == "once":
        return [day - timedelta(weeks=back) for back in range(1, count + 1)]
    if report.running:
        step = timedelta(weeks=report.period.weeks)
        return [day - step * back for back in range(1, count + 1)]
    return _ends(report.period, period, count)


def _ends(periods: Periods, period: Period, count: int) -> list[date]:
    found = []
    for _ in range(count):
        period = periods.before(period)
        found.append(period.last)
    return found


def until_day(report: Report, period: Period, yesterday: date, zone: ZoneInfo) -> date:
    """The last day that the report of a period speaks of, which must be over."""
    return min(last_day(period, report.due, zone, running=report.running), yesterday)


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month; the last day of a month stays the last."""
    is_last = (day + timedelta(days=1)).day == 1
    count = day.year * 12 + day.month - 1 - months
    last = date((count + 1) // 12, (count + 1) % 12 + 1, 1) - timedelta(days=1)
    return last if is_last else last.replace(day=min(day.day, last.day))

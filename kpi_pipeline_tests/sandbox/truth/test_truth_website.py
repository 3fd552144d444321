"""Availability over exactly 30 x 24 hours, recounted by hand. Day judged: 30 November 2025."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from kpi_pipeline.sandbox.truth import website
from kpi_pipeline.sandbox.world.model import MaintenanceWindow, Monitor, MonitorIncident

DAY = date(2025, 11, 30)
END = datetime(2025, 11, 30, 23, tzinfo=UTC)
OLD = datetime(2024, 1, 1, tzinfo=UTC)
WHOLE = 30 * 86_400_000
MINUTE = 60_000
KPI = "website_availability"


def november(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2025, 11, day, hour, minute, tzinfo=UTC)


def monitors(tiny: Any, *, api_created: datetime = OLD, pauses: Any = ()) -> None:
    tiny.world.monitors += [
        Monitor(1, "Website", "", "HTTP", 60, OLD, ()),
        Monitor(2, "API /health", "", "HTTP", 60, api_created, (), pauses),
        Monitor(3, "blog", "", "HTTP", 60, OLD, ()),
    ]


def down(tiny: Any, monitor: int, start: datetime, end: datetime | None, *, counts: bool = True) -> None:
    number = str(len(tiny.world.incidents))
    tiny.world.incidents.append(MonitorIncident(number, monitor, "Downtime", 500, "", start, end, counts))


def test_downtime_of_either_counts_once_where_it_overlaps(tiny: Any) -> None:
    monitors(tiny)
    down(tiny, 1, november(10, 10), november(10, 10, 30))
    down(tiny, 2, november(10, 10, 20), november(10, 10, 50))
    down(tiny, 3, november(11, 10), november(12, 10))  # not required
    down(tiny, 1, november(13, 10), november(13, 12), counts=False)  # left out of reports
    found = tiny.value(website.values, KPI, DAY)
    assert (found.numerator, found.denominator, found.n) == (WHOLE - 50 * MINUTE, WHOLE, 2)
    assert abs(found.value - Decimal(100) * (43_200 - 50) / 43_200) < Decimal("1e-20")
    assert tiny.value(website.values, "website_availability_site", DAY).numerator == WHOLE - 30 * MINUTE
    assert tiny.value(website.values, "website_availability_api", DAY).numerator == WHOLE - 30 * MINUTE


def test_an_outage_within_another_adds_nothing(tiny: Any) -> None:
    monitors(tiny)
    down(tiny, 1, november(10, 10), november(10, 12))
    down(tiny, 2, november(10, 10, 30), november(10, 11))
    down(tiny, 2, november(10, 11, 30), november(10, 12, 30))
    assert tiny.value(website.values, KPI, DAY).numerator == WHOLE - 150 * MINUTE


def test_maintenance_and_a_lasting_pause_leave_the_base_with_the_downtime_in_them(tiny: Any) -> None:
    monitors(tiny, pauses=((END - timedelta(hours=2), None),))
    tiny.world.maintenance += [
        MaintenanceWindow(1, "", (1,), november(10, 10), 60),
        MaintenanceWindow(2, "", (3,), november(11, 10), 60),
    ]
    down(tiny, 1, november(10, 10, 50), november(10, 11, 5))
    found = tiny.value(website.values, KPI, DAY)
    assert (found.numerator, found.denominator) == (WHOLE - 185 * MINUTE, WHOLE - 180 * MINUTE)


def test_a_pause_that_is_over_left_no_trace_at_the_vendor(tiny: Any) -> None:
    monitors(tiny, pauses=((november(5, 0), november(5, 2)),))
    assert tiny.value(website.values, KPI, DAY).denominator == WHOLE


def test_a_weekly_window_repeats(tiny: Any) -> None:
    monitors(tiny)
    tiny.world.maintenance.append(MaintenanceWindow(1, "", (1,), november(3, 2), 30, "weekly"))
    assert tiny.value(website.values, KPI, DAY).denominator == WHOLE - 4 * 30 * MINUTE  # 3, 10, 17, 24 November


def test_the_window_is_cut_to_the_second_over_a_change_of_clocks(tiny: Any) -> None:
    monitors(tiny)
    edge = END - timedelta(days=30)
    down(tiny, 1, edge - timedelta(hours=5), edge + timedelta(minutes=1))
    assert tiny.value(website.values, KPI, DAY).numerator == WHOLE - MINUTE
    down(tiny, 1, END - timedelta(minutes=2), END + timedelta(hours=1))
    assert tiny.value(website.values, KPI, DAY).numerator == WHOLE - 3 * MINUTE
    assert tiny.value(website.values, KPI, date(2025, 11, 1)).denominator == WHOLE


def test_an_open_incident_lasts_until_now_on_the_running_day(tiny: Any) -> None:
    monitors(tiny)
    down(tiny, 1, november(30, 11), None)
    found = tiny.value(website.values, KPI, DAY, november(30, 12))
    assert (found.numerator, found.denominator) == (WHOLE - 60 * MINUTE, WHOLE)


def test_before_a_monitor_existed_nothing_was_watched(tiny: Any) -> None:
    monitors(tiny, api_created=END - timedelta(days=1))
    assert tiny.value(website.values, KPI, DAY).denominator == 86_400_000
    nothing = tiny.value(website.values, KPI, date(2025, 11, 20))
    assert (nothing.value, nothing.denominator) == (None, 0)

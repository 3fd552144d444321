"""At the anchor the scorecard tells one story: the website was down, the rest is well enough."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.sandbox import truth
from kpi_pipeline.sandbox.truth import incidents, surveys, website
from kpi_pipeline.sandbox.truth.periods import business_days
from kpi_pipeline.sandbox.world.model import World

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
HIGHER = {
    "lead_to_booking_conversion": (32, 28, 24),
    "website_availability": ("99.9", "99.5", "99.0"),
    "net_revenue_per_booking": (1850, 1700, 1500),
    "nps_post_event": (60, 50, 35),
    "nps_response_rate": (45, 35, 25),
    "cash_runway_months": (6, 4, 3),
}
LOWER = {
    "lead_response_time_avg": (2, 3, 6),
    "queue_backlog_max": (25, 40, 60),
    "retry_age_p95": (300_000, 600_000, 900_000),
    "p1_resolution_time_avg": (4, 6, 12),
}


def status(kpi: str, value: Decimal) -> str:
    sign = 1 if kpi in HIGHER else -1
    target, warning, critical = ({**HIGHER, **LOWER})[kpi]
    for name, limit in (("critical", critical), ("warning", warning), ("below_target", target)):
        if sign * value < sign * Decimal(limit):
            return name
    return "ok"


def statuses(world: World, day: date, now: datetime) -> dict[str, str]:
    found = truth.values(world, day, day, now)
    result = {}
    for kpi in (*HIGHER, *LOWER):
        value = found[kpi][day].value
        assert value is not None, kpi
        result[kpi] = status(kpi, value)
    return result


@pytest.mark.parametrize("days_before", [0, 1])
def test_only_the_website_is_critical_at_the_anchor(mister_dj: World, days_before: int) -> None:
    found = statuses(mister_dj, mister_dj.anchor - timedelta(days=days_before), NOON)
    assert [kpi for kpi, rated in found.items() if rated == "critical"] == ["website_availability"]
    assert list(found.values()).count("warning") <= 1
    assert list(found.values()).count("ok") >= 4
    assert "below_target" in found.values()


def test_another_seed_and_season_tell_the_same_story(leap_year: World) -> None:
    found = statuses(leap_year, leap_year.anchor - timedelta(days=1), datetime(2028, 3, 19, 11, tzinfo=UTC))
    assert [kpi for kpi, rated in found.items() if rated == "critical"] == ["website_availability"]
    assert list(found.values()).count("warning") <= 1


def test_nps_fell_four_months_ago_and_has_recovered(mister_dj: World) -> None:
    month_ends = [date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 30)]
    june, july, august, september = (_value(surveys.values, mister_dj, "nps_post_event", day) for day in month_ends)
    assert july < 50 <= june
    assert july < august < september


def test_incidents_took_too_long_after_the_migration_and_no_longer_do(mister_dj: World) -> None:
    assert _value(incidents.values, mister_dj, "p1_resolution_time_avg", date(2026, 6, 1)) > 6
    assert _value(incidents.values, mister_dj, "p1_resolution_time_avg", date(2026, 10, 1)) <= 4


def test_the_website_was_fine_until_the_outage(mister_dj: World) -> None:
    before, after = date(2026, 11, 18), date(2026, 11, 19)
    assert _value(website.values, mister_dj, "website_availability", before) >= Decimal("99.9")
    assert _value(website.values, mister_dj, "website_availability", after) < 99
    longest = max(i.resolved_at - i.started_at for i in mister_dj.incidents if i.resolved_at and i.include_in_reports)
    assert longest == timedelta(minutes=463)


def test_summer_and_december_bring_more_leads_than_winter(mister_dj: World) -> None:
    def in_month(year: int, month: int) -> int:
        return sum((lead.created_at.year, lead.created_at.month) == (year, month) for lead in mister_dj.leads)

    assert in_month(2026, 6) > 1.25 * in_month(2026, 2)
    assert in_month(2025, 12) > 1.15 * in_month(2026, 1)


def _value(family: truth.Family, world: World, kpi: str, day: date) -> Decimal:
    value = family(world, business_days(world.zone, day, day, NOON), NOON)[kpi][day].value
    assert value is not None
    return value

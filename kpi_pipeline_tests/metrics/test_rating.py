"""Ratings: exact operators, dated thresholds, and what suspends a rating."""

from __future__ import annotations

from datetime import date

import pytest

from kpi_pipeline.metrics import rating


@pytest.mark.parametrize(
    ("kpi", "statuses"),
    [
        (
            "lead_to_booking_conversion",
            "32 ok, 31.99 below_target, 28 below_target, 27.99 warning, 24 warning, 23.99 critical",
        ),
        (
            "lead_response_time_avg",
            "2 ok, 2.000000000001 below_target, 3 below_target, 3.01 warning, 6 warning, 6.01 critical",
        ),
        (
            "website_availability",
            "99.9 ok, 99.89 below_target, 99.5 below_target, 99.49 warning, 99 warning, 98.99 critical",
        ),
        ("queue_backlog_max", "25 ok, 26 below_target, 40 below_target, 41 warning, 60 warning, 61 critical"),
        (
            "retry_age_p95",
            "300000 ok, 300001 below_target, 600000 below_target, 600001 warning, 900000 warning, 900001 critical",
        ),
        (
            "net_revenue_per_booking",
            "1850 ok, 1849.99 below_target, 1700 below_target, 1699 warning, 1500 warning, 1499 critical",
        ),
        (
            "nps_post_event",
            "60 ok, 59 below_target, 50 below_target, 49 warning, 35 warning, 34 critical, -100 critical",
        ),
        ("nps_response_rate", "45 ok, 44 below_target, 35 below_target, 34 warning, 25 warning, 24 critical"),
        ("cash_runway_months", "6 ok, 5.9 below_target, 4 below_target, 3.9 warning, 3 warning, 2.9 critical"),
        ("p1_resolution_time_avg", "4 ok, 4.1 below_target, 6 below_target, 6.1 warning, 12 warning, 12.1 critical"),
        ("p1_open_oldest_age", "12 ok, 12.01 critical"),
        ("open_leads", "0 unrated, 99 unrated"),
    ],
)
def test_values_on_and_beside_the_printed_thresholds(mister_dj, measured, kpi: str, statuses: str) -> None:
    for value, status in (pair.split() for pair in statuses.split(", ")):
        assert rating.rate(mister_dj.kpis[kpi], measured(value)) == status, value


def test_no_value_is_no_data_unless_its_reason_is_good_news(mister_dj, measured) -> None:
    kpi = mister_dj.kpis["p1_resolution_time_avg"]
    assert rating.rate(kpi, measured(None)) == "no_data"
    assert rating.rate(kpi, measured(None, reason="monitor_missing")) == "no_data"
    for reason in ("none_open", "nothing_waited", "no_burn"):
        assert rating.rate(kpi, measured(None, reason=reason)) == "ok"


def test_too_few_records_are_a_low_sample(mister_dj, measured) -> None:
    kpi = mister_dj.kpis["lead_to_booking_conversion"]
    assert rating.rate(kpi, measured("10", n=19)) == "low_sample"
    assert rating.rate(kpi, measured("10", n=20)) == "critical"


def test_a_running_period_is_provisional(mister_dj, measured) -> None:
    assert rating.rate(mister_dj.kpis["nps_post_event"], measured("10", provisional=True)) == "provisional"


def test_a_running_maximum_that_is_bad_already_is_rated(mister_dj, measured) -> None:
    kpi = mister_dj.kpis["queue_backlog_max"]
    assert rating.rate(kpi, measured("61", provisional=True)) == "critical"
    assert rating.rate(kpi, measured("41", provisional=True)) == "warning"
    assert rating.rate(kpi, measured("26", provisional=True)) == "provisional"
    assert rating.rate(kpi, measured("1", provisional=True)) == "provisional"


def test_a_past_day_is_judged_by_what_was_in_force_then(mister_dj, measured) -> None:
    kpi = mister_dj.kpis["cash_runway_months"]
    first, second = kpi.critical[0], kpi.critical[0].model_copy(update={"since": date(2026, 6, 1), "value": 5})
    changed = kpi.model_copy(update={"critical": (first, second)})
    assert rating.rate(changed, measured("4.5", day="2026-05-31")) == "below_target"
    assert rating.rate(changed, measured("4.5", day="2026-06-01")) == "critical"
    assert rating.bar(changed, measured("4.5", day="2026-06-01")).critical == second

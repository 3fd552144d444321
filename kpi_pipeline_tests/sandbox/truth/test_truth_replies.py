"""Response times on the clock from 09:00 to 21:00 in Amsterdam, recounted by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kpi_pipeline.sandbox.truth import replies

DAY = date(2025, 11, 12)
HOUR = 3_600_000


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A winter instant by its wall clock."""
    return datetime(2025, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=1)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (at(10, 10), at(10, 12), 2),
        (at(10, 20, 30), at(11, 9, 45), 1.25),  # half an hour in the evening, three quarters in the morning
        (at(10, 22), at(11, 8), 0),
        (at(10, 8), at(10, 22), 12),
        (at(10, 20), at(13, 10), 26),
        (at(10, 12), at(10, 12), 0),
    ],
)
def test_only_opening_hours_count(start: datetime, end: datetime, hours: float) -> None:
    assert replies.open_ms("Europe/Amsterdam", start, end) == hours * HOUR


def test_opening_hours_follow_the_wall_clock_over_the_change_of_clocks() -> None:
    saturday_20_local = datetime(2025, 10, 25, 18, tzinfo=UTC)  # summer time
    sunday_10_local = datetime(2025, 10, 26, 9, tzinfo=UTC)  # winter time
    assert replies.open_ms("Europe/Amsterdam", saturday_20_local, sunday_10_local) == 2 * HOUR
    spring = datetime(2026, 3, 28, 19, tzinfo=UTC), datetime(2026, 3, 29, 8, tzinfo=UTC)  # 20:00 to 10:00
    assert replies.open_ms("Europe/Amsterdam", *spring) == 2 * HOUR


def test_the_first_human_outbound_contact_after_creation_ends_the_wait(tiny: Any) -> None:
    tiny.lead(1, at(10, 10))
    tiny.engage(1, at(10, 9, 50))  # before the lead came in
    tiny.engage(1, at(10, 10, 1), automated=True, kind="email")
    tiny.engage(1, at(10, 10, 30), direction="inbound")
    tiny.engage(1, at(10, 10, 40), archived_at=at(10, 11))
    tiny.engage(1, at(10, 12))
    tiny.engage(1, at(10, 11), kind="email")
    found = tiny.value(replies.values, "lead_response_time_avg", DAY)
    assert (found.numerator, found.denominator, found.value) == (HOUR, 1, Decimal(1))


def test_a_contact_entered_late_changes_the_value_only_once_it_is_known(tiny: Any) -> None:
    tiny.lead(1, at(10, 10))
    tiny.engage(1, at(10, 11), created_at=at(11, 15))
    day = date(2025, 11, 10)
    assert tiny.value(replies.values, "open_leads", day, at(11, 14)).value == 1
    assert tiny.value(replies.values, "open_leads", day, at(11, 16)).value == 0


def test_who_still_waits_counts_once_the_wait_exceeds_the_mean(tiny: Any) -> None:
    tiny.lead(1, at(12, 9), contact=at(12, 10))  # 1 h
    tiny.lead(2, at(12, 9), contact=at(12, 12))  # 3 h; mean 2 h
    tiny.lead(3, at(12, 19))  # 2 h so far: not more than the mean
    tiny.lead(4, at(12, 18))  # 3 h so far: more
    tiny.lead(5, at(12, 10), contact=at(13, 9))  # contacted tomorrow: 11 h so far
    found = tiny.value(replies.values, "lead_response_time_avg", DAY)
    assert (found.numerator, found.denominator, found.n, found.value) == (18 * HOUR, 4, 4, Decimal("4.5"))
    assert tiny.value(replies.values, "open_leads", DAY).value == 3
    assert tiny.value(replies.values, "lead_response_time_median", DAY).value == Decimal(2)
    assert tiny.value(replies.values, "lead_response_time_p90", DAY).value == Decimal("2.8")
    within = tiny.value(replies.values, "lead_response_within_2h", DAY)
    assert (within.numerator, within.denominator, within.value) == (1, 4, Decimal(25))


def test_exactly_two_hours_is_in_time(tiny: Any) -> None:
    tiny.lead(1, at(12, 10), contact=at(12, 12))
    tiny.lead(2, at(12, 10), contact=at(12, 12) + timedelta(milliseconds=1))
    tiny.lead(3, at(12, 19))  # waits two hours so far: not late yet
    within = tiny.value(replies.values, "lead_response_within_2h", DAY)
    assert (within.numerator, within.denominator) == (1, 2)


def test_without_leads_there_is_no_value(tiny: Any) -> None:
    assert tiny.value(replies.values, "lead_response_time_avg", DAY).value is None
    assert tiny.value(replies.values, "lead_response_time_median", DAY).value is None
    assert tiny.value(replies.values, "lead_response_within_2h", DAY).value is None
    assert tiny.value(replies.values, "open_leads", DAY).value == 0


def test_leads_of_the_night_of_the_change_belong_to_its_25_hour_day(tiny: Any) -> None:
    first, last = datetime(2025, 10, 25, 22, tzinfo=UTC), datetime(2025, 10, 26, 22, 59, 59, tzinfo=UTC)
    for number, created in enumerate((first - timedelta(seconds=1), first, last, last + timedelta(seconds=1))):
        tiny.lead(number, created)
    day = date(2025, 10, 26)
    assert tiny.value(replies.values, "open_leads", day).value == 3
    assert tiny.value(replies.values, "open_leads", day + timedelta(days=28)).value == 4
    assert tiny.value(replies.values, "open_leads", day + timedelta(days=30)).value == 1

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_pipeline.clock import epoch_ms, from_epoch_ms
from kpi_pipeline.facts.local_time import day_number, from_day_number, local_day, local_midnight, midnight_ms, offsets

ZONES = ("Europe/Amsterdam", "UTC", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia")


@pytest.mark.parametrize("zone", ZONES)
def test_local_day_is_the_date_on_the_wall_at_every_hour_around_each_change(zone: str) -> None:
    around = [at for at, _ in offsets(zone).changes] or [epoch_ms(datetime(2026, 6, 1, tzinfo=UTC))]
    instants = [at + hour * 3_600_000 + extra for at in around[:60] for hour in range(-26, 27) for extra in (-1, 0)]
    t = ibis.memtable({"at": instants})
    got = t.select(t.at, day=local_day(t.at, zone)).execute()
    wall = [day_number(from_epoch_ms(at).astimezone(ZoneInfo(zone)).date()) for at in got["at"]]
    assert got["day"].tolist() == wall


@pytest.mark.parametrize("zone", ZONES)
def test_midnight_is_the_first_instant_of_the_day_in_python_and_in_sql(zone: str) -> None:
    days = [date(2010, 1, 1) + timedelta(days=n) for n in range(6000)]
    t = ibis.memtable({"day": [day_number(day) for day in days]})
    got = dict(t.select(t.day, at=local_midnight(t.day, zone)).execute().itertuples(index=False))
    assert {from_day_number(number): at for number, at in got.items()} == {day: midnight_ms(day, zone) for day in days}


@given(
    day=st.dates(date(2001, 1, 1), date(2049, 12, 31)), zone=st.sampled_from(("Europe/Amsterdam", "America/Sao_Paulo"))
)
def test_a_day_starts_at_its_midnight_and_not_a_millisecond_earlier(day: date, zone: str) -> None:
    start = midnight_ms(day, zone)
    assert from_epoch_ms(start).astimezone(ZoneInfo(zone)).date() == day
    assert from_epoch_ms(start - 1).astimezone(ZoneInfo(zone)).date() == day - timedelta(days=1)


def test_days_of_a_clock_change_have_23_and_25_hours() -> None:
    hours = {
        day: (midnight_ms(day + timedelta(days=1), "Europe/Amsterdam") - midnight_ms(day, "Europe/Amsterdam"))
        / 3_600_000
        for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1))
    }
    assert list(hours.values()) == [23, 25, 24]

"""Hours and days in which nothing is sent, by the local clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.alerts.mutes import covers, mute_of, muted_until
from kpi_pipeline.alerts.tables import alert_event
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.alerting import Alerting, Mute
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.alerts.alarm import NOW, Alarm

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOUR = timedelta(hours=1)
Observed = Callable[..., Observation]


def mute(**fields: Any) -> Mute:
    return Mute.model_validate({"id": "quiet", **fields})


def local(text: str, fold: int = 0) -> datetime:
    """An instant by the clock of Amsterdam; `fold=1` is the second time that a clock shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM, fold=fold)


@pytest.mark.parametrize(
    ("fields", "instant", "is_muted"),
    [
        ({"from": "22:00", "to": "23:00"}, "2026-03-03T21:59:59", False),
        ({"from": "22:00", "to": "23:00"}, "2026-03-03T22:00", True),
        ({"from": "22:00", "to": "23:00"}, "2026-03-03T22:59:59.999999", True),
        ({"from": "22:00", "to": "23:00"}, "2026-03-03T23:00", False),
        ({"from": "22:00", "to": "24:00"}, "2026-03-03T23:59:59.999999", True),
        ({"from": "22:00", "to": "24:00"}, "2026-03-04T00:00", False),
        ({"days": "tue"}, "2026-03-03T00:00", True),
        ({"days": "tue"}, "2026-03-04T00:00", False),
        # over midnight: the night belongs to the day on which it begins
        ({"from": "22:00", "to": "07:00", "days": "mon-fri"}, "2026-03-06T23:00", True),
        ({"from": "22:00", "to": "07:00", "days": "mon-fri"}, "2026-03-07T06:59", True),
        ({"from": "22:00", "to": "07:00", "days": "mon-fri"}, "2026-03-07T07:00", False),
        ({"from": "22:00", "to": "07:00", "days": "mon-fri"}, "2026-03-07T22:00", False),
        ({"from": "22:00", "to": "07:00", "days": "mon-fri"}, "2026-03-09T06:00", False),
        ({"from": "22:00", "to": "07:00", "days": "sun"}, "2026-03-09T06:00", True),
        # whole days, both ends of the span in them
        ({"dates": ["2026-12-24/2026-12-26"]}, "2026-12-23T23:59:59", False),
        ({"dates": ["2026-12-24/2026-12-26"]}, "2026-12-24T00:00", True),
        ({"dates": ["2026-12-24/2026-12-26"]}, "2026-12-26T23:59:59", True),
        ({"dates": ["2026-12-24/2026-12-26"]}, "2026-12-27T00:00", False),
        ({"dates": ["2026-04-27"]}, "2026-04-27T12:00", True),
    ],
)
def test_at_24_a_mute_holds_from_its_start_up_to_its_end(fields: dict[str, Any], instant: str, is_muted: bool) -> None:
    assert covers(mute(**fields), AMSTERDAM, local(instant)) is is_muted


def test_at_24_hours_are_those_of_the_companys_zone_and_not_of_utc() -> None:
    hours = {"from": "09:00", "to": "10:00"}
    assert covers(mute(**hours), AMSTERDAM, datetime(2026, 7, 1, 7, 30, tzinfo=UTC))
    assert not covers(mute(**hours), AMSTERDAM, datetime(2026, 7, 1, 9, 30, tzinfo=UTC))
    assert covers(mute(**hours, zone="UTC"), AMSTERDAM, datetime(2026, 7, 1, 9, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("start", "end", "hours_utc"),
    [
        # 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC, the night has 8 hours
        ("22:00", "07:00", (datetime(2026, 3, 28, 21, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC))),
        ("02:30", "03:30", (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC))),
        ("01:00", "02:30", (datetime(2026, 3, 29, 0, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC))),
        # 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC, the night has 10 hours
        ("22:00", "07:00", (datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC))),
        ("02:00", "03:00", (datetime(2026, 10, 25, 0, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC))),
    ],
)
def test_at_24_the_nights_on_which_the_clocks_change(
    company: Company, start: str, end: str, hours_utc: tuple[datetime, datetime]
) -> None:
    first, last = hours_utc
    night = mute(**{"from": start, "to": end})
    assert not covers(night, AMSTERDAM, first - timedelta(seconds=1))
    at = first
    while at < last:
        assert covers(night, AMSTERDAM, at), at
        at += timedelta(minutes=15)
    assert not covers(night, AMSTERDAM, last)
    muted = company.model_copy(update={"alerts": Alerting(mutes=(night,))})
    assert muted_until(muted, {}, first) == last


def test_at_24_an_hour_that_comes_twice_is_silent_twice() -> None:
    half = mute(**{"from": "02:00", "to": "02:30"})
    found = [
        covers(half, AMSTERDAM, datetime(2026, 10, 25, 0, tzinfo=UTC) + timedelta(minutes=15) * n) for n in range(8)
    ]
    assert found == [True, True, False, False, True, True, False, False]


def test_mutes_that_follow_each_other_end_together(company: Company) -> None:
    mutes = (
        mute(**{"days": "fri", "from": "17:00"}),
        mute(days="sat-sun", match={"severity": "warning"}),
        Mute.model_validate({"id": "holiday", "dates": ["2026-03-09", "2026-03-08/2026-03-10"]}),
    )
    muted = company.model_copy(update={"alerts": Alerting(mutes=mutes)})
    friday = local("2026-03-06T18:00:30")
    assert muted_until(muted, {"severity": "warning"}, friday) == local("2026-03-11T00:00")
    assert muted_until(muted, {"severity": "critical"}, friday) == local("2026-03-07T00:00")
    assert muted_until(muted, {"severity": "critical"}, local("2026-03-06T16:00")) is None
    always = company.model_copy(update={"alerts": Alerting(mutes=(mute(match={"kpi": "conversion"}),))})
    assert muted_until(always, {"kpi": "conversion"}, friday) is None
    found = mute_of(always, {"kpi": "conversion"}, friday)
    assert found is not None
    assert found.id == "quiet"


@pytest.fixture
def alarm(store: HistoryStore, company: Company) -> Alarm:
    return Alarm(store, company, mutes=[{"id": "nights", "from": "07:00", "to": "10:00"}])


def test_at_24_what_a_mute_held_back_is_told_when_it_ends_if_it_still_is_so(alarm: Alarm, observed: Observed) -> None:
    alarm.record(observed(0, 40, "ok"), now=NOW - 24 * HOUR)
    alarm.record(observed(1, 20, "critical"), now=NOW)  # 07:00 in Amsterdam
    assert (alarm.told(), alarm.state().phase, alarm.state().shown) == ([], "firing", "suppressed(mute)")
    alarm.watch(NOW + 3 * HOUR - timedelta(seconds=1))
    assert alarm.told() == []
    alarm.watch(NOW + 3 * HOUR)
    assert alarm.told() == [("mute_ended", "critical")]


def test_what_passed_within_a_mute_is_never_told(alarm: Alarm, observed: Observed) -> None:
    alarm.record(observed(0, 40, "ok"), now=NOW - 24 * HOUR)
    alarm.record(observed(1, 20, "critical"), now=NOW)
    alarm.record(observed(2, 40, "ok"), now=NOW + HOUR)
    alarm.watch(NOW + 4 * HOUR)
    assert alarm.told() == []


def test_at_25_a_rule_that_no_mute_holds_back_is_told_and_the_mute_is_logged(
    store: HistoryStore, company: Company, observed: Observed
) -> None:
    mutes = [{"id": "nights", "from": "07:00", "to": "10:00"}]
    alarm = Alarm(store, company, mutes=mutes, rules=[{"id": "p1", "kpi": "conversion", "bypass_mute": True}])
    alarm.record(observed(0, 40, "ok"), now=NOW - 24 * HOUR)
    alarm.record(observed(1, 20, "critical"), now=NOW)
    assert alarm.told() == [("first_breach", "critical")]
    assert [row.why for row in alarm.rows(alert_event)][-1] == "first_breach_despite_mute_nights"
    alarm.record(observed(2, 40, "ok"), now=NOW + 4 * HOUR)
    assert [row.why for row in alarm.rows(alert_event)][-1] == "resolved", "no mute was in the way then"

"""Google Analytics over the wire: days of the property's zone, figures that are restated, none that are not whole."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.connectors.classify import Reply
from kpi_pipeline.connectors.ga4 import CHANNELS, RESTATED
from kpi_pipeline.connectors.ga4.protocol import classify, doubts, observe
from kpi_pipeline.errors import SettingsError, SourceRefused, Throttled
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.world.days import Days
from kpi_pipeline.sandbox.world.model import Traffic, WebDay, WebProperty, WebReach, World
from kpi_pipeline.sandbox.world.settling import web_day, web_reach
from kpi_pipeline_tests.connectors.wire import NOW, Wire, utc, wired, world

ZONE = "Europe/Amsterdam"
DAYS = Days(ZONE)
SETTINGS = {"property": "412345678", "time_zone": ZONE}
FIRST, MIDNIGHT = date(2026, 10, 20), utc("2026-10-19 22:00")
OWN = WebProperty("412345678", utc("2025-01-01 00:00"))


def counted(day: date, channel: str, sessions: int, users: int = 50) -> WebDay:
    return WebDay(day, channel, (Traffic(utc("2026-01-01 00:00"), sessions, sessions // 2, 3 * sessions, users),))


def site(*days: WebDay, reach: tuple[WebReach, ...] = (), own: WebProperty = OWN) -> World:
    return world(web_property=own, web_days=list(days), web_reach=list(reach))


def sessions(wire: Wire, start: datetime, end: datetime = NOW) -> dict[tuple[str, str], int]:
    rows = wire.rows("web_traffic", start, end)
    return {(row["day"], row["channel"]): row["sessions"] for row in rows if row["sessions"]}


def test_a_day_begins_at_midnight_of_the_property_also_when_the_clock_changes(tmp_path: Path) -> None:
    days = [counted(FIRST + timedelta(days=n), "Direct", 10 + n) for n in range(10)]  # the clock goes back on the 25th
    with wired("ga4", site(*days), tmp_path, SETTINGS) as wire:
        rows = wire.rows("web_traffic", MIDNIGHT, NOW)
        begins = {row["day"]: row["begins_at"] for row in rows}
        assert begins["2026-10-25"] == "2026-10-24T22:00:00+00:00"
        assert begins["2026-10-26"] == "2026-10-25T23:00:00+00:00"
        cut = utc("2026-10-24 22:00")
        before, after = sessions(wire, MIDNIGHT, cut), sessions(wire, cut)
        assert next(iter(after)) == ("2026-10-25", "Direct")
        assert before | after == sessions(wire, MIDNIGHT)
        assert not set(before) & set(after)


def test_a_channel_without_traffic_has_zeros_and_a_day_without_any_has_no_rows(tmp_path: Path) -> None:
    with wired("ga4", site(counted(FIRST, "Direct", 7), counted(FIRST, "Newsletter", 3)), tmp_path, SETTINGS) as wire:
        rows = wire.rows("web_traffic", MIDNIGHT, NOW)
    assert {row["day"] for row in rows} == {"2026-10-20"}
    assert sorted(row["channel"] for row in rows) == sorted([*CHANNELS, "Newsletter"])
    zeros = [row for row in rows if row["channel"] not in ("Direct", "Newsletter")]
    assert {(row["sessions"], row["engaged_sessions"], row["page_views"], row["users"]) for row in zeros} == {
        (0, 0, 0, 0)
    }


def test_a_day_is_read_again_until_it_is_settled(tmp_path: Path) -> None:
    day = date(2026, 11, 18)
    made = web_day(DAYS, day, "Direct", sessions=1000, engaged_sessions=600, page_views=3000, users=900)
    end, at = DAYS.start(day + timedelta(days=1)), [NOW]
    seen = []
    with wired("ga4", site(made), tmp_path, SETTINGS, now=lambda: at[0]) as wire:
        for hours in (-6, 1, 30, 71, 73):
            last, at[0] = at[0], end + timedelta(hours=hours)
            start = DAYS.start(day) if hours == -6 else last - RESTATED
            seen.append(sessions(wire, start, at[0])["2026-11-18", "Direct"])
    assert seen == [450, 930, 985, 997, 1000]


def test_the_users_of_a_month_are_asked_for_each_day_from_its_first(tmp_path: Path) -> None:
    reach = []
    for number, users in enumerate((5000, 5100, 5150, 40, 90, 120)):
        day = date(2026, 10, 29) + timedelta(days=number)
        before = 0 if day.day == 1 else (reach[-1].counted[-1][1] if reach else 4900)
        reach.append(web_reach(DAYS, day, users=users, until_yesterday=before))
    with wired("ga4", site(reach=tuple(reach)), tmp_path, SETTINGS) as wire:
        rows = wire.rows("month_users", DAYS.start(date(2026, 10, 29)), NOW)
        assert sorted((row["day"], row["users"]) for row in rows) == [
            ("2026-10-29", 5000),
            ("2026-10-30", 5100),
            ("2026-10-31", 5150),
            ("2026-11-01", 40),
            ("2026-11-02", 90),
            ("2026-11-03", 120),
        ]
        reports = [entry for entry in wire.requests if "runReport" in entry["path"]]
        assert len(reports) == 7  # 25 days, four a report
        one = wire.rows("month_users", DAYS.start(date(2026, 10, 31)), DAYS.start(date(2026, 11, 1)))
        assert [(row["day"], row["users"]) for row in one] == [("2026-10-31", 5150)]


def test_figures_from_a_sample_are_refused(tmp_path: Path) -> None:
    own = WebProperty("412345678", utc("2025-01-01 00:00"), samples_above=20)
    with (
        wired("ga4", site(counted(FIRST, "Direct", 7), own=own), tmp_path, SETTINGS) as wire,
        pytest.raises(SourceRefused, match="the figures are counted from a sample"),
    ):
        sessions(wire, MIDNIGHT)


def test_withheld_rows_are_refused_or_accepted_with_a_mark_and_never_taken_for_zeros(tmp_path: Path) -> None:
    own = WebProperty("412345678", utc("2025-01-01 00:00"), withholds_below=10)
    made = site(counted(FIRST, "Direct", 70), counted(FIRST, "Email", 3, users=2), own=own)
    with (
        wired("ga4", made, tmp_path, SETTINGS) as wire,
        pytest.raises(SourceRefused, match=r"partly withheld.*accept_thresholds"),
    ):
        sessions(wire, MIDNIGHT)
    with wired("ga4", made, tmp_path, {**SETTINGS, "accept_thresholds": True}) as wire:
        rows = wire.rows("web_traffic", MIDNIGHT, NOW)
    assert [(row["channel"], row["thresholded"]) for row in rows] == [("Direct", True)]


def test_rows_under_other_are_refused() -> None:
    told = doubts({"timeZone": ZONE, "dataLossFromOtherRow": True}, ZONE, accept_thresholds=True, doing="reading")
    assert "partly hidden under (other)" in str(told)
    assert doubts({"timeZone": ZONE}, ZONE, accept_thresholds=False, doing="reading") is None


def test_days_of_another_zone_are_not_taken_for_ours(tmp_path: Path) -> None:
    settings = {**SETTINGS, "time_zone": "Europe/London"}
    with (
        wired("ga4", site(counted(FIRST, "Direct", 7)), tmp_path, settings) as wire,
        pytest.raises(SettingsError, match="days are those of Europe/Amsterdam, the settings say Europe/London"),
    ):
        sessions(wire, MIDNIGHT)


def test_a_used_up_hour_is_left_alone_for_an_hour(tmp_path: Path) -> None:
    limits = {"hour": Limit(0, 3600.0, rolling=False), "day": Limit(10**6, 1.0)}
    with (
        wired("ga4", site(), tmp_path, SETTINGS, limits=limits) as wire,
        pytest.raises(Throttled, match=r"tokens per hour.*Trying again helps after 2026-11-22T13:00"),
    ):
        sessions(wire, MIDNIGHT)


def reply(status: int, body: dict[str, Any], sent: str = "Sun, 22 Nov 2026 12:00:00 GMT") -> Reply:
    return Reply(status, {"Date": sent}, b"", body)


def test_a_used_up_day_lasts_until_midnight_in_california() -> None:
    verdict = classify(reply(429, {"error": {"message": "Exhausted property tokens per day."}}))
    assert (verdict.outcome, verdict.wait) == ("throttled", 20 * 3600)  # 04:00 there
    again = classify(reply(429, {"error": {"message": "Exhausted concurrent requests quota."}}))
    assert (again.outcome, again.wait) == ("retry", None)


def test_what_a_report_says_of_the_quota_is_heeded() -> None:
    left = {"tokensPerHour": {"consumed": 10, "remaining": 0}, "tokensPerDay": {"consumed": 10, "remaining": 7}}
    assert observe(reply(200, {"propertyQuota": left})) == {"all": 3600}
    assert observe(reply(200, {"propertyQuota": {"tokensPerDay": {"remaining": 0}}})) == {"all": 20 * 3600}
    assert observe(reply(200, {"propertyQuota": {"tokensPerHour": {"remaining": 14_000}}})) == {}


@pytest.mark.parametrize("settings", [{}, {"property": "412345678"}, {"property": "G-ABC", "time_zone": ZONE}])
def test_the_property_and_its_zone_are_asked_for(tmp_path: Path, settings: dict[str, Any]) -> None:
    with (
        pytest.raises(SettingsError, match="no `property` that is a number, or no `time_zone`"),
        wired("ga4", site(), tmp_path, settings),
    ):
        pass

"""Facts of product use: who counts as a user, whose event it was, where a visit ends, which tries are one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kpi_pipeline import facts
from kpi_pipeline.errors import SettingsError
from kpi_pipeline.facts.lineage import records as lineage
from kpi_pipeline_tests.facts.records import SETTINGS, Company, Records, Settings, day, ms, utc

Read = Callable[..., list[dict[str, Any]]]
MIXPANEL = Company(
    sources={
        "mixpanel": Settings({"qualifying_events": ["look"], "page_view_events": ["look"]}),
        "sql": Settings(SETTINGS["sql"]),
        "x": Settings({}),
    }
)


def fills(**listed: list[str]) -> Company:
    """Mixpanel and a database, of which `listed` says what each fills."""
    both = {
        name: Settings({**MIXPANEL.sources[name].settings, "fills": listed.get(name, [])}) for name in MIXPANEL.sources
    }
    return Company(sources=both)


ON_MIXPANEL = fills(mixpanel=["usage_day", "session"])


def user(records: Records, name: str, **other: Any) -> None:
    records.add("sql.users", **{"user_id": name, "account_id": "acme", "role": "teacher"} | other)


def event(records: Records, number: int, name: str | None, what: str, at: str, **other: Any) -> None:
    records.add("sql.product_events", event_id=f"e{number}", user_id=name, event=what, occurred_at=utc(at), **other)


def seen(records: Records, number: int, at: str, what: str = "look", **other: Any) -> None:
    moment = {"event": what, "occurred_at": utc(at), "insert_id": f"i{number}"}
    records.add("mixpanel.events", **{"distinct_id": "x"} | moment | other)


def test_use_is_counted_by_user_kind_of_event_and_local_day(records: Records, rows_of: Read) -> None:
    user(records, "ann")
    event(records, 1, "ann", "teach", "2026-03-28 22:59:59")  # 23:59:59 in Amsterdam
    event(records, 2, "ann", "teach", "2026-03-28 23:00")
    event(records, 3, "ann", "teach", "2026-03-29 21:59:59", role="admin", account_id="other")
    event(records, 4, "ann", "login", "2026-03-29 10:00")
    found = [(r["event"], r["day"], r["times"], r["qualifying"], r["first_at"]) for r in rows_of("usage_day")]
    number = {"28": _day("2026-03-28"), "29": _day("2026-03-29")}
    assert found == [
        ("login", number["29"], 1, False, ms("2026-03-29 10:00")),
        ("teach", number["28"], 1, True, ms("2026-03-28 22:59:59")),
        ("teach", number["29"], 2, True, ms("2026-03-28 23:00")),
    ]


def test_an_events_own_account_and_role_come_before_those_of_its_user(records: Records, rows_of: Read) -> None:
    user(records, "ann")
    event(records, 1, "ann", "teach", "2026-05-01 10:00")
    event(records, 2, "ann", "login", "2026-05-01 10:00", account_id="guest", role="observer")
    assert {(r["event"], r["account_id"], r["role"]) for r in rows_of("usage_day")} == {
        ("teach", "acme", "teacher"),
        ("login", "guest", "observer"),
    }


def test_our_own_people_visitors_and_unknown_users_do_not_count(records: Records, rows_of: Read) -> None:
    user(records, "ann")
    user(records, "bot", internal=True)
    for number, name in enumerate(("ann", "bot", None, "ghost")):
        event(records, number, name, "teach", "2026-05-01 10:00")
    assert [r["user_id"] for r in rows_of("usage_day")] == ["ann"]
    assert {(r["user_id"], r["internal"]) for r in rows_of("product_user")} == {("ann", False), ("bot", True)}


def test_a_visitor_becomes_the_user_first_seen_with_the_device(records: Records, rows_of: Read) -> None:
    seen(records, 1, "2026-05-01 10:00", device_id="d1")
    seen(records, 2, "2026-05-01 10:05", device_id="d1", user_id="ann")
    seen(records, 3, "2026-05-02 10:05", device_id="d1", user_id="bob")  # a shared device: it was ann's first
    seen(records, 4, "2026-05-03 10:00", device_id="d1")
    seen(records, 5, "2026-05-03 10:00", device_id="d2", distinct_id="$device:d2")  # never logged in
    seen(records, 6, "2026-05-03 10:00", distinct_id="cas")  # from a server
    seen(records, 7, "2026-05-03 10:00", user_id="tester", internal=True)
    assert {(r["user_id"], r["day"]) for r in rows_of("usage_day", ON_MIXPANEL)} == {
        ("ann", _day("2026-05-01")),
        ("bob", _day("2026-05-02")),
        ("ann", _day("2026-05-03")),
        ("cas", _day("2026-05-03")),
    }


@pytest.mark.parametrize(("second", "visits"), [("10:30:00", 1), ("10:30:00.001", 2)])
def test_a_pause_of_more_than_thirty_minutes_ends_a_visit(
    records: Records, rows_of: Read, second: str, visits: int
) -> None:
    seen(records, 1, "2026-05-01 10:00:00", user_id="ann")
    seen(records, 2, f"2026-05-01 {second}", what="buy", user_id="ann")
    seen(records, 3, "2026-05-01 10:10", user_id="bob")
    found = [r for r in rows_of("session", ON_MIXPANEL) if r["user_id"] == "ann"]
    assert len(found) == visits
    assert [r["page_views"] for r in found] == [1, 0][:visits]
    assert found[0]["duration_ms"] == (1_800_000 if visits == 1 else 0)


def test_a_visit_of_one_event_counts_nothing_and_a_long_one_four_hours(records: Records, rows_of: Read) -> None:
    for number in range(20):  # 21:00 to 01:45 without a pause
        at = utc("2026-05-01 21:00") + timedelta(minutes=15 * number)
        seen(records, number, at.isoformat(sep=" ")[:16], user_id="ann")
    for number in (50, 51):  # the same instant twice is one visit
        seen(records, number, "2026-05-08 10:00", user_id="bob")
    found = {r["user_id"]: (r["duration_ms"], r["page_views"]) for r in rows_of("session", ON_MIXPANEL)}
    assert found == {"ann": (4 * 3_600_000, 20), "bob": (0, 2)}


def test_sessions_that_the_product_keeps_are_taken_as_they_are(records: Records, rows_of: Read) -> None:
    user(records, "ann")
    user(records, "bot", internal=True)
    for name, who, end in (("s1", "ann", "11:00"), ("s2", "ann", "16:00"), ("s3", "ann", None), ("s4", "bot", "11:00")):
        ended = None if end is None else utc(f"2026-05-01 {end}")
        records.add(
            "sql.sessions",
            session_id=name,
            user_id=who,
            started_at=utc("2026-05-01 10:00"),
            ended_at=ended,
            page_views=3,
        )
    found = {r["session_id"]: (r["duration_ms"], r["account_id"], r["page_views"]) for r in rows_of("session")}
    assert found == {"s1": (3_600_000, "acme", 3), "s2": (14_400_000, "acme", 3), "s3": (0, "acme", 3)}


def test_an_account_knows_its_first_key_event_and_dashboard(records: Records, rows_of: Read) -> None:
    user(records, "ann")
    records.add("sql.accounts", account_id="acme", company_id="c1", signed_up_at=utc("2026-05-01 08:00"))
    records.add("sql.accounts", account_id="idle", signed_up_at=utc("2026-05-01 08:00"))
    event(records, 1, "ann", "login", "2026-05-01 09:00")
    event(records, 2, "ann", "teach", "2026-05-02 09:00")
    event(records, 3, "ann", "teach", "2026-05-03 09:00")
    event(records, 4, "ann", "dashboard_created", "2026-05-04 09:00")
    found = {r["account_id"]: (r["first_key_event_at"], r["first_dashboard_at"]) for r in rows_of("account")}
    assert found == {"acme": (ms("2026-05-02 09:00"), ms("2026-05-04 09:00")), "idle": (None, None)}


def attempt(records: Records, number: int, at: str, succeeded: bool, source: str = "shopify") -> None:
    records.add(
        "sql.connection_attempts",
        attempt_id=f"t{number}", account_id="acme", source_name=source, attempted_at=utc(at), succeeded=succeeded,
    )  # fmt: skip


def test_tries_less_than_a_day_apart_are_one_and_succeed_within_a_day(records: Records, rows_of: Read) -> None:
    attempt(records, 1, "2026-05-01 10:00", False)
    attempt(records, 2, "2026-05-02 09:59", False)
    attempt(records, 3, "2026-05-02 10:00", True)  # exactly 24 hours after the first
    attempt(records, 4, "2026-05-03 10:00", True)  # exactly 24 hours after the one before: a new one
    attempt(records, 5, "2026-05-01 10:00", False, "stripe")
    attempt(records, 6, "2026-05-02 08:00", False, "stripe")
    attempt(records, 7, "2026-05-03 07:00", True, "stripe")  # 45 hours after the first: too late
    found = {r["attempt_id"]: (r["source_name"], r["tries"], r["succeeded_at"]) for r in rows_of("connection_attempt")}
    assert found == {
        "t1": ("shopify", 3, ms("2026-05-02 10:00")),
        "t4": ("shopify", 1, ms("2026-05-03 10:00")),
        "t5": ("stripe", 3, None),
    }


def test_only_successful_syncs_count_and_one_instant_once(records: Records, rows_of: Read) -> None:
    for number, succeeded in enumerate((True, True, False)):
        at = utc("2026-05-01 10:00") if number < 2 else utc("2026-05-01 11:00")
        records.add("sql.syncs", sync_id=f"y{number}", source_name="crm", synced_at=at, succeeded=succeeded)
    assert rows_of("sync") == [{"source_name": "crm", "synced_at": ms("2026-05-01 10:00")}]


def test_calls_assignments_and_tickets_keep_what_the_tables_say(records: Records, rows_of: Read) -> None:
    records.add("sql.api_calls", account_id="acme", day=day("2026-05-01"), calls=7, counted_at=utc("2026-05-01 22:00"))
    records.add(
        "sql.assignments",
        assignment_id="w1",
        student_id="bob",
        started_at=utc("2026-05-01 10:00"),
        updated_at=utc("2026-05-01 10:00"),
    )
    records.add("sql.tickets", ticket_id="q1", created_at=utc("2026-05-01 10:00"), updated_at=utc("2026-05-01 10:00"))
    assert rows_of("api_usage") == [{"account_id": "acme", "day": _day("2026-05-01"), "calls": 7}]
    assert rows_of("assignment")[0]["completed_at"] is None
    (ticket,) = rows_of("support_ticket")
    assert (ticket["replies"], ticket["developer_involved"], ticket["is_duplicate"]) == (0, False, False)


# which source fills a fact


def test_the_only_source_that_can_fill_a_fact_does(records: Records, rows_of: Read) -> None:
    assert facts.filled_by("usage_day", {"mixpanel": Settings({})}) == "mixpanel"
    assert facts.sources(["account"], ON_MIXPANEL.sources) == (("mixpanel", "events"), ("sql", "accounts"))
    assert facts.sources(["session"], {"sql": Settings({})}) == (("sql", "sessions"), ("sql", "users"))
    assert ("mixpanel", "events") in facts.sources(["session"])


@pytest.mark.parametrize(
    ("company", "said"),
    [
        (Company(sources={}), "has none that is to do it"),
        (fills(), "none that is to do it"),
        (fills(sql=["usage_day"], mixpanel=["usage_day"]), "several that is to do it"),
    ],
)
def test_a_fact_that_no_source_or_several_would_fill_is_a_fault_of_the_settings(company: Company, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        facts.filled_by("usage_day", company.sources)


def test_a_row_leads_back_to_the_source_that_filled_it() -> None:
    row = {"user_id": "ann", "event": "look", "day": 1}
    assert lineage("usage_day", row, ON_MIXPANEL)[0].source == "mixpanel"
    assert lineage("usage_day", row, Company())[0].source == "sql"


def _day(text: str) -> int:
    return (day(text) - day("1970-01-01")).days

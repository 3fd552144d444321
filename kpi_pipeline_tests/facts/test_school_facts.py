"""Schools, pilots and seats; in 2026, 2 March is a Monday, and the clocks change on the 29th."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kpi_pipeline.errors import SettingsError
from kpi_pipeline_tests.facts.builders import meeting, staged
from kpi_pipeline_tests.facts.records import SETTINGS, Company, Records, Settings, ms, utc

Read = Callable[..., list[dict[str, Any]]]
DAY_MS = 86_400_000


def school(records: Records, name: str, **other: Any) -> None:
    values = {"created_at": utc("2026-01-05 08:00"), "segment": "VSO", "holiday_region": "noord"}
    records.add("hubspot.companies", id=name, name=f"School {name}", **values | other)
    records.add("sql.accounts", account_id=f"acc-{name}", company_id=name)


def pilot(records: Records, name: str, *further: tuple[str, str], of: str = "A", **other: Any) -> None:
    """A deal that came into the pilot stage on 2 March 09:00 Amsterdam, of which the last planned day is 10 May."""
    entries = [("new", "2026-02-20 08:00"), ("pilot", "2026-03-02 08:00"), *further]
    staged(records, name, *entries, **{"company_id": of, "pilot_end": "2026-05-10"} | other)


def user(records: Records, name: str, role: str, enabled: str, *, of: str = "A", **other: Any) -> None:
    records.add("sql.users", user_id=name, account_id=f"acc-{of}", role=role, enabled_at=utc(enabled), **other)


def event(records: Records, who: str, at: str, name: str = "teach", *, of: str = "A", role: str = "teacher") -> None:
    records.add(
        "sql.product_events",
        event_id=f"{who}{at}{name}",
        user_id=who,
        account_id=f"acc-{of}",
        role=role,
        event=name,
        occurred_at=utc(at),
    )


def test_a_pilot_ends_by_signature_loss_or_plan_whichever_is_first(records: Records, rows_of: Read) -> None:
    school(records, "A")
    year = {"contract_months": 12}
    pilot(records, "signed", ("won", "2026-04-20 10:00"), **year)
    pilot(records, "signed late", ("won", "2026-05-20 10:00"), **year)
    pilot(records, "half a year", ("won", "2026-04-20 10:00"), contract_months=6)
    pilot(records, "lost", ("lost", "2026-04-21 10:00"))
    pilot(records, "undecided")
    pilot(records, "back again", ("new", "2026-03-10 08:00"), ("pilot", "2026-03-12 08:00"))
    staged(records, "never one", ("new", "2026-03-01 08:00"), company_id="A")
    found = {row.pop("pilot_id"): row for row in rows_of("pilot")}
    assert found["signed"] == {
        "school_id": "A",
        "segment": "VSO",
        "started_at": ms("2026-03-02 08:00"),
        "planned_end_at": ms("2026-05-10 22:00"),
        "ended_at": ms("2026-04-20 10:00"),
        "signed_at": ms("2026-04-20 10:00"),
        "annual": True,
    }
    ends = {name: (row["ended_at"], row["signed_at"], row["annual"]) for name, row in found.items()}
    assert ends["signed late"] == (ms("2026-05-10 22:00"), ms("2026-05-20 10:00"), True)
    assert ends["half a year"] == (ms("2026-04-20 10:00"), ms("2026-04-20 10:00"), False)
    assert ends["lost"] == (ms("2026-04-21 10:00"), None, False)
    assert ends["undecided"] == (ms("2026-05-10 22:00"), None, False)
    assert found["back again"]["started_at"] == ms("2026-03-02 08:00")
    assert "never one" not in found


def test_a_school_has_the_first_of_its_dates_and_whole_days_between_them(records: Records, rows_of: Read) -> None:
    """Ten days from the go to the first student, one of them of 23 hours; a teacher or a login does not end them."""
    school(records, "A")
    records.add(
        "hubspot.companies",
        id="A",
        observed=utc("2026-07-01 00:00"),
        created_at=utc("2026-01-05 08:00"),
        entered_salesqualifiedlead_at=utc("2026-02-03 09:00"),
        segment="VSO",
        merged_ids="M",
    )
    school(records, "M")
    days = {"go_date": "2026-03-20", "live_date": "2026-04-20", "contract_months": 12, "contract_end": "2027-04-09"}
    pilot(records, "1", ("won", "2026-04-10 10:00"), **days)
    pilot(records, "2", of="A", go_date="2026-09-01")
    user(records, "s", "student", "2026-03-20 10:00")
    event(records, "t", "2026-03-21 10:00")
    event(records, "s", "2026-03-22 10:00", "login", role="student")
    event(records, "s", "2026-03-29 23:30", role="student")
    (row,) = rows_of("school")
    assert row == {
        "school_id": "A",
        "name": None,
        "segment": "VSO",
        "holiday_region": None,
        "qualified_at": ms("2026-02-03 09:00"),
        "pilot_started_at": ms("2026-03-02 08:00"),
        "contract_signed_at": ms("2026-04-10 10:00"),
        "contract_signed_day": 20_553,
        "contract_annual": True,
        "go_day": 20_532,
        "go_at": ms("2026-03-19 23:00"),
        "overdue_at": ms("2026-03-30 22:00"),
        "live_at": ms("2026-04-19 22:00"),
        "first_student_at": ms("2026-03-29 23:30"),
        "onboarding_ms": 10 * DAY_MS,
        "implementation_ms": 10 * DAY_MS,
    }


def test_a_school_that_moves_back_and_forth_was_qualified_the_first_time(records: Records, rows_of: Read) -> None:
    for seen, at in (("2026-06-01 00:00", "2026-02-03 09:00"), ("2026-07-01 00:00", "2026-05-09 09:00")):
        records.add(
            "hubspot.companies",
            id="A",
            observed=utc(seen),
            created_at=utc("2026-01-05 08:00"),
            entered_salesqualifiedlead_at=utc(at),
        )
    assert [row["qualified_at"] for row in rows_of("school")] == [ms("2026-02-03 09:00")]


def test_a_demo_leads_to_the_first_pilot_that_began_after_it(records: Records, rows_of: Read) -> None:
    school(records, "A")
    pilot(records, "1")
    meeting(records, "before", "2026-02-20 10:00", "COMPLETED", type="Demo", company_id="A")
    meeting(records, "that moment", "2026-03-02 08:00", "COMPLETED", type="Demo", company_id="A")
    meeting(records, "after", "2026-03-03 10:00", "COMPLETED", type="Demo", company_id="A")
    meeting(records, "nobody", "2026-02-20 10:00", type="Demo")
    found = {row["meeting_id"]: (row["school_id"], row["pilot_started_at"]) for row in rows_of("demo")}
    assert found == {
        "before": ("A", ms("2026-03-02 08:00")),
        "that moment": ("A", ms("2026-03-02 08:00")),
        "after": ("A", None),
        "nobody": (None, None),
    }


def test_seats_are_logins_while_the_school_is_in_a_phase(records: Records, rows_of: Read) -> None:
    """A pilot from 2 March to 20 April, a contract from then to the end of the 9th of April a year later."""
    school(records, "A")
    pilot(records, "1", ("won", "2026-04-20 10:00"), contract_months=12, contract_end="2027-04-09")
    user(records, "early", "teacher", "2026-02-01 09:00")
    user(records, "april", "teacher", "2026-03-31 22:00", disabled_at=utc("2026-04-10 09:00"))
    user(records, "late", "student", "2026-05-05 09:00", profile_set_at=utc("2026-05-06 09:00"))
    user(records, "ours", "teacher", "2026-02-01 09:00", internal=True)
    user(records, "elsewhere", "teacher", "2026-02-01 09:00", of="B")
    spans = {(r["phase"], r["start_at"], r["end_at"]) for r in rows_of("school_phase")}
    assert spans == {
        ("pilot", ms("2026-03-02 08:00"), ms("2026-04-20 10:00")),
        ("contract", ms("2026-04-20 10:00"), ms("2027-04-09 22:00")),
    }
    found = {(row["user_id"], row["phase"]): row for row in rows_of("seat")}
    assert found.keys() == {("early", "pilot"), ("early", "contract"), ("april", "pilot"), ("late", "contract")}
    early, april = found["early", "pilot"], found["april", "pilot"]
    assert (early["seated_at"], early["left_at"]) == (ms("2026-03-02 08:00"), ms("2026-04-20 10:00"))
    assert early["settled_at"] == ms("2026-02-07 23:00")
    assert early["whole_month_from_at"] == ms("2026-03-31 22:00")
    # The first midnight of April: the whole of April is before it.
    assert (april["seated_at"], april["left_at"]) == (ms("2026-03-31 22:00"), ms("2026-04-10 09:00"))
    assert april["whole_month_from_at"] == ms("2026-03-31 22:00")
    assert found["late", "contract"]["profile_set_at"] == ms("2026-05-06 09:00")


def test_use_stands_beside_every_seat_of_its_user(records: Records, rows_of: Read) -> None:
    school(records, "A")
    pilot(records, "1", ("won", "2026-04-20 10:00"), contract_months=12, contract_end="2027-04-09")
    user(records, "t", "teacher", "2026-02-01 09:00")
    event(records, "t", "2026-03-05 10:00")
    event(records, "t", "2026-03-05 11:00")
    event(records, "t", "2026-03-05 12:00", "login")
    found = {(r["seat_id"], r["event"]): (r["times"], r["qualifying"], r["role"]) for r in rows_of("seat_use")}
    assert found == {
        ("t:1:pilot", "teach"): (2, True, "teacher"),
        ("t:1:pilot", "login"): (1, False, "teacher"),
        ("t:1:contract", "teach"): (2, True, "teacher"),
        ("t:1:contract", "login"): (1, False, "teacher"),
    }


def test_a_school_is_at_work_with_a_teacher_and_a_student_in_seven_days(records: Records, rows_of: Read) -> None:
    """Week 1 is 2 to 8 March, of the school's own days: the Sunday's last hour is in it."""
    school(records, "A")
    pilot(records, "1")
    user(records, "t", "teacher", "2026-02-01 09:00")
    user(records, "s", "student", "2026-02-01 09:00")
    event(records, "t", "2026-03-02 07:00")
    event(records, "s", "2026-03-08 22:30", role="student")
    event(records, "t", "2026-03-10 10:00")
    event(records, "s", "2026-03-10 10:00", "login", role="student")
    event(records, "t", "2026-03-17 10:00")
    event(records, "s", "2026-03-22 10:00", role="student")
    weeks = {row["week"]: row for row in rows_of("pilot_week")}
    assert [weeks[n]["active"] for n in (1, 2, 3, 4)] == [True, False, True, False]
    assert all(row["active_at_first"] for row in weeks.values())
    assert weeks[1]["ends_at"] == ms("2026-03-08 23:00") - 1
    assert weeks[4]["ends_at"] == ms("2026-03-29 22:00") - 1
    assert (len(weeks), weeks[1]["cohort_day"]) == (26, 20_514)


def test_holidays_are_weekdays_of_the_region_of_schools_in_a_phase(records: Records, rows_of: Read) -> None:
    """1 May 2026 is a Friday, the 2nd and 3rd are a weekend."""
    school(records, "A")
    school(records, "B", holiday_region="zuid")
    pilot(records, "1")
    pilot(records, "2", of="B")
    found = [(row["school_id"], row["day"]) for row in rows_of("school_holiday")]
    assert found == [("A", 20_574), ("A", 20_577), ("A", 20_578)]
    wrong = {"school_holidays": {"noord": ["2026-05-01 - 2026-05-05"]}}
    sources = {name: Settings(settings) for name, settings in SETTINGS.items()}
    sources["hubspot"] = Settings(SETTINGS["hubspot"] | wrong)
    with pytest.raises(
        SettingsError, match=r"school_holidays\.noord has '2026-05-01 - 2026-05-05'.*first and last day"
    ):
        rows_of("school_holiday", Company(sources=sources))

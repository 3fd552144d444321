from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis
import pytest

from kpi_pipeline.errors import SettingsError
from kpi_pipeline.facts.local_time import day_number, day_of_text
from kpi_pipeline_tests.facts.builders import invitation, response
from kpi_pipeline_tests.facts.records import SETTINGS, Company, Records, Settings, day, ms, utc

Read = Callable[..., list[dict[str, Any]]]


def test_a_second_answer_supersedes_the_first_of_the_same_booking(records: Records, rows_of: Read) -> None:
    response(records, "r1", "2026-05-10 10:00", 3, booking_id="B-1", event_date="2026-05-02")
    response(records, "r2", "2026-05-12 10:00", 9, booking_id="B-1", event_date="2026-05-02")
    response(records, "r3", "2026-05-11 10:00", 10, booking_id="B-2", event_date="2026-05-02")
    found = {row["answer_id"]: (row["score"], row["superseded_at"]) for row in rows_of("survey_answer")}
    assert found == {
        "nps:r1:f1": (3, ms("2026-05-12 10:00")),
        "nps:r2:f1": (9, None),
        "nps:r3:f1": (10, None),
    }


def test_an_answer_belongs_to_the_local_day_of_its_event(records: Records, rows_of: Read) -> None:
    response(records, "summer", "2026-06-03 10:00", 9, booking_id="B-1", event_date="2026-05-31")
    response(records, "winter", "2026-06-03 10:00", 9, booking_id="B-2", event_date="2026-01-01")
    response(records, "blank", "2026-06-03 10:00", 9, booking_id="B-3", event_date="")
    response(records, "none", "2026-06-03 10:00", 9, booking_id="B-4")
    response(records, "nonsense", "2026-06-03 10:00", 9, booking_id="B-5", event_date="2026-02-30")
    assert {row["answer_id"].split(":")[1]: row["event_at"] for row in rows_of("survey_answer")} == {
        "summer": ms("2026-05-30 22:00"),
        "winter": ms("2025-12-31 23:00"),
        "blank": ms("2026-06-03 10:00"),
        "none": ms("2026-06-03 10:00"),
        "nonsense": ms("2026-06-03 10:00"),
    }


def test_responses_left_half_way_and_answers_without_a_whole_number_are_no_answers(
    records: Records, rows_of: Read
) -> None:
    response(records, "partial", "2026-05-10 10:00", 9, booking_id="B-1", response_type="partial")
    response(records, "no score", "2026-05-10 10:00", None, booking_id="B-2")
    response(records, "half", "2026-05-10 10:00", 7.5, booking_id="B-3")
    assert rows_of("survey_answer") == []


def test_answers_of_nobody_in_particular_do_not_supersede_each_other(records: Records, rows_of: Read) -> None:
    response(records, "r1", "2026-05-10 10:00", 3)
    response(records, "r2", "2026-05-12 10:00", 9, booking_id="")
    rows = rows_of("survey_answer")
    assert [(row["respondent"], row["superseded_at"]) for row in rows] == [("nps:r1:f1", None), ("nps:r2:f1", None)]


def test_an_invitation_is_answered_by_its_first_completed_response_after_sending(
    records: Records, rows_of: Read
) -> None:
    invitation(records, "answered", "2026-05-01 09:00", delivered_at=utc("2026-05-01 09:01"))
    invitation(records, "ignored", "2026-05-01 09:00", bounced_at=utc("2026-05-01 09:02"))
    invitation(records, "reminder", "2026-05-05 09:00", is_reminder=True)
    response(records, "early", "2026-05-01 08:59", 5, invitation_id="answered")
    response(records, "partial", "2026-05-01 10:00", 5, invitation_id="answered", response_type="partial")
    response(records, "first", "2026-05-03 10:00", 5, invitation_id="answered")
    response(records, "second", "2026-05-04 10:00", 5, invitation_id="answered")
    rows = {row["invitation_id"]: row for row in rows_of("survey_invitation")}
    assert {name: row["answered_at"] for name, row in rows.items()} == {
        "answered": ms("2026-05-03 10:00"),
        "ignored": None,
        "reminder": None,
    }
    assert rows["answered"]["delivered_at"] == ms("2026-05-01 09:01")
    assert rows["ignored"]["bounced_at"] == ms("2026-05-01 09:02")
    assert rows["reminder"]["is_reminder"]


def test_a_hidden_field_that_is_not_read_is_a_settings_error(records: Records, rows_of: Read) -> None:
    wrong = Settings(SETTINGS["typeform"] | {"respondent": "email"})
    company = Company(sources={**Company().sources, "typeform": wrong})
    with pytest.raises(
        SettingsError, match=r"settings.respondent is 'email', which landing does not keep.*booking_id, invitation_id"
    ):
        rows_of("survey_answer", company)


def test_text_becomes_a_day_only_when_it_is_a_date() -> None:
    good = ["2024-02-29", "2026-12-31", "2000-01-01", "1969-12-31", "2100-03-01"]
    bad = ["2026-02-29", "2026-13-01", "2026-00-10", "26-01-01", "2026-1-1", "2026-05-01T10:00", "", None]
    t = ibis.memtable({"text": good + bad}, schema={"text": "string"})
    got = t.select(day=day_of_text(t.text)).to_pyarrow()["day"].to_pylist()
    assert got == [*(day_number(day(text)) for text in good), *[None] * len(bad)]


def test_an_answer_is_superseded_within_its_wave_only(records: Records, rows_of: Read) -> None:
    """A company whose surveys come in waves, and ask about no event."""
    response(records, "r1", "2025-11-03 10:00", 3, respondent_id="ann", wave="2025-Q4", target_group="users")
    response(records, "r2", "2025-11-05 10:00", 7, respondent_id="ann", wave="2025-Q4", target_group="users")
    response(records, "r3", "2026-02-03 10:00", 9, respondent_id="ann", wave="2026-Q1", customer_id="c1")
    asked = {"respondent": "respondent_id", "wave": "wave", "target_group": "target_group", "customer": "customer_id"}
    rows = rows_of("survey_answer", Company(sources={**Company().sources, "typeform": Settings(asked)}))
    found = {row["answer_id"].split(":")[1]: row for row in rows}
    assert {token: row["superseded_at"] for token, row in found.items()} == {
        "r1": ms("2025-11-05 10:00"),
        "r2": None,
        "r3": None,
    }
    assert [found["r3"][name] for name in ("wave", "target_group", "customer_id")] == ["2026-Q1", None, "c1"]
    assert found["r1"]["event_at"] == ms("2025-11-03 10:00")

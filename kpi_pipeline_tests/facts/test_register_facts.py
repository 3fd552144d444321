"""Facts from registers: versions, successors, calendar arithmetic, and who signed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from kpi_pipeline.errors import FactError
from kpi_pipeline_tests.facts.records import Records, day, ms, utc

Read = Callable[..., list[dict[str, Any]]]
SIGNED = {"entered_by": "hash", "entered_at": utc("2026-05-20 09:00")}


def days(rows: list[dict[str, Any]], *names: str) -> list[tuple[str | None, ...]]:
    """Day numbers as dates: what a reader can check."""
    epoch = date(1970, 1, 1)
    return [
        tuple(None if row[name] is None else str(epoch + timedelta(days=row[name])) for name in names) for row in rows
    ]


def project(records: Records, as_of: str, **changes: Any) -> None:
    usual = {
        "project_id": "P", "name": "Portal", "start_date": day("2026-01-05"), "baseline_end": day("2026-06-30"),
        "budget_minor": 100_000, "cost_minor": 40_000, "remaining_minor": 70_000, "currency": "EUR",
    }  # fmt: skip
    records.add("registers.projects", as_of=day(as_of), **{**usual, **SIGNED, **changes})


def test_a_project_stands_as_seen_until_the_next_look(records: Records, rows_of: Read) -> None:
    """Forecast later, then re-baselined, then finished in December: the month after it is January."""
    project(records, "2026-03-01")
    project(records, "2026-04-01", forecast_end=day("2026-08-31"))
    project(records, "2026-05-01", baseline_end=day("2026-09-30"), approved_by="hash")
    project(
        records, "2026-12-31", baseline_end=day("2026-09-30"), actual_end=day("2026-12-11"), cost_minor=120_000,
        remaining_minor=0,
    )  # fmt: skip
    rows = rows_of("project")
    assert days(rows, "from_day", "to_day", "end_day", "baseline_end_day", "first_baseline_end_day") == [
        ("2026-03-01", "2026-04-01", "2026-06-30", "2026-06-30", "2026-06-30"),
        ("2026-04-01", "2026-05-01", "2026-08-31", "2026-06-30", "2026-06-30"),
        ("2026-05-01", "2026-12-31", "2026-09-30", "2026-09-30", "2026-06-30"),
        ("2026-12-31", None, "2026-12-11", "2026-09-30", "2026-06-30"),
    ]
    assert [row["cost_minor"] for row in rows] == [110_000, 110_000, 110_000, 120_000]
    assert days(rows[3:], "month_over_day", "actual_end_day") == [("2027-01-01", "2026-12-11")]
    assert [row["running"] for row in rows] == [True, True, True, False]
    assert {row["entered_at"] for row in rows} == {ms("2026-05-20 09:00")}


def test_a_project_in_another_currency_stops_the_computation(records: Records, rows_of: Read) -> None:
    project(records, "2026-03-01", currency="USD")
    with pytest.raises(FactError, match="P is not in EUR"):
        rows_of("project")


def employee(records: Records, name: str, joined: str, left: str | None = None) -> None:
    records.add(
        "registers.employees", employee_id=name, team="Support", joined_date=day(joined),
        left_date=None if left is None else day(left), **SIGNED,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("joined", "in_30", "in_6_months"),
    [
        ("2026-01-15", "2026-02-14", "2026-07-15"),
        ("2026-08-31", "2026-09-30", "2027-02-28"),  # February has no 31st
        ("2023-08-31", "2023-09-30", "2024-02-29"),
        ("2026-12-01", "2026-12-31", "2027-06-01"),
    ],
)
def test_service_is_counted_in_days_and_in_calendar_months(
    records: Records, rows_of: Read, joined: str, in_30: str, in_6_months: str
) -> None:
    employee(records, "e", joined)
    assert days(rows_of("employee"), "in_30_day", "in_6_months_day", "gone_day") == [(in_30, in_6_months, None)]


def test_a_result_stands_until_the_next_of_its_kind_and_knows_the_service(records: Records, rows_of: Read) -> None:
    employee(records, "anna", "2025-01-01", left="2026-06-30")

    def result(name: str, kind: str, taken: str, **more: Any) -> None:
        given = {"employee_id": "anna", "kind": kind, "taken_date": day(taken), **more}
        records.add("registers.employee_results", result_id=name, **given, **SIGNED)

    result("a", "assessment", "2026-02-01", score_e2=650)
    result("b", "assessment", "2026-03-01", score_e2=800)
    result("c", "assessment", "2026-03-01", score_e2=810)
    result("d", "training", "2026-02-15", valid_until=day("2027-02-14"))
    result("e", "training", "2026-02-15", employee_id="nobody on the roster")
    rows = rows_of("employee_result")
    assert days(rows, "taken_day", "next_day", "expires_day", "gone_day") == [
        ("2026-02-01", "2026-03-01", None, "2026-07-01"),
        ("2026-03-01", "2026-03-01", None, "2026-07-01"),  # of two on one day the last stands
        ("2026-03-01", None, None, "2026-07-01"),
        ("2026-02-15", None, "2027-02-15", "2026-07-01"),
        ("2026-02-15", None, None, None),
    ]
    assert [row["team"] for row in rows] == ["Support"] * 4 + [None]


@pytest.mark.parametrize(
    ("due", "starts", "over"),
    [("2026-01-01", "2026-01-01", "2026-04-01"), ("2026-12-31", "2026-10-01", "2027-01-01")],
)
def test_an_item_belongs_to_the_quarter_it_is_due_in(
    records: Records, rows_of: Read, due: str, starts: str, over: str
) -> None:
    def item(name: str, delivered: str | None) -> None:
        given = {"item_name": "x", "product_group": "p", "value_e2": 800, "due_date": day(due), "delivered_date": None}
        given["delivered_date"] = None if delivered is None else day(delivered)
        records.add("registers.roadmap_items", item_id=name, **given, **SIGNED)

    item("1 on the day", due)
    item("2 too late", over)
    item("3 never", None)
    rows = rows_of("roadmap_item")
    assert set(days(rows, "due_quarter_day", "due_quarter_over_day")) == {(starts, over)}
    assert [(row["on_time"], row["in_quarter"]) for row in rows] == [(True, True), (False, False), (False, False)]


def test_a_certificate_ends_after_its_last_day_or_when_revoked(records: Records, rows_of: Read) -> None:
    def certificate(name: str, revoked: str | None) -> None:
        span = {"valid_from": day("2026-01-01"), "valid_until": day("2026-12-31")}
        gone = None if revoked is None else day(revoked)
        records.add("registers.certificates", certificate=name, **span, revoked_date=gone, **SIGNED)

    certificate("1", None)
    certificate("2", "2026-05-02")
    certificate("3", "2027-05-02")
    assert days(rows_of("certificate"), "expires_day") == [("2027-01-01",), ("2026-05-02",), ("2027-01-01",)]


def test_a_control_holds_until_it_is_assessed_again(records: Records, rows_of: Read) -> None:
    for assessed, result in (("2026-01-10", "pass"), ("2026-04-10", "fail"), ("2026-05-10", "out_of_scope")):
        given = {"control_id": "c", "framework": "SOC 2", "assessed_date": day(assessed), "result": result}
        records.add("registers.controls", **given, **SIGNED)
    rows = rows_of("control")
    assert days(rows, "assessed_day", "to_day") == [
        ("2026-01-10", "2026-04-10"),
        ("2026-04-10", "2026-05-10"),
        ("2026-05-10", None),
    ]
    assert [(row["passing"], row["in_scope"]) for row in rows] == [(True, True), (False, True), (False, False)]


def test_grades_rank_from_a_plus_to_f(records: Records, rows_of: Read) -> None:
    for place, grade in enumerate(("A+", "A", "B-", "F"), start=1):
        records.add("registers.grades", subject="s", graded_date=day(f"2026-01-0{place}"), grade=grade, **SIGNED)
    assert [(row["grade"], row["rank"]) for row in rows_of("grade")] == [("A+", 0), ("A", 1), ("B-", 5), ("F", 12)]


def test_a_class_ends_after_its_last_day(records: Records, rows_of: Read) -> None:
    span = {"valid_from": day("2026-01-01"), "valid_until": day("2026-03-31")}
    records.add("registers.product_classes", product="Inpact.ai", kind="ai", **span, **SIGNED)
    records.add("registers.product_classes", product="RPA", kind="legacy", valid_from=day("2020-01-01"), **SIGNED)
    rows = rows_of("product_class")
    assert days(rows, "from_day", "to_day") == [("2026-01-01", "2026-04-01"), ("2020-01-01", None)]
    assert [row["class"] for row in rows] == ["ai", "legacy"]


def test_an_alert_is_an_incident_once_it_is_confirmed(records: Records, rows_of: Read) -> None:
    raised = {"severity": "critical", "raised_at": utc("2026-05-01 10:00"), "entered_at": utc("2026-05-02 10:00")}
    records.add("registers.security_incidents", incident_id="1", **raised)
    records.add("registers.security_incidents", incident_id="2", confirmed_at=utc("2026-05-01 11:00"), **raised)
    assert [row["confirmed"] for row in rows_of("security_incident")] == [False, True]

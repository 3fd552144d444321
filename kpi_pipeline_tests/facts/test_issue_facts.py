from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kpi_pipeline_tests.facts.builders import issue, priority_change
from kpi_pipeline_tests.facts.records import Records, ms, utc

Read = Callable[..., list[dict[str, Any]]]


def test_a_reopened_issue_has_two_completions(records: Records, rows_of: Read) -> None:
    issue(
        records,
        "1",
        "2026-05-01 08:00",
        1,
        ("todo", "2026-05-01 08:00"),
        ("done", "2026-05-01 10:00"),
        ("busy", "2026-05-02 09:00"),
        ("done", "2026-05-02 12:00"),
    )
    assert rows_of("issue_completion") == [
        {
            "issue_id": "1",
            "identifier": "INC-1",
            "team": "INC",
            "priority": 1,
            "created_at": ms("2026-05-01 08:00"),
            "completed_at": ms("2026-05-01 10:00"),
            "reopened_at": ms("2026-05-02 09:00"),
        },
        {
            "issue_id": "1",
            "identifier": "INC-1",
            "team": "INC",
            "priority": 1,
            "created_at": ms("2026-05-01 08:00"),
            "completed_at": ms("2026-05-02 12:00"),
            "reopened_at": None,
        },
    ]
    spans = [(row["start_at"], row["end_at"]) for row in rows_of("issue_open_interval")]
    assert spans == [
        (ms("2026-05-01 08:00"), ms("2026-05-01 10:00")),
        (ms("2026-05-02 09:00"), ms("2026-05-02 12:00")),
    ]


def test_moving_between_two_completed_states_is_one_completion(records: Records, rows_of: Read) -> None:
    issue(
        records,
        "1",
        "2026-05-01 08:00",
        1,
        ("todo", "2026-05-01 08:00"),
        ("busy", "2026-05-01 09:00"),
        ("done", "2026-05-01 10:00"),
        ("released", "2026-05-01 11:00"),
    )
    assert [(row["completed_at"], row["reopened_at"]) for row in rows_of("issue_completion")] == [
        (ms("2026-05-01 10:00"), None)
    ]
    assert [(row["start_at"], row["end_at"]) for row in rows_of("issue_open_interval")] == [
        (ms("2026-05-01 08:00"), ms("2026-05-01 10:00"))
    ]


def test_the_priority_of_a_completion_is_that_of_its_instant(records: Records, rows_of: Read) -> None:
    life = (("todo", "2026-05-01 08:00"), ("done", "2026-05-01 12:00"))
    issue(records, "lowered before", "2026-05-01 08:00", 3, *life)
    priority_change(records, "lowered before", "2026-05-01 11:59", 1, 3)
    issue(records, "lowered after", "2026-05-01 08:00", 3, *life)
    priority_change(records, "lowered after", "2026-05-01 12:01", 1, 3)
    issue(records, "lowered at that instant", "2026-05-01 08:00", 3, *life)
    priority_change(records, "lowered at that instant", "2026-05-01 12:00", 1, 3)
    issue(records, "never changed", "2026-05-01 08:00", 1, *life)
    issue(records, "up and down", "2026-05-01 08:00", 4, *life)
    priority_change(records, "up and down", "2026-05-01 09:00", 3, 1)
    priority_change(records, "up and down", "2026-05-01 13:00", 1, 4)
    assert {row["issue_id"]: row["priority"] for row in rows_of("issue_completion")} == {
        "lowered before": 3,
        "lowered after": 1,
        "lowered at that instant": 3,
        "never changed": 1,
        "up and down": 1,
    }


def test_open_intervals_are_cut_where_the_priority_changed(records: Records, rows_of: Read) -> None:
    issue(records, "1", "2026-05-01 08:00", 1, ("todo", "2026-05-01 08:00"))
    priority_change(records, "1", "2026-05-01 09:00", 3, 2)
    priority_change(records, "1", "2026-05-03 09:00", 2, 1)
    spans = [(row["priority"], row["start_at"], row["end_at"]) for row in rows_of("issue_open_interval")]
    assert sorted(spans, reverse=True) == [
        (3, ms("2026-05-01 08:00"), ms("2026-05-01 09:00")),
        (2, ms("2026-05-01 09:00"), ms("2026-05-03 09:00")),
        (1, ms("2026-05-03 09:00"), None),
    ]


def test_p1_and_p2_in_a_row_are_one_stretch_of_high_priority(records: Records, rows_of: Read) -> None:
    life = (("todo", "2026-05-01 08:00"), ("done", "2026-05-04 08:00"), ("busy", "2026-05-06 08:00"))
    issue(records, "1", "2026-05-01 08:00", 2, *life)
    for at, old, new in (("2026-05-01 09:00", 3, 2), ("2026-05-02 09:00", 2, 1), ("2026-05-03 09:00", 1, 4)):
        priority_change(records, "1", at, old, new)
    priority_change(records, "1", "2026-05-03 10:00", 4, 2)
    since = {row["start_at"]: row["high_since_at"] for row in rows_of("issue_open_interval")}
    assert since == {
        ms("2026-05-01 08:00"): None,
        ms("2026-05-01 09:00"): ms("2026-05-01 09:00"),
        ms("2026-05-02 09:00"): ms("2026-05-01 09:00"),
        ms("2026-05-03 09:00"): None,
        ms("2026-05-03 10:00"): ms("2026-05-03 10:00"),
        ms("2026-05-06 08:00"): ms("2026-05-06 08:00"),
    }


def test_canceled_is_neither_open_nor_completed(records: Records, rows_of: Read) -> None:
    issue(records, "1", "2026-05-01 08:00", 1, ("todo", "2026-05-01 08:00"), ("void", "2026-05-01 09:00"))
    assert rows_of("issue_completion") == []
    assert [(row["start_at"], row["end_at"]) for row in rows_of("issue_open_interval")] == [
        (ms("2026-05-01 08:00"), ms("2026-05-01 09:00"))
    ]


def test_an_issue_in_the_trash_is_gone(records: Records, rows_of: Read) -> None:
    issue(records, "1", "2026-05-01 08:00", 1, ("done", "2026-05-01 08:00"), trashed=True)
    issue(records, "2", "2026-05-01 08:00", 1, ("done", "2026-05-01 08:00"), archived_at=utc("2026-05-20 08:00"))
    assert [row["issue_id"] for row in rows_of("issue_completion")] == ["2"]


def cycle(records: Records, name: str, starts: str, ends: str, **other: Any) -> None:
    records.add(
        "linear.cycles",
        **{"id": name, "team_id": "t", "number": 3, "starts_at": utc(starts), "ends_at": utc(ends), "progress": 0.5}
        | other,
    )


def test_an_issue_says_what_it_is_and_whether_its_sprint_held_it(records: Records, rows_of: Read) -> None:
    for name, label in (("l1", "tech-debt"), ("l2", "bug"), ("l3", "customer")):
        records.add("linear.issue_labels", id=name, name=label)
    cycle(records, "c", "2026-05-04 00:00", "2026-05-18 00:00")
    life = (("done", "2026-05-01 08:00"),)
    inside = {"cycle_id": "c", "completed_at": utc("2026-05-04 00:00"), "estimate": 5.0}
    issue(records, "1", "2026-05-01 08:00", 2, *life, label_ids=["l1", "l3", "l2"], **inside)
    issue(records, "2", "2026-05-01 08:00", 2, *life, cycle_id="c", completed_at=utc("2026-05-18 00:00"))
    issue(records, "3", "2026-05-01 08:00", 2, *life, label_ids=["l3"])
    issue(records, "4", "2026-05-01 08:00", 2, *life, trashed=True)
    found = {row["issue_id"]: row for row in rows_of("issue")}
    assert found["1"] == {
        "issue_id": "1",
        "identifier": "INC-1",
        "team": "INC",
        "priority": 2,
        "labels": "bug;customer;tech-debt",
        "kind": "bug",
        "estimate": 5,
        "cycle_id": "c",
        "cycle_starts_at": ms("2026-05-04 00:00"),
        "cycle_ends_at": ms("2026-05-18 00:00"),
        "completed_in_cycle": True,
        "created_at": ms("2026-05-01 08:00"),
        "completed_at": ms("2026-05-04 00:00"),
        "canceled_at": None,
    }
    assert (found["2"]["completed_in_cycle"], found["2"]["labels"]) == (False, None)
    assert (found["3"]["kind"], found["3"]["labels"]) == (None, "customer")
    assert found.keys() == {"1", "2", "3"}


def test_a_cycle_names_its_team(records: Records, rows_of: Read) -> None:
    records.add("linear.teams", id="t", key="ENG", name="Engineering")
    cycle(records, "c", "2026-05-04 00:00", "2026-05-18 00:00", completed_at=utc("2026-05-18 07:00"))
    assert rows_of("cycle") == [
        {
            "cycle_id": "c",
            "number": 3,
            "team": "ENG",
            "starts_at": ms("2026-05-04 00:00"),
            "ends_at": ms("2026-05-18 00:00"),
            "completed_at": ms("2026-05-18 07:00"),
        }
    ]

"""Runs of continuous integration: the branch they count for, and when they count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kpi_pipeline_tests.facts.records import Records, ms, utc

Read = Callable[..., list[dict[str, Any]]]


def repository(records: Records, default: str, seen: str, **more: Any) -> None:
    records.add("github.repositories", id=7, name="acme/shop", default_branch=default, observed=utc(seen), **more)


def run(records: Records, number: int, at: str, conclusion: str | None = "success", **more: Any) -> None:
    usual = {
        "repository_id": 7,
        "repository": "acme/shop",
        "head_repository": "acme/shop",
        "workflow": "CI",
        "branch": "main",
        "event": "push",
        "status": "completed" if conclusion else "in_progress",
        "attempt": 1,
        "created_at": utc(at),
        "started_at": utc(at),
        "updated_at": utc(f"{at[:-2]}59"),
    }
    records.add("github.runs", id=number, conclusion=conclusion, **(usual | more))


def test_a_run_is_over_when_it_has_a_conclusion(records: Records, rows_of: Read) -> None:
    repository(records, "main", "2026-05-01 00:00")
    run(records, 1, "2026-05-02 10:00", "timed_out", attempt=2)
    run(records, 2, "2026-05-02 11:00", None)
    first, second = rows_of("pipeline_run")
    assert (first["run_id"], first["started_at"], first["completed_at"], first["conclusion"], first["attempt"]) == (
        "1",
        ms("2026-05-02 10:00"),
        ms("2026-05-02 10:59"),
        "timed_out",
        2,
    )
    assert (second["completed_at"], second["conclusion"]) == (None, None)


def test_only_our_own_default_branch_is_the_default_branch(records: Records, rows_of: Read) -> None:
    repository(records, "main", "2026-05-01 00:00")
    run(records, 1, "2026-05-02 10:00")
    run(records, 2, "2026-05-02 10:00", branch="feature")
    run(records, 3, "2026-05-02 10:00", head_repository="stranger/shop", event="pull_request")
    run(records, 4, "2026-05-02 10:00", head_repository=None)
    run(records, 5, "2026-05-02 10:00", branch=None)
    assert [row["is_default_branch"] for row in rows_of("pipeline_run")] == [True, False, False, False, False]


def test_a_renamed_default_branch_leaves_earlier_runs_as_they_counted(records: Records, rows_of: Read) -> None:
    repository(records, "master", "2026-05-10 00:00")
    repository(records, "main", "2026-05-20 00:00")
    for number, (day, branch) in enumerate([("05", "master"), ("15", "main"), ("15", "master"), ("25", "main")]):
        run(records, number, f"2026-05-{day} 10:00", branch=branch)
    assert [row["is_default_branch"] for row in rows_of("pipeline_run")] == [True, False, True, True]


def test_a_repository_taken_out_of_the_settings_keeps_its_runs(records: Records, rows_of: Read) -> None:
    repository(records, "main", "2026-05-01 00:00")
    repository(records, "main", "2026-05-20 00:00", deleted=True)
    run(records, 1, "2026-05-25 10:00")
    assert [row["is_default_branch"] for row in rows_of("pipeline_run")] == [True]

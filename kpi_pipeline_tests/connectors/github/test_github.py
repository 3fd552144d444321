"""GitHub over the wire: every run once however many there are, its last attempt only, and no name of a person."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from kpi_pipeline.errors import IncompleteLoad, SettingsError, SourceRefused, Throttled
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.world.model import CodeRepository, PipelineRun, RunAttempt, World
from kpi_pipeline.schemas.base import origins
from kpi_pipeline.schemas.github import Runs
from kpi_pipeline_tests.connectors.wire import NOW, utc, wired, world

START = utc("2026-11-01 00:00")
MINUTE = timedelta(minutes=1)
SETTINGS = {"repositories": ["mister-dj/shop"]}
MANY = {"hour": Limit(10**6, 1.0), "minute": Limit(10**6, 1.0)}


def run(number: int, start: Any, *conclusions: str, minutes: int = 9, **more: Any) -> PipelineRun:
    attempts = tuple(
        RunAttempt(start + 60 * n * MINUTE, start + (60 * n + minutes) * MINUTE, conclusion)
        for n, conclusion in enumerate(conclusions)
    )
    usual = {"repository": "shop", "workflow": "CI", "branch": "main", "event": "push"}
    return PipelineRun(id=number, attempts=attempts, **(usual | more))


def shop(*runs: PipelineRun) -> World:
    return world(repositories=[CodeRepository("shop", "main", utc("2025-01-01 00:00"))], pipeline_runs=list(runs))


def test_a_window_of_more_than_1000_runs_is_cut_until_each_part_can_be_shown(tmp_path: Path) -> None:
    # 2,400 runs, most of them in one busy day
    busy = [run(n, START + timedelta(seconds=20 * n), "success") for n in range(1, 2001)]
    calm = [run(2000 + n, START + timedelta(days=2, hours=n), "success") for n in range(1, 401)]
    with wired("github", shop(*busy, *calm), tmp_path, SETTINGS, limits=MANY) as wire:
        reading = wire.read("runs", START, NOW)
        found = [row["id"] for row in wire.rows("runs", START, NOW)]
        assert sorted(found) == list(range(1, 2401))
        assert sum(page.count for page in reading) == 2400
        assert reading.proof.expected == 2400
        assert {entry["status"] for entry in wire.requests} == {200}  # page 11 was never asked for
        assert {parse_qs(entry["query"])["per_page"][0] for entry in wire.requests} == {"100"}


def test_more_runs_in_one_second_than_a_search_shows_is_an_error(tmp_path: Path) -> None:
    storm = [run(n, START, "success") for n in range(1, 1101)]
    with (
        wired("github", shop(*storm), tmp_path, SETTINGS, limits=MANY) as wire,
        pytest.raises(IncompleteLoad, match="1100 runs were created in one second"),
    ):
        wire.rows("runs", START, START + timedelta(hours=1))


def test_the_last_attempt_that_has_begun_is_what_a_run_is(tmp_path: Path) -> None:
    begun, rerun = START, run(1, START, "failure", "success")
    running = run(2, NOW - 5 * MINUTE, "success")
    seen = {}
    for label, at in (
        ("first", begun + 30 * MINUTE),
        ("again", begun + 62 * MINUTE),
        ("done", begun + 90 * MINUTE),
        ("now", NOW),
    ):
        with wired("github", shop(rerun, running), tmp_path, SETTINGS, limits=MANY, now=lambda at=at: at) as wire:
            rows = wire.rows("runs", START, NOW)
            seen[label] = [(row["run_attempt"], row["status"], row["conclusion"]) for row in rows]
    assert seen["first"] == [(1, "completed", "failure")]
    assert seen["again"] == [(2, "in_progress", None)]
    assert seen["done"] == [(2, "completed", "success")]
    assert sorted(seen["now"], key=str) == [(1, "in_progress", None), (2, "completed", "success")]


def test_runs_of_the_last_35_days_are_read_again_because_they_may_have_changed(tmp_path: Path) -> None:
    old, older = run(1, NOW - timedelta(days=34), "success"), run(2, NOW - timedelta(days=36), "success")
    with wired("github", shop(old, older), tmp_path, SETTINGS, limits=MANY) as wire:
        changed = wire.connector.changes(wire.stream("runs"), NOW, NOW)
        assert changed is not None
        assert sum(page.count for page in changed) == 1
        assert wire.connector.changes(wire.stream("repositories"), NOW, NOW) is None


def test_the_default_branch_comes_with_the_repository(tmp_path: Path) -> None:
    with wired("github", shop(), tmp_path, SETTINGS) as wire:
        (row,) = wire.rows("repositories")
        assert (row["full_name"], row["default_branch"]) == ("mister-dj/shop", "main")


def test_a_run_of_a_fork_is_told_apart_from_one_of_the_same_branch_name(tmp_path: Path) -> None:
    runs = [run(1, START, "success"), run(2, START, "failure", from_fork=True, event="pull_request")]
    with wired("github", shop(*runs), tmp_path, SETTINGS, limits=MANY) as wire:
        heads = {row["id"]: row["head_repository"]["full_name"] for row in wire.rows("runs", START, NOW)}
    assert heads == {1: "mister-dj/shop", 2: "somebody-else/shop"}


def test_nothing_of_a_person_has_a_column() -> None:
    paths = {origin.path for origin in origins(Runs).values()}
    assert not [path for path in paths if "actor" in path or "author" in path or "email" in path]


def test_a_used_up_hour_is_waited_for_by_nobody(tmp_path: Path) -> None:
    with wired("github", shop(run(1, START, "success")), tmp_path, SETTINGS, limits=MANY) as wire:
        wire.fault("daily_limit")
        with pytest.raises(Throttled, match="Trying again helps after 2026-11-22T13:00"):
            wire.rows("runs", START, NOW)


@pytest.mark.parametrize("settings", [{}, {"repositories": []}, {"repositories": ["shop"]}])
def test_repositories_must_be_named_with_their_owner(tmp_path: Path, settings: dict[str, Any]) -> None:
    with (
        pytest.raises(SettingsError, match="no list `repositories` of owner/name"),
        wired("github", shop(), tmp_path, settings),
    ):
        pass


def test_a_repository_that_is_not_shown_says_what_to_correct(tmp_path: Path) -> None:
    settings = {"repositories": ["mister-dj/shopp"]}
    with (
        wired("github", shop(), tmp_path, settings) as wire,
        pytest.raises(SourceRefused, match=r"HTTP 404: Not Found.*let the token see them"),
    ):
        wire.rows("runs", START, NOW)

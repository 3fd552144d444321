"""Builds of the platform on GitHub Actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.days import day_code
from kpi_pipeline.sandbox.world.inopsio.scene import Scene, between
from kpi_pipeline.sandbox.world.model import CodeRepository, PipelineRun, RunAttempt, World

REPOSITORY = "platform"
BUILT_MONTHS = 6
MINUTE = timedelta(minutes=1)


def fill(world: World, scene: Scene) -> None:
    """A dozen runs a working day, half of them on main. Of main's, one in fifty fails; a flaky week more."""
    world.repositories.append(CodeRepository(REPOSITORY, "main", scene.starts_at))
    flaky = (scene.ago(45).date(), scene.ago(39).date())
    for day in scene.all_days():
        if (scene.anchor - day).days > BUILT_MONTHS * 30:
            continue
        count = 12 if day.weekday() < 5 else 2
        for number in range(count):
            r = scene.stream("build", day, number)
            at = scene.days.at(day, int((7 + 15 * number / count) * 3600 + r.random() * 2_400))
            world.pipeline_runs.append(_run(r, day_code(day) * 100 + number, at, number, flaky[0] <= day <= flaky[1]))


def _run(r: Random, id_: int, at: datetime, number: int, flaky: bool) -> PipelineRun:
    fork = number == 3 and r.random() < 0.3  # a fork's branch may be called main too
    branch = "main" if number % 2 == 0 or fork else f"feature-{id_ % 97}"
    draw, chance = r.random(), 0.12 if flaky else 0.015
    end = at + between(r, 4 * MINUTE, 18 * MINUTE)
    attempts: tuple[RunAttempt, ...]
    if draw < chance:
        attempts = (RunAttempt(at, end, "failure" if draw < chance * 0.8 else "timed_out"),)
        if r.random() < 0.5:  # run again: the last attempt counts
            again = end + between(r, 5 * MINUTE, 90 * MINUTE)
            attempts = (*attempts, RunAttempt(again, again + between(r, 4 * MINUTE, 18 * MINUTE), "success"))
    elif draw > 0.95:
        attempts = (RunAttempt(at, at + 2 * MINUTE, "cancelled" if draw > 0.97 else "skipped"),)
    else:
        attempts = (RunAttempt(at, end, "success"),)
    event = "pull_request" if fork else "push"
    return PipelineRun(id_, REPOSITORY, "CI", branch, event, attempts, from_fork=fork)

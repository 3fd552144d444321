"""GitHub stands the contract."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from kpi_pipeline.sandbox.world.model import CodeRepository, PipelineRun, RunAttempt, World
from kpi_pipeline_tests.connectors.wire import utc, world
from kpi_pipeline_tests.contract.suite import CANARY, MANY, ConnectorContract

START = utc("2026-09-01 00:00")


def run(number: int) -> PipelineRun:
    at = START + timedelta(hours=16 * (number // 7))  # seven share each second, so ties lie over the pages' edges
    return PipelineRun(
        number + 1, "shop", CANARY, "main", "push", (RunAttempt(at, at + timedelta(minutes=9), "success"),)
    )


class TestGitHub(ConnectorContract):
    vendor = "github"
    stream = "runs"
    expected = 770
    path = "/actions/runs"
    start = START
    limits: ClassVar = {"hour": MANY, "minute": MANY}
    settings: ClassVar = {"repositories": ["mister-dj/shop"]}

    def world(self) -> World:
        return world(repositories=[CodeRepository("shop", "main", START)], pipeline_runs=[run(n) for n in range(770)])

"""Processes that run jobs, forked from one that has loaded what they need. Imports nothing heavy itself."""

from __future__ import annotations

from multiprocessing import forkserver, get_context
from typing import Any

# Loaded once, by the process that workers are forked from: in each of them it would take seconds. Not polars, whose
# threads a fork would lose.
SHARED = (
    "kpi_pipeline.orchestration.fork_server",
    "kpi_pipeline.orchestration.worker",
    "kpi_pipeline.orchestration.event_log",
    "dagster._core.storage.base_storage",
    "pandera",
)


def prepare_workers() -> Any:
    """Start the process that workers are forked from, which loads Dagster while the caller goes on with other things;
    the context to start workers in. Again is free."""
    workers = get_context("forkserver")
    workers.set_forkserver_preload([*SHARED])
    forkserver.ensure_running()
    return workers

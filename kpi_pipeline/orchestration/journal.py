"""The run log as Dagster's runs fill it: what their steps tell, what failed, and when they started and ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import dagster as dg

from kpi_pipeline import clock
from kpi_pipeline.catalogue import Company
from kpi_pipeline.flow import journal
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.orchestration.failures import first_line
from kpi_pipeline.orchestration.tags import COMPANY_TAG

Progress = Callable[[str, int], None]


@contextmanager
def journaled(context: dg.InitResourceContext, workspace: Workspace, progress: Progress) -> Iterator[Progress]:
    """Progress that is written down too: the run's start at once, its steps and its end when the block is left.

    A run that belongs to no company (a resource opened by hand) is not written down.
    """
    run = context.run
    company = None if run is None else _company(workspace, run)
    if run is None or company is None:
        yield progress
        return
    steps: dict[str, tuple[int, datetime]] = {}

    def told(what: str, count: int) -> None:
        steps[what] = (steps[what][0] + count if what in steps else count, clock.now())
        progress(what, count)

    journal.start(workspace, company, run.run_id, run.job_name, clock.now())
    try:
        yield told
    finally:
        failures = _failures(context.instance, run.run_id)
        journal.finish(workspace, company, run.run_id, run.job_name, steps, failures, clock.now())


def _company(workspace: Workspace, run: dg.DagsterRun) -> Company | None:
    """By the job's tag; of assets that somebody picked in the UI, by the first part of their keys."""
    selected = next(iter(run.asset_selection or ()), None)
    name = run.tags.get(COMPANY_TAG, selected.path[0] if selected is not None else "")
    return workspace.catalogue.companies.get(name)


def _failures(instance: dg.DagsterInstance | None, run_id: str) -> list[tuple[str, str]]:
    if instance is None:
        return []
    logs = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    events = [entry.dagster_event for entry in logs if entry.dagster_event is not None]
    return [(str(event.step_key), first_line(event)) for event in events]

"""Writes down what a run did, step by step, and keeps kpi-pipeline.log in step with it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from kpi_pipeline.catalogue import Company
from kpi_pipeline.errors import StoreUnavailable
from kpi_pipeline.flow.inputs import software
from kpi_pipeline.flow.streams import loaded_streams
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history import journal
from kpi_pipeline.history.journal import ENDED, STARTED, Event

FILE = "automation/kpi-pipeline.log"
TAIL = 65_536  # no line is as long as this
Steps = Mapping[str, tuple[int, datetime]]


def start(workspace: Workspace, company: Company, run_id: str, job: str, at: datetime) -> None:
    """Note that a run has started: a run without an end was killed."""
    content = {"job": job, "software": software()}
    journal.write(workspace.history, [Event(company.id, run_id, STARTED, "started", content, at)])


def finish(
    workspace: Workspace,
    company: Company,
    run_id: str,
    job: str,
    steps: Steps,
    failures: Sequence[tuple[str, str]],
    at: datetime,
) -> None:
    """Note every step of a run and its end, and bring the log file up to date.

    `steps`: what each step is called → how many records or days it had, and when it told so last. Loads are told with
    what their receipts say.
    """
    loads = _loads(workspace, company, run_id, steps)
    found = [
        Event(company.id, run_id, step, "ok", {"count": count} | loads.get(step, {}), when)
        for step, (count, when) in steps.items()
    ]
    found += [Event(company.id, run_id, step, "failed", {"error": error}, at) for step, error in failures]
    recorded = journal.recorded_by(workspace.history, company.id, run_id)
    content = {"job": job, "steps": len(steps), "failed": len(failures), "recorded": recorded}
    found.append(Event(company.id, run_id, ENDED, "failed" if failures else "ok", content, at))
    journal.write(workspace.history, found)
    write_file(workspace, company)


def _loads(workspace: Workspace, company: Company, run_id: str, steps: Steps) -> dict[str, dict[str, Any]]:
    """Step of a load, as runs call it ("stripe charges") → what its receipts of this run say."""
    found: dict[str, dict[str, Any]] = {}
    for source, streams in loaded_streams(company).items():
        for stream in (each.name for each in streams if f"{source} {each.name}" in steps):
            mine = [
                receipt
                for receipt in workspace.landing.receipts(company.id, source, stream)
                if receipt.run_id.startswith(run_id)
            ]
            content = {name: sum(getattr(each, name) for each in mine) for name in ("written", "unchanged", "deleted")}
            content["quarantined"] = sum(sum(each.quarantined.values()) for each in mine)
            found[f"{source} {stream}"] = content
    return found


def log_file(workspace: Workspace, company: Company) -> Path:
    return workspace.settings.reports_root / company.id / FILE


def write_file(workspace: Workspace, company: Company) -> Path:
    """Append what the file does not hold yet; lines that are there are never touched.

    Raises StoreUnavailable when the file cannot be written.
    """
    path = log_file(workspace, company)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            fresh = journal.events(workspace.history, company.id, after=_last_id(file))
            file.write(b"".join(journal.line(event) for event in fresh))
    except OSError as error:
        raise StoreUnavailable(
            f"writing the run log {path.name}",
            f"{path.parent}: {error.strerror}",
            remedy="Check that the folder exists, can be written and has space",
        ) from error
    return path


def _last_id(file: BinaryIO) -> int:
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - TAIL))
    lines = file.read().splitlines()
    return int(orjson.loads(lines[-1])["id"]) if lines else 0

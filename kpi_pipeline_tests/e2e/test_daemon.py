"""With `dagster dev` running: from a new observation to the notice at the receiver, through sensors and a real run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline import clock
from kpi_pipeline.alerts.around import Sight
from kpi_pipeline.alerts.evaluate import Evaluation, evaluate
from kpi_pipeline.flow.alive import pulse
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline_tests.alerts.observing import observation
from kpi_pipeline_tests.e2e.installation import Installation

PROMISED_S = 60.0
COMPANY = """
id: acme
name: Acme
zone: Europe/Amsterdam
currency: EUR
language: en
sources:
  registers: {owner: ann, late_after: 240 hours, settings: {files: [scorecard]}}
people:
  ann: {name: Ann, role: Finance, email: ann@acme.example, channels: [slack]}
channels:
  slack: {kind: slack, url: ACME_SLACK_URL}
"""
KPIS = """
- id: conversion
  name: {en: Conversion}
  kind: latest
  of: {fact: scorecard_value, where: "kpi = 'conversion'", on: period_end_day, entry: entered_at}
  value: value_e6
  window: at day end
  unit: percent
  better: higher
  target: ">= 32"
  warning: "< 28"
  critical: "< 24"
  owners: [ann]
  cadence: daily
  origin: board
"""


class Slack:
    """Answers like an incoming webhook and keeps when each message came."""

    def __init__(self) -> None:
        self.came: list[tuple[float, dict[str, Any]]] = []
        came = self.came

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                came.append((time.monotonic(), json.loads(body)))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/services/T/B/X"


@pytest.fixture
def slack() -> Iterator[Slack]:
    found = Slack()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def installation(tmp_path: Path, slack: Slack) -> Installation:
    folder = tmp_path / "companies" / "acme"
    folder.mkdir(parents=True)
    (folder / "company.yaml").write_text(COMPANY, encoding="utf-8")
    (folder / "kpis.yaml").write_text(KPIS, encoding="utf-8")
    variables = {"KPI_COMPANIES": str(tmp_path / "companies"), "ACME_SLACK_URL": slack.url}
    return Installation.create(tmp_path, variables)


@pytest.fixture
def daemon(installation: Installation) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "dagster", "dev", "-m", "kpi_pipeline.definitions", "-h", "127.0.0.1", "-p", "0"]
    log = (installation.home / "dagster.log").open("wb")
    environment = {**os.environ, **installation.environment}
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    yield process
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_breach_reaches_its_owner_within_a_minute_and_a_stopped_daemon_is_noticed(
    installation: Installation, slack: Slack, daemon: subprocess.Popen[bytes]
) -> None:
    _judge(installation, [40])
    _until(lambda: _watched(installation), 120, "the daemon's first pass over the alerts")
    began = time.monotonic()
    _judge(installation, [40, 20])
    _until(lambda: bool(slack.came), PROMISED_S + 20, "the message")
    at, message = slack.came[0]
    assert "Conversion" in json.dumps(message)
    assert at - began <= PROMISED_S, f"{at - began:.0f} s"
    assert _pulse(installation, clock.now())
    os.killpg(daemon.pid, signal.SIGINT)
    daemon.wait(30)
    assert not _pulse(installation, clock.now() + timedelta(minutes=11)), "AT-43: nothing watches any more"


def _judge(installation: Installation, values: list[int]) -> None:
    """Record and judge one value a day, the last one of yesterday, as a run would."""
    now = clock.now()
    with Workspace(installation.settings, now=now) as workspace:
        company = workspace.company("acme")
        today = datetime(now.year, now.month, now.day, tzinfo=UTC)
        rows = [observation(today - timedelta(days=len(values) - place), value) for place, value in enumerate(values)]
        run = Evaluation(company, lambda _kpi: Sight(now), now, "run")
        workspace.history.record(rows, run_id="run", now=now, within=evaluate(run, ["conversion"]))


def _watched(installation: Installation) -> bool:
    with Workspace(installation.settings, now=clock.now()) as workspace:
        return pulse(workspace, workspace.company("acme")).watched_at is not None


def _pulse(installation: Installation, now: datetime) -> bool:
    with Workspace(installation.settings, now=now) as workspace:
        return pulse(workspace, workspace.company("acme")).alive


def _until(holds: Any, seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"{what} did not come within {seconds:.0f} s"
        time.sleep(0.25)

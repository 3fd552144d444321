"""What is noticed without an observation: silent sources, missing and failed measurements, a pipeline that stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import select

from kpi_pipeline.alerts.around import Sight
from kpi_pipeline.alerts.evaluate import Evaluation, evaluate
from kpi_pipeline.alerts.ledger import load
from kpi_pipeline.alerts.tables import notice
from kpi_pipeline.catalogue import Company
from kpi_pipeline.errors import DeliveryDelayed, SettingsError
from kpi_pipeline.flow.alive import beat, pulse
from kpi_pipeline.flow.watch import tell_failure, tell_success, watch
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.alerts.observing import observation

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)  # a Friday
HOUR = timedelta(hours=1)
COMPANY = """
id: acme
name: Acme
zone: UTC
currency: EUR
language: en
sources:
  registers: {owner: bob, late_after: 240 hours, settles_after: 0 minutes, settings: {files: [scorecard]}}
people:
  ann: {name: Ann, role: Finance, email: ann@acme.example, channels: [mail]}
  bob: {name: Bob, role: Data, email: bob@acme.example, channels: [mail]}
channels:
  mail: {kind: mail, url: ACME_SMTP_URL, sender: kpi@acme.example}
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
  warning: "< 28"
  owners: [ann]
  cadence: daily
  origin: board
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "companies" / "acme"
    folder.mkdir(parents=True)
    (folder / "company.yaml").write_text(COMPANY, encoding="utf-8")
    (folder / "kpis.yaml").write_text(KPIS, encoding="utf-8")
    variables = {"KPI_HOME": str(tmp_path / "kpi"), "KPI_HASH_SALT": "s", "KPI_COMPANIES": str(tmp_path / "companies")}
    return Settings.from_environment(variables)


@pytest.fixture
def opened(settings: Settings) -> Iterator[Workspace]:
    with Workspace(settings, now=NOW) as workspace:
        yield workspace


@pytest.fixture
def acme(opened: Workspace) -> Company:
    return opened.company("acme")


def judge(opened: Workspace, acme: Company, now: datetime, value: int = 40) -> None:
    """Record and judge yesterday's value."""
    midnight = now.replace(hour=0, minute=0)
    run = Evaluation(acme, lambda _kpi: Sight(now, ("registers",)), now, "r")
    rows = [observation(midnight - timedelta(days=1), value)]
    opened.history.record(rows, run_id="r", now=now, within=evaluate(run, ["conversion"]))


def told(opened: Workspace) -> list[tuple[str, str, str]]:
    with opened.history.engine.connect() as connection:
        query = select(notice.c.subject, notice.c.rule, notice.c.reason).order_by(notice.c.created_at, notice.c.id)
        return [tuple(row) for row in connection.execute(query)]


def test_a_company_that_was_never_measured_misses_nothing(opened: Workspace, acme: Company) -> None:
    assert watch(opened, acme) == []


def test_at_12_a_missing_measurement_is_told_to_whom_the_data_belongs_after_its_grace(
    opened: Workspace, acme: Company
) -> None:
    judge(opened, acme, NOW - timedelta(days=1))
    opened.now = datetime(2026, 3, 20, 5, 59, tzinfo=UTC)  # yesterday's value is due at midnight and 6 hours
    assert watch(opened, acme) == []
    opened.now = datetime(2026, 3, 20, 6, 1, tzinfo=UTC)
    assert len(watch(opened, acme)) == 1
    with opened.history.engine.connect() as connection:
        row = connection.execute(select(notice)).one()
        assert load(connection, "acme", "conversion", "threshold").shown == "no_data"
    assert (row.subject, row.rule, row.content["owners"], row.content["due"]) == (
        "conversion", "data", ["bob"], "2026-03-19",
    )  # fmt: skip
    judge(opened, acme, NOW)
    opened.now = NOW
    watch(opened, acme)
    assert told(opened)[1:] == [("conversion", "data", "resolved")]


def test_at_14_a_failed_step_puts_its_kpi_in_error_until_it_is_measured_again(opened: Workspace, acme: Company) -> None:
    judge(opened, acme, NOW - HOUR, 20)
    steps = {"acme__kpi__conversion": "HTTP 500", "acme__landing__registers_scorecard": "no such file"}
    tell_failure(opened, acme, "acme_refresh", "run1", steps)
    tell_failure(opened, acme, "acme_refresh", "run2", steps)
    watch(opened, acme)
    with opened.history.engine.connect() as connection:
        state = load(connection, "acme", "conversion", "threshold")
    assert (state.shown, state.value) == ("suppressed(inhibit)", 20), "the last value stands, nothing replaces it"
    assert state.evidence == "error"
    failures = [("conversion", "data"), ("run/acme_refresh", "run_failure"), ("source/registers", "load_failure")]
    assert sorted((subject, rule) for subject, rule, _ in told(opened) if rule != "threshold") == failures
    opened.now = NOW + HOUR
    judge(opened, acme, NOW + HOUR, 20)
    watch(opened, acme)
    tell_success(opened, acme, "acme_refresh")
    assert sorted(each for each in told(opened) if each[2] == "resolved") == [
        ("conversion", "data", "resolved"),
        ("run/acme_refresh", "run_failure", "resolved"),
    ]


def test_at_43_a_pipeline_that_stopped_has_no_pulse(opened: Workspace, acme: Company) -> None:
    assert not pulse(opened, acme).alive
    judge(opened, acme, NOW)
    assert not pulse(opened, acme).alive, "nobody watches the clock"
    watch(opened, acme)
    assert pulse(opened, acme).alive
    opened.now = NOW + timedelta(minutes=11)
    assert not pulse(opened, acme).alive
    watch(opened, acme)
    assert pulse(opened, acme).alive
    opened.now = NOW + timedelta(hours=12, minutes=1)
    watch(opened, acme)
    assert not pulse(opened, acme).alive, "watched, but nothing was judged within two intervals"


class Health:
    def __init__(self, status: int) -> None:
        self.status, self.pings = status, 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.pings += 1
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/ping/SECRETPART"


@pytest.fixture
def health() -> Iterator[Health]:
    found = Health(200)
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_the_heartbeat_is_pinged_only_while_there_is_a_pulse(settings: Settings, health: Health) -> None:
    path = settings.companies_root / "acme" / "alerts.yaml"
    path.write_text("heartbeat: ACME_HEARTBEAT_URL\n", encoding="utf-8")
    variables = {**settings.environment, "ACME_HEARTBEAT_URL": health.url}
    with Workspace(Settings.from_environment(variables), now=NOW) as opened:
        acme = opened.company("acme")
        assert not beat(opened, acme)
        assert health.pings == 0
        judge(opened, acme, NOW)
        watch(opened, acme)
        assert beat(opened, acme)
        assert health.pings == 1
        health.status = 500
        with pytest.raises(DeliveryDelayed, match="HTTP 500") as caught:
            beat(opened, acme)
        assert "SECRETPART" not in str(caught.value)
    with Workspace(settings, now=NOW) as opened, pytest.raises(SettingsError, match="ACME_HEARTBEAT_URL"):
        beat(opened, opened.company("acme"))

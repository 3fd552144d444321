"""An installation of one company whose alerts people see and act on: by the command line, or by the UI's job."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import time_machine
from typer.testing import CliRunner, Result

from kpi_pipeline.catalogue import Company
from kpi_pipeline.cli.app import app
from kpi_pipeline.flow.workspace import read_catalogue
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.alerts.alarm import NOW, Alarm
from kpi_pipeline_tests.histories import new_history

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
COMPANY = """\
id: acme
name: Acme
zone: Europe/Amsterdam
currency: EUR
language: nl
calendars:
  working: {days: mon-fri, opens: "09:00", closes: "17:00", holidays: NL}
sources:
  hubspot: {owner: bob, api_key: ACME_HUBSPOT_API_KEY}
people:
  ann: {name: Ann, role: Sales, email: ann@acme.example, channels: [slack, mail], deputy: cas}
  bob: {name: Bob, role: Data, email: bob@acme.example, channels: [mail]}
  cas: {name: Cas, role: Engineering, channels: [teams]}
  dee: {name: Dee, role: CEO, email: dee@acme.example, channels: [mail]}
channels:
  slack: {kind: slack, url: ACME_SLACK}
  teams: {kind: teams, url: ACME_TEAMS}
  mail: {kind: mail, url: ACME_SMTP, sender: kpi@acme.example}
"""
KPIS = """\
- id: conversion
  name: {nl: Conversie, en: Conversion}
  kind: count
  of: {fact: lead, time: created_at, count: rows}
  window: rolling 30 days
  unit: percent
  better: higher
  warning: "< 28"
  critical: "< 24"
  owners: [ann]
  cadence: daily
  origin: row 1
"""
ALERTS = """\
management: [dee]
route:
  routes:
    - match: {severity: critical}
      to: [owners, bob]
    - match: {rule: low}
      channels: [mail]
rules:
  - id: low
    name: {nl: Lage conversie}
    origin: line 25
    kpi: conversion
    warning: "< 26"
    for: 2 measurements
    decision: {within: 5 working days, question: {nl: Passen we de pitch aan?}, by: [ann]}
    actions: {nl: [Bel de laatste tien leads na]}
  - id: weekly
    name: {nl: Vrijdagronde}
    remind: {every: week, on: fri}
    owners: [ann]
"""


class Desk(Alarm):
    """An alarm with files and settings of its own, so that commands and jobs find it."""

    def __init__(self, root: Path) -> None:
        folder = root / "companies" / "acme"
        folder.mkdir(parents=True)
        for name, text in (("company.yaml", COMPANY), ("kpis.yaml", KPIS), ("alerts.yaml", ALERTS)):
            (folder / name).write_text(text, encoding="utf-8")
        self.environment = {
            "KPI_COMPANIES": str(folder.parent),
            "KPI_HOME": str(root / "home"),
            "KPI_HASH_SALT": "salt",
        }
        self.settings = Settings.from_environment(self.environment)
        company: Company = read_catalogue(self.settings).companies["acme"]
        new_history(self.settings.home / "history.db")
        super().__init__(HistoryStore.open(self.settings.history_url), company)
        self.now = NOW

    def kpi(self, *words: str) -> Result:
        """`kpi alerts …` at the desk's present."""
        with time_machine.travel(self.now, tick=False):
            return CliRunner().invoke(app, ["alerts", *words], env=self.environment)

    def document(self, *words: str) -> Any:
        """What the same command says to a machine."""
        done = self.kpi(*words, "--json")
        assert done.exit_code in (0, 1), (done.output, done.exception)
        return json.loads(done.stdout)

    def told_since(self, before: int) -> list[tuple[str, str]]:
        return self.told()[before:]


def critical(desk: Desk, observed: Callable[..., Observation]) -> Desk:
    """Good on the first day, critical on the second, and still on the third."""
    desk.record(observed(0, 40, "ok"), now=desk.now - 2 * DAY)
    desk.record(observed(1, 20, "critical"), now=desk.now - DAY)
    desk.record(observed(2, 22, "critical"), now=desk.now)
    return desk


def opened(root: Path) -> Iterator[Desk]:
    desk = Desk(root)
    yield desk
    desk.store.engine.dispose()

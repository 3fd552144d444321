"""A company that reads without an issue, and a way to write it with one thing changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from kpi_pipeline import facts
from kpi_pipeline.catalogue import Catalogue, inspect
from kpi_pipeline.connectors.registry import SOURCES
from kpi_pipeline.errors import Issue
from kpi_pipeline.metrics import kinds, windows
from kpi_pipeline.settings import COMPANIES

COMPANY = """\
id: acme
name: Acme
zone: Europe/Amsterdam
currency: EUR
language: nl
calendars:
  working: {days: mon-fri, opens: "09:00", closes: "17:00", holidays: NL}
sources:
  hubspot: {owner: ann, api_key: ACME_HUBSPOT_API_KEY}
people:
  ann: {name: Ann, role: Sales, email: ann@acme.example, channels: [mail], deputy: bob}
  bob: {name: Bob, role: Finance, email: bob@acme.example, channels: [mail, slack]}
rotas:
  duty: {name: On duty, members: [ann, bob], turn: 7 days, starts: 2026-01-05}
channels:
  mail: {kind: mail, url: ACME_SMTP_URL, sender: kpi@acme.example}
  slack: {kind: slack, url: ACME_SLACK_WEBHOOK_URL}
approvers: [ann, bob]
"""
KPI = """\
- id: leads
  name: {nl: Leads, en: Leads}
  kind: count
  of: {fact: lead, time: created_at, count: rows}
  window: rolling 30 days
  unit: count
  better: higher
  target: ">= 50"
  warning: "< 40"
  critical: "< 30"
  owners: [ann, duty]
  cadence: daily
  origin: row 1
"""

ALERTS = """\
calendar: working
management: [bob]
data_owners: [bob]
fallback: mail
heartbeat: ACME_HEARTBEAT_URL
escalation:
  - {after: 1 working day, to: deputy}
  - {after: 2 working days, to: management}
route:
  routes:
    - match: {group: sales, severity: critical}
      to: [duty, management]
      channels: [mail]
    - match: {kpi: "~lea.*", owner: ann}
      continue: true
    - match: {severity: info}
      to: owners
      routes:
        - {match: {rule: leads_quiet}, to: bob}
mutes:
  - {id: nights, days: mon-fri, from: "22:00", to: "07:00", zone: Europe/Paris, match: {severity: warning}}
  - {id: holidays, dates: [2026-12-24/2027-01-02, 2026-04-27]}
rules:
  - id: few_leads
    kpi: leads
    group: sales
    for: 2 periods
    every: week
    recovery: ">= 42"
    critical_recovery: ">= 32"
    repeat: 2 working days
    inform: [duty]
    calendar: working
  - id: leads_quiet
    name: {nl: Stil}
    all:
      - {kpi: leads, is: "< 10"}
      - any:
          - {kpi: leads, is: "<= 0.5 x mean of 28 days"}
          - {kpi: leads, is: "< 5", stat: mean, over: 7 days}
          - {kpi: leads, is: better than last month, by: 2}
    level: critical
    owners: [ann]
    escalation:
      - {after: 2 hours, to: [duty]}
    decision: {within: 5 working days, question: {nl: Wat nu?}, by: [duty]}
    actions: {nl: [Bel rond]}
  - id: review
    name: {nl: Herziening}
    remind: {every: month, on: -1}
    owners: [duty]
  - id: hundred_leads
    kpi: leads
    info: ">= 100"
    by: 2026-12-31
  - id: own_limits
    kpi: leads
    warning: "< 20"
    critical: "<= 10"
    recovery: "> 25"
"""


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)


Read = Callable[..., tuple[Catalogue, list[Issue]]]


def judge(root: Path) -> tuple[Catalogue, list[Issue]]:
    """What `kpi catalogue check` knows of a folder."""
    return inspect(root, kinds.PARAMS, facts.columns(), windows.parse, SOURCES)


@cache
def shipped() -> tuple[Catalogue, list[Issue]]:
    """What it knows of the companies that ship with the package, read once by each process."""
    return judge(COMPANIES)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes the files of `acme` and reads them; each may be text or bytes, None writes no file."""

    def write_and_read(
        kpis: str | bytes | None = KPI, company: str | bytes | None = COMPANY, alerts: str | bytes | None = None
    ) -> tuple[Catalogue, list[Issue]]:
        folder = tmp_path / "companies" / "acme"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (("kpis.yaml", kpis), ("company.yaml", company), ("alerts.yaml", alerts)):
            if content is not None:
                (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return judge(folder.parent)

    return write_and_read

"""A company that reads without an issue, and a way to write it with one thing changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kpi_pipeline import facts
from kpi_pipeline.catalogue import Catalogue, inspect
from kpi_pipeline.connectors.registry import SOURCES
from kpi_pipeline.errors import Issue
from kpi_pipeline.metrics import kinds, windows

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


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)


Read = Callable[..., tuple[Catalogue, list[Issue]]]


def judge(root: Path) -> tuple[Catalogue, list[Issue]]:
    """What `kpi catalogue check` knows of a folder."""
    return inspect(root, kinds.PARAMS, facts.columns(), windows.parse, SOURCES)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes the files of `acme` and reads them; `kpis` and `company` may be text or bytes, None writes no file."""

    def write_and_read(
        kpis: str | bytes | None = KPI, company: str | bytes | None = COMPANY
    ) -> tuple[Catalogue, list[Issue]]:
        folder = tmp_path / "companies" / "acme"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (("kpis.yaml", kpis), ("company.yaml", company)):
            if content is not None:
                (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return judge(folder.parent)

    return write_and_read

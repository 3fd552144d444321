"""A company that keeps everything in registers beside its definitions: a plan, a scorecard and a list of grades."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from kpi_pipeline.flow.load import load_stream
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.landing.page import Window
from kpi_pipeline.landing.receipt import Receipt
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.histories import new_history

NOW = datetime(2025, 3, 20, 12, tzinfo=UTC)
COMPANY = """
id: acme
name: Acme
zone: Europe/Amsterdam
currency: EUR
language: en
sources:
  registers:
    owner: ann
    late_after: 240 hours
    settings:
      files:
        - {name: milestones, owner: bob, every: month}
        - scorecard
people:
  ann: {name: Ann Smit, role: Finance, email: ann@acme.example, channels: [mail]}
  bob: {name: Bob de Wit, role: Product, email: bob@acme.example, channels: [mail]}
channels:
  mail: {kind: mail, url: ACME_SMTP_URL, sender: kpi@acme.example}
"""
KPIS = """
- id: migration
  name: {en: Migration}
  kind: milestones
  of: {fact: milestone, where: "kpi = 'migration'", item: item, weight: weight_e2, done: actual_day}
  take: weight
  window: at day end
  unit: percent
  better: higher
  target: ">= 50"
  owners: [bob]
  cadence: monthly
  origin: board
- id: satisfaction
  name: {en: Satisfaction}
  kind: latest
  of: {fact: scorecard_value, where: "kpi = 'satisfaction'", on: period_end_day, entry: entered_at}
  value: value_e6
  window: at day end
  unit: score
  better: higher
  owners: [ann]
  cadence: weekly
  origin: board
"""
MILESTONES = (
    "kpi_id,item_id,item_name,milestone,weight,baseline_date,planned_date,actual_date,status,evidence_url,approved_by,"
    "entered_by,entered_at"
)
FIRST = "migration,app,App,data,30,2025-03-01,2025-03-01,2025-03-03,done,,,bob,2025-03-04T09:00:00Z"
SECOND = 'migration,app,App,cutover,"70,0",2025-04-01,2025-04-01,,planned,,,Ann@Acme.example ,2025-03-10T09:00:00Z'
SCORECARD = (
    "framework,kpi_id,period_start,period_end,segment,value,numerator,denominator,entered_by,entered_at,comment\n"
    'acme,satisfaction,2025-03-10,2025-03-16,,"7,85",,,somebody else,2025-03-17T08:00:00Z,\n'
)


def installed(root: Path) -> Settings:
    """The company's files below `root`, with both registers, and settings that keep all data there too."""
    folder = root / "companies" / "acme"
    (folder / "registers").mkdir(parents=True)
    (folder / "company.yaml").write_text(COMPANY, encoding="utf-8")
    (folder / "kpis.yaml").write_text(KPIS, encoding="utf-8")
    write(root, "milestones.csv", "\n".join([MILESTONES, FIRST, SECOND, ""]))
    write(root, "scorecard.csv", SCORECARD)
    found = Settings.from_environment(variables(root))
    new_history(found.home / "history.db")
    return found


def variables(root: Path) -> dict[str, str]:
    return {"KPI_COMPANIES": str(root / "companies"), "KPI_HOME": str(root / "home"), "KPI_HASH_SALT": "pepper"}


def write(root: Path, name: str, text: str) -> None:
    (root / "companies" / "acme" / "registers" / name).write_text(text, encoding="utf-8")


def load(settings: Settings, run_id: str, now: datetime = NOW) -> dict[str, Receipt]:
    """Load every register of the company, as a run does; the receipts by register."""
    with Workspace(settings, now=now) as workspace:
        company = workspace.company("acme")
        connector = workspace.connector(company, "registers")
        try:
            return {
                stream.name: receipt
                for stream in connector.streams
                for receipt in load_stream(
                    workspace,
                    company,
                    connector,
                    stream,
                    Window(now, now),
                    mode="full",
                    run_id=run_id,
                    progress=lambda _: None,
                )
            }
        finally:
            connector.close()

"""An installation with one company, a weekly report, and two months of one KPI in its history."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.catalogue.conftest import COMPANY, KPI
from kpi_pipeline_tests.histories import new_history

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)  # the Monday after week 47
SUNDAY = date(2026, 11, 22)
REPORTS = """\
- id: weekly
  name: {nl: Weekrapport, en: Weekly report}
  period: week
  due: mon 08:00
  audience: iedereen
  owners: [ann]
  origin: Elke week een rapport
  formats: [html, json]
  sections:
    - {kind: scorecard}
    - {kind: focus, most: 2, filled_by: ann}
    - {kind: manual, id: risk, title: {nl: Risico}, what: {nl: Het risico.}, filled_by: bob}
    - {kind: actions}
    - {kind: decisions}
- id: monthly
  name: {nl: Maandrapport}
  period: month
  due: day 3 08:00
  audience: iedereen
  owners: [ann]
  origin: Elke maand een rapport
  sections:
    - {kind: scorecard}
"""


def variables(root: Path) -> dict[str, str]:
    return {"KPI_COMPANIES": str(root / "companies"), "KPI_HOME": str(root / "home"), "KPI_HASH_SALT": "salt"}


def declare(root: Path, reports: str = REPORTS, kpis: str = KPI) -> Settings:
    """Writes the company's files."""
    folder = root / "companies" / "acme"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("company", COMPANY), ("kpis", kpis), ("reports", reports)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Settings.from_environment(variables(root))


def observed(day: date, value: int, **changed: Any) -> Observation:
    end = datetime.combine(day, time(23), UTC)
    nothing = dict.fromkeys(("text_value", "numerator", "denominator", "reason", "target", "warning", "critical"))
    fields: dict[str, Any] = {
        **nothing,
        "company": "acme",
        "kpi": "leads",
        "day": day,
        "segment": "",
        "value": Decimal(value),
        "n": value,
        "status": "ok" if value >= 50 else "below_target",
        "period_start": end - timedelta(days=30),
        "period_end": end,
        "closed": True,
        "provisional": False,
        "definition_version": 1,
        "definition_hash": "d",
        "input_hash": "i",
    }
    return Observation(**{**fields, **changed})


def fill(settings: Settings) -> None:
    """Sixty days, known on the Monday morning before the report."""
    new_history(settings.home / "history.db")
    with Workspace(settings, now=NOW) as workspace:
        days = [SUNDAY - timedelta(days=back) for back in range(60)]
        rows = [observed(day, 40 + index) for index, day in enumerate(days)]
        workspace.history.record(rows, run_id="r", now=NOW - timedelta(hours=2))

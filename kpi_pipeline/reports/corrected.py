"""The log of corrections as the file kpi-corrections.md."""

from __future__ import annotations

from pathlib import Path

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.history.corrections import corrections, markdown
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.render import write

FILE = "governance/kpi-corrections.md"
WORDS = {
    "nl": ("Correcties van {}", ("nr", "vastgelegd (UTC)", "dagen", "door", "KPI", "reden", "actie")),
    "en": ("Corrections of {}", ("no", "recorded (UTC)", "days", "by", "KPI", "reason", "action")),
}


def write_corrections(store: HistoryStore, company: Company, root: Path) -> Path:
    """Write the log below the reports folder; a longer log begins with the shorter one.

    Raises StoreUnavailable when the folder cannot be written.
    """
    title, head = WORDS[company.language]
    text = markdown(title.format(company.name), head, corrections(store, company.id))
    return write(text, root / company.id / FILE)

"""Arguments and options that several commands share."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from kpi_pipeline import clock
from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.errors import UsageError
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.settings import Settings

DEMO_HOME = Path(".kpi/demo")
CompanyArg = Annotated[str, typer.Argument(help="Company id, for example mister_dj.")]
KpiArg = Annotated[str, typer.Argument(help="KPI id, for example website_availability.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")]
On = Annotated[str | None, typer.Option("--on", help="Business day, YYYY-MM-DD (default: the newest).")]


def open_workspace() -> Workspace:
    """This installation, as of now."""
    return Workspace(Settings.from_environment(), now=clock.now())


def company_and_kpi(workspace: Workspace, company_id: str, kpi_id: str) -> tuple[Company, Kpi]:
    """Both by id; raises UsageError with a suggestion when the KPI does not exist."""
    from difflib import get_close_matches

    company = workspace.company(company_id)
    if kpi_id not in company.kpis:
        close = get_close_matches(kpi_id, list(company.kpis), n=1)
        hint = f"Did you mean {close[0]}? " if close else ""
        raise UsageError(
            f"looking up the KPI {kpi_id!r} of {company_id}",
            "there is no such KPI",
            remedy=f"{hint}`kpi catalogue list {company_id}` shows them all",
        )
    return company, company.kpis[kpi_id]


def parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"reading the day {text!r}", "it is not a date", remedy="Write it as 2026-11-21") from None


def parse_moment(text: str, zone: ZoneInfo) -> datetime:
    """An instant with its zone, or a day, which stands for its first moment in the company's zone."""
    if len(text) == len("2026-11-21"):
        day = parse_day(text)
        return datetime(day.year, day.month, day.day, tzinfo=zone)
    return parse_instant(text)


def parse_instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise UsageError(
            f"reading the moment {text!r}",
            "it is not an instant with a zone",
            remedy="Write it as 2026-11-21T09:00:00+01:00",
        )
    return found

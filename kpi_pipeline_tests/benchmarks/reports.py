"""Every current report of the five companies in its formats, then their sites, from the history that a demo left.

Reads the demo (or KPI_HOME) and writes below a temporary folder only. A report is built and written once: HTML, PDF,
Excel, mail and JSON as declared. Processor seconds stand beside those on the clock: others may use the machine too.
"""

from __future__ import annotations

import resource
import tempfile
import time
from datetime import datetime
from pathlib import Path

from kpi_pipeline import clock
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Report
from kpi_pipeline.flow import packs
from kpi_pipeline.flow.site import write_sites
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.reports.packs.build import build
from kpi_pipeline.settings import Settings

TOGETHER, WEEKLY = 40, 2
PROCESSES = 2


def used() -> tuple[float, float]:
    """The clock, and the processor seconds of this process and those it started that ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return time.perf_counter(), sum(each.ru_utime + each.ru_stime for each in both)


def since(start: tuple[float, float]) -> tuple[float, float]:
    now = used()
    return now[0] - start[0], now[1] - start[1]


def render(workspace: Workspace, company: Company, report: Report) -> tuple[str, int]:
    """One report in every format it declares: its period and how many bytes."""
    period, now = packs.period_of(company, report, None, workspace.now), workspace.now
    document = build(
        company, workspace.history, report, period, packs.beside(workspace, company, known_at=now), known_at=now
    )
    return period.name, sum(len(packs.WRITERS[each](document)) for each in report.formats)


def found_settings() -> Settings:
    """Those of the environment where they lead to a history, else those of the demo."""
    settings = Settings.from_environment()
    home = settings.home if (settings.home / "history.db").is_file() else settings.home / "demo"
    if not (home / "history.db").is_file():
        raise SystemExit(f"no history below {settings.home}: run `kpi demo` first")
    return Settings.from_environment({**settings.environment, "KPI_HOME": str(home)})


def main(quick: bool) -> None:
    settings, now = found_settings(), clock.now()
    with tempfile.TemporaryDirectory() as folder:
        reports = _reports(settings, now, quick)
        sites, slowest = _sites(settings, now, Path(folder)), max(reports["weekly"], default=0.0)
    together = reports["seconds"][0] + sites
    print(f"one weekly report, the slowest of {len(reports['weekly'])}: {slowest:.1f} s, must be ≤ {WEEKLY}")
    print(f"reports and sites together: {together:.1f} s, must be ≤ {TOGETHER} on 2 cores")


def _reports(settings: Settings, now: datetime, quick: bool) -> dict[str, list[float]]:
    print(f"{'report':46}{'period':>24}{'formats':>9}{'kB':>7}{'seconds':>9}{'of cpu':>8}")
    weekly: list[float] = []
    first = used()
    with Workspace(settings, now=now) as workspace:
        for company in workspace.catalogue.companies.values():
            for report in list(company.reports.values())[: 1 if quick else None]:
                start = used()
                period, size = render(workspace, company, report)
                seconds, cpu = since(start)
                name = f"{company.id} {report.id}"
                print(f"{name:46}{period:>24}{len(report.formats):9}{size // 1000:7,}{seconds:9.1f}{cpu:8.1f}")
                if report.period.unit == "week":
                    weekly.append(seconds)
    seconds, cpu = since(first)
    print(f"{'reports':86}{seconds:9.1f}{cpu:8.1f}")
    return {"weekly": weekly, "seconds": [seconds, cpu]}


def _sites(settings: Settings, now: datetime, folder: Path) -> float:
    with Workspace(settings, now=now) as workspace:
        companies = sorted(workspace.catalogue.companies.values(), key=lambda each: -len(each.kpis))
    start = used()
    written = write_sites(settings, [each.id for each in companies], now=now, processes=PROCESSES, to=folder)
    seconds, cpu = since(start)
    pages = sum(len(each) for each in written.values())
    print(f"{f'sites of {len(written)} companies, {pages} pages, {PROCESSES} processes':86}{seconds:9.1f}{cpu:8.1f}")
    return seconds

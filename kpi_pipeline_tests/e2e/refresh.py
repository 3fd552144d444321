"""One small run that a test can start in a process of its own, and kill at any step of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

from kpi_pipeline.flow.tell import deliver
from kpi_pipeline.orchestration import naming
from kpi_pipeline.orchestration.tags import months_tags
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.e2e.installation import COMPANY, NOW, Installation

# As far back as UptimeRobot is asked for changes: a run after another then finds nothing that the first did not.
FIRST, LAST = "2026-09", "2026-11"
# Two sources with windows and snapshots, their facts, the KPIs of those, and what is told about them.
ASSETS = (
    *(naming.landing_key(COMPANY, "uptimerobot", name) for name in ("monitors", "incidents", "maintenance_windows")),
    *(naming.landing_key(COMPANY, "registers", name) for name in ("ledger", "fx_rates")),
    naming.fact_key(COMPANY, "monitor_interval"),
    naming.fact_key(COMPANY, "ledger_entry"),
    naming.kpi_key(COMPANY, "website_availability"),
    naming.kpi_key(COMPANY, "cash_runway_months"),
)


def refresh(installation: Installation, step: Callable[[str], None], now: datetime = NOW) -> bool:
    """Load, compute, judge and tell; whether all went well. Each step that is done is told to `step`."""
    tags = months_tags(COMPANY, FIRST, LAST)
    ran = installation.run("refresh", tags, now, ASSETS, lambda what, _count: step(what))
    for failed, text in ran.failures:
        sys.stderr.write(f"{failed}: {text}\n")
    with installation.at(now) as (workspace, company):
        deliver(workspace, company, flush=True)
    return ran.success


def refresh_alone(home: Path, environment: Mapping[str, str], steps: Connection) -> None:
    """The same as all that a process does; it ends with 0 if all went well."""
    sys.exit(not refresh(Installation(home, Settings.from_environment(environment)), steps.send))

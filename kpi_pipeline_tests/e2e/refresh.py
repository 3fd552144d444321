"""One small run in a process of its own, which a test can kill: python -m kpi_pipeline_tests.e2e.refresh HOME."""

from __future__ import annotations

import sys
from pathlib import Path

from kpi_pipeline.flow.tell import deliver
from kpi_pipeline.orchestration import naming
from kpi_pipeline.orchestration.partitions import RANGE_END, RANGE_START
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


def refresh(installation: Installation) -> bool:
    """Load, compute, judge and tell; whether all went well."""
    tags = {RANGE_START: FIRST, RANGE_END: LAST, naming.COMPANY_TAG: COMPANY}
    ran = installation.run("refresh", tags, NOW, ASSETS)
    for step, text in ran.failures:
        sys.stderr.write(f"{step}: {text}\n")
    with installation.at(NOW) as (workspace, company):
        deliver(workspace, company, flush=True)
    return ran.success


if __name__ == "__main__":
    sys.exit(not refresh(Installation(Path(sys.argv[1]), Settings.from_environment())))

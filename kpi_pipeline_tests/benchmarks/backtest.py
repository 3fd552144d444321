"""Two years of the five companies' 136 KPIs, with 5 % of the days restated, played through all of their alert rules.

Seconds to read history and to play it, alerts and notices that come of it; values wander about their thresholds.
"""

from __future__ import annotations

import random
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from kpi_pipeline.alerts.rules import rules_of
from kpi_pipeline.catalogue import Company, Kpi, in_force
from kpi_pipeline.flow.backtest import run_backtest
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.benchmarks.observations import observed

NOW = datetime(2026, 11, 30, 6, tzinfo=UTC)
LAST = date(2026, 11, 29)
REVISED = 0.05
ALLOWED = 20


def walk(kpi: Kpi, days: list[date], chance: random.Random) -> dict[date, Decimal]:
    """Values that wander about the mildest threshold: what they are today they nearly are tomorrow."""
    limits = (in_force(each, days[-1]) for each in (kpi.warning, kpi.critical, kpi.target))
    middle = next((limit.value for limit in limits if limit is not None), Decimal(100))
    found, away = {}, 0.0
    for day in days:
        away = 0.9 * away + chance.gauss(0, 0.06)
        found[day] = middle * Decimal(round(1000 * (1 + away))) / 1000
    return found


def fill(workspace: Workspace, company: Company, days: int) -> int:
    chance = random.Random(company.id)
    wanted = {kpi.id for kpi in company.headline_kpis()} | {kpi for rule in rules_of(company) for kpi in rule.kpis}
    span = [LAST - timedelta(days=days - 1 - offset) for offset in range(days)]
    for name in sorted(wanted):
        kpi = company.kpis[name]
        values = walk(kpi, span, chance)
        first = [observed(company.id, kpi.id, day, value) for day, value in values.items()]
        late = [
            observed(company.id, kpi.id, day, value * 2) for day, value in values.items() if chance.random() < REVISED
        ]
        workspace.history.record(first, run_id="first", now=NOW - timedelta(days=20))
        workspace.history.record(late, run_id="late", now=NOW - timedelta(days=10))
    return len(wanted)


def main(quick: bool) -> None:
    days, total = 180 if quick else 730, 0.0
    print(f"{'company':18}{'KPIs':>6}{'rules':>7}{'values':>10}{'alerts':>8}{'notices':>9}{'seconds':>10}")
    with tempfile.TemporaryDirectory() as home:
        settings = Settings.from_environment({"KPI_HOME": home, "KPI_HASH_SALT": "salt"})
        with Workspace(settings, now=NOW) as workspace:
            for company in workspace.catalogue.companies.values():
                kpis = fill(workspace, company, days)
                started = time.perf_counter()
                found = run_backtest(workspace, company, first=LAST - timedelta(days=days - 1), last=LAST)
                taken = time.perf_counter() - started
                total += taken
                alerts = sum(len(each.alerts) for each in found.before)
                notices = sum(len(each.notices) for each in found.before)
                rules = len(rules_of(company))
                print(f"{company.id:18}{kpis:6}{rules:7}{found.days:10,}{alerts:8,}{notices:9,}{taken:10.1f}")
    print(f"{'together':18}{total:58.1f}  must be ≤ {ALLOWED}")

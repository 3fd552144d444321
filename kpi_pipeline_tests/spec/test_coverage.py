"""No KPI goes unproved: every row of the frameworks is declared, recounted by the simulated world, and has a spec."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kpi_pipeline.catalogue import Catalogue
from kpi_pipeline.sandbox import truth, world

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
DAY = date(2026, 11, 21)


def framework_rows() -> dict[str, list[str]]:
    """Company → ids of its framework's rows, in the order of the framework."""
    rows = defaultdict(list)
    for line in (HERE / "framework_kpis.txt").read_text(encoding="utf-8").splitlines():
        company, kpi = line.split()
        rows[company].append(kpi)
    return rows


ROWS = framework_rows()


def test_every_row_of_the_frameworks_is_a_kpi_and_nothing_else_is(shipped: Catalogue) -> None:
    declared = {name: {kpi.id for kpi in company.headline_kpis()} for name, company in shipped.companies.items()}
    assert declared == {company: set(rows) for company, rows in ROWS.items()}
    assert sum(map(len, declared.values())) == 136


@pytest.mark.slow
@pytest.mark.parametrize("company", ROWS)
def test_every_kpi_and_companion_has_a_truth(shipped: Catalogue, company: str) -> None:
    found = truth.values(world.build(company, 7, NOW.date()), DAY, DAY, NOW)
    assert found.keys() == set(shipped.companies[company].kpis)


@pytest.mark.parametrize("company", ROWS)
def test_every_kpi_and_companion_has_a_spec(shipped: Catalogue, company: str) -> None:
    folder = HERE if company == "mister_dj" else HERE / company
    specs = "\n".join(file.read_text(encoding="utf-8") for file in folder.glob("*_spec.py"))
    named = set(re.findall(r"[a-z][a-z0-9_]+", specs))
    assert set(shipped.companies[company].kpis) - named == set()

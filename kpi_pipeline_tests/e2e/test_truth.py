"""What the pipeline computed over HTTP equals what the simulated world counts by itself."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.sandbox import Sandbox, truth
from kpi_pipeline.sandbox.truth import TruthValue
from kpi_pipeline_tests.e2e.installation import COMPANIES, COMPANY, NOW, Installation

DAYS = 90
TODAY = NOW.date()
FIRST = TODAY - timedelta(days=DAYS)

Truth = dict[str, dict[date, TruthValue]]
Known = dict[str, dict[date, Recorded]]


# Two more minutes of two processors: `make test-all`.
SLOW = [pytest.param(each, marks=() if each == COMPANY else pytest.mark.slow) for each in COMPANIES]


@pytest.fixture(scope="module", params=SLOW)
def company_id(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def truths(served: Sandbox, company_id: str) -> Truth:
    return truth.values(served.world(company_id), FIRST, TODAY, NOW)


@pytest.fixture(scope="module")
def known(request: pytest.FixtureRequest, company_id: str) -> Known:
    installation: Installation = request.getfixturevalue("loaded" if company_id == COMPANY else "others")
    with installation.at(NOW, company_id) as (workspace, company):
        return {
            kpi: {row.day: row for row in workspace.history.series(company_id, kpi, FIRST, TODAY)}
            for kpi in company.kpis
        }


def differences(rows: dict[date, Recorded], expected: dict[date, TruthValue]) -> list[str]:
    """One line for each number that is not the true one: counts and money exactly, values to 1e-9 of themselves."""
    found = [f"days {sorted(rows.keys() ^ expected.keys())}"] if rows.keys() != expected.keys() else []
    for day, true in expected.items():
        row = rows.get(day)
        if row is None:
            continue
        for name in ("numerator", "denominator", "n"):
            mine, theirs = getattr(row, name), getattr(true, name)
            if mine != theirs and not _same_derived(mine, theirs):
                found.append(f"{day} {name}: {mine}, truly {theirs}")
        if not _close(row.value, true.value):
            found.append(f"{day} value: {row.value}, truly {true.value}")
        if true.value is None and row.reason != true.reason:
            found.append(f"{day} reason: {row.reason}, truly {true.reason}")
    return found


def _same_derived(mine: Decimal | int | None, theirs: Decimal | int | None) -> bool:
    """A side that is itself a quotient (cash over burn) has no exact digits; whole numbers have."""
    if mine is None or theirs is None or mine == int(mine) or theirs == int(theirs):
        return False
    return math.isclose(mine, theirs, rel_tol=1e-9)


def _close(mine: Decimal | None, theirs: Decimal | None) -> bool:
    if mine is None or theirs is None:
        return mine is theirs
    return math.isclose(mine, theirs, rel_tol=1e-9)


def test_every_true_value_has_a_kpi_and_the_other_way_round(truths: Truth, known: Known) -> None:
    assert known.keys() == truths.keys()


def test_every_value_of_the_last_90_days_is_the_true_one(truths: Truth, known: Known) -> None:
    wrong = {kpi: found for kpi, expected in truths.items() if (found := differences(known[kpi], expected))}
    report = "\n".join(f"{kpi}: {len(found)} differences\n  " + "\n  ".join(found[:5]) for kpi, found in wrong.items())
    assert not wrong, report
    assert all(len(days) == DAYS + 1 for days in truths.values())


def test_the_days_compared_are_not_empty(truths: Truth) -> None:
    for kpi, days in truths.items():
        with_value = sum(each.value is not None for each in days.values())
        assert with_value, f"{kpi} has no value on any day: the comparison would prove nothing"

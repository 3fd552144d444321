"""The whole flow, run once: the history of all companies over HTTP into landing, history and reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from kpi_pipeline.sandbox import Sandbox, vendors
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline_tests.e2e.installation import COMPANIES, COMPANY, LAST_MONTH, NOW, Installation

ANCHOR = date(2026, 11, 22)
# The vendors' own limits and waits have tests of their own; here they would only cost minutes.
MANY = Limit(1_000_000_000, 1.0)
LIMITS = {name: dict.fromkeys(getattr(vendors.load(name), "LIMITS", {}), MANY) for name in vendors.NAMES}


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    """The vendors of all companies, their clock standing still; shared, so only `sandbox` may be used to change it."""
    with Sandbox(COMPANIES, anchor=ANCHOR, now=lambda: NOW, limits=LIMITS) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def loaded(served: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Mister DJ's installation after its first refresh of all months; read it, or `copy` it to change it."""
    return refreshed(served, tmp_path_factory.mktemp("loaded"), [COMPANY])


@pytest.fixture(scope="session")
def others(served: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """One installation of the four other companies after their first refresh, side by side as in the demo."""
    return refreshed(served, tmp_path_factory.mktemp("others"), [each for each in COMPANIES if each != COMPANY])


def refreshed(served: Sandbox, home: Path, companies: Sequence[str]) -> Installation:
    variables = {name: value for each in companies for name, value in served.environment(each).items()}
    installation = Installation.create(home, variables)
    first = {each: f"{served.starts_at(each) + timedelta(days=1):%Y-%m}" for each in companies}
    failures = [each for ran in installation.whole_months(first, LAST_MONTH, NOW) for each in ran.failures]
    assert failures == []
    return installation


@pytest.fixture
def sandbox(served: Sandbox) -> Iterator[Sandbox]:
    """The vendors, for tests that move their clock or break them; as before afterwards."""
    yield served
    served.set_now(None)
    served.faults.clear()


@pytest.fixture
def mine(loaded: Installation, tmp_path: Path) -> Installation:
    """A copy of the loaded installation that this test may change."""
    return loaded.copy(tmp_path)

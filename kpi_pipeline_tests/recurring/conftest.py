"""The company of subscribers.py, loaded once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kpi_pipeline.facts.backends import open_backend
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.sandbox.truth.recurring import Revenue
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline_tests.recurring.subscribers import NOW, Company, build, land


@pytest.fixture(scope="session")
def world() -> World:
    return build()


@pytest.fixture(scope="session")
def landing(world: World, tmp_path_factory: pytest.TempPathFactory) -> Landing:
    return land(world, tmp_path_factory.mktemp("subscribers"))


@pytest.fixture(scope="session")
def backend() -> Any:
    return open_backend("duckdb")


@pytest.fixture(scope="session")
def tables(landing: Landing, backend: Any) -> Iterator[FactTables]:
    with FactTables(landing, Company(), backend) as found:
        found.materialise(["mrr_change", "billing_customer", "subscription_trial"])
        yield found


@pytest.fixture(scope="session")
def revenue(world: World) -> Revenue:
    return Revenue(world, NOW)

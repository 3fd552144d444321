from datetime import UTC, date, datetime

import pytest

from kpi_pipeline.sandbox.world import build
from kpi_pipeline.sandbox.world.model import World

ANCHOR = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def mister_dj() -> World:
    return build("mister_dj", 7, ANCHOR)

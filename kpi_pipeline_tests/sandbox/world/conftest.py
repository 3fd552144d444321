from datetime import date

import pytest

from kpi_pipeline.sandbox.world import build
from kpi_pipeline.sandbox.world.model import World

ANCHOR = date(2026, 11, 24)


@pytest.fixture(scope="session")
def mister_dj() -> World:
    return build("mister_dj", 7, ANCHOR)


@pytest.fixture(scope="session")
def leap_year() -> World:
    """Another seed and season, with a 29 February behind it."""
    return build("mister_dj", 3, date(2028, 3, 19))

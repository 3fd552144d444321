from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

import pytest

from kpi_pipeline.sandbox.world import build
from kpi_pipeline.sandbox.world.model import World

ANCHORS = {
    "mister_dj": date(2026, 11, 24),
    "dgskills": date(2026, 11, 22),
    "inpact": date(2026, 11, 22),
    "inopsio": date(2026, 11, 22),
    "datainsight_pro": date(2026, 11, 18),  # a Wednesday: the story is counted from the Monday of its week
}


@pytest.fixture(scope="session")
def world_of() -> Callable[[str], World]:
    """Each company's world, built once."""
    return cache(lambda company: build(company, 7, ANCHORS[company]))


@pytest.fixture(scope="session")
def mister_dj(world_of: Callable[[str], World]) -> World:
    return world_of("mister_dj")


@pytest.fixture(scope="session")
def leap_year() -> World:
    """Another seed and season, with a 29 February behind it."""
    return build("mister_dj", 3, date(2028, 3, 19))

"""DGSkills' KPIs. In 2026, 2 March is a Monday, of the even ISO week 10."""

from __future__ import annotations

import pytest


@pytest.fixture
def company_id() -> str:
    return "dgskills"

"""Inopsio's KPIs: zone UTC, money in cents of a dollar."""

from __future__ import annotations

import pytest


@pytest.fixture
def company_id() -> str:
    return "inopsio"

from __future__ import annotations

import pytest


@pytest.fixture
def company_id() -> str:
    return "datainsight_pro"

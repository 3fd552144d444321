"""What the UI shows of a KPI that was computed."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from kpi_pipeline.flow.measure import Measured
from kpi_pipeline.history.store import Outcome
from kpi_pipeline.orchestration.kpis import _metadata
from kpi_pipeline_tests.reports.conftest import YESTERDAY, company_of, kpi
from kpi_pipeline_tests.reports.packs.conftest import observed


@pytest.fixture
def shown() -> dict[str, str]:
    company = company_of(kpi("conversie"))
    values = [Decimal(30 + back) for back in range(3)]
    sides = {"numerator": Decimal(30), "denominator": Decimal(100), "n": 100}
    rows = [observed("conversie", YESTERDAY - timedelta(days=2 - i), v, "ok", **sides) for i, v in enumerate(values)]
    measured = Measured(company.kpis["conversie"], tuple(rows), Outcome(2, 1, 0))
    found = _metadata(company, [measured], [None, *values])
    return {name: str(getattr(each, "value", each)) for name, each in found.items()}


def test_the_newest_days_show_what_a_value_was_divided_from_as_people_read_it(shown: dict[str, str]) -> None:
    assert shown["newest days"].splitlines()[2:] == [
        "| 2026-11-19 | 30,0% | 30 / 100; n = 100 | ✓ op koers |",
        "| 2026-11-20 | 31,0% | n = 100 | ✓ op koers |",
        "| 2026-11-21 | 32,0% | n = 100 | ✓ op koers |",
    ]
    assert shown["recorded"] == "3 days; 2 values new, 1 revised, 0 unchanged"


def test_the_trend_is_a_picture_with_its_ends_in_words(shown: dict[str, str]) -> None:
    picture = re.match(r"!\[[^]]+\]\(data:image/svg\+xml;base64,([^)]+)\)", shown["trend"])
    assert picture is not None
    drawing = ElementTree.fromstring(base64.b64decode(picture[1]))
    assert (drawing.get("width"), drawing.get("height")) == ("640", "160")
    assert shown["trend"].splitlines()[-1] == ("4 days: lowest 30,0%, highest 32,0%, last 32,0%; dashed: target ≥ 32%")
    assert "var(" not in base64.b64decode(picture[1]).decode(), "a picture alone knows no colours of a page"


def test_the_value_of_a_month_is_the_only_number_that_is_plotted(shown: dict[str, str]) -> None:
    assert [name for name, text in shown.items() if text.replace(".", "").isdigit()] == []

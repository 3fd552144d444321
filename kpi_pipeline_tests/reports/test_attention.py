"""What needs attention comes in the same order on a site's overview and on page one of a report."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.attention import off_target
from kpi_pipeline.reports.panels import Context
from kpi_pipeline.reports.reading import Reading
from kpi_pipeline.reports.site import pages
from kpi_pipeline.reports.tables import Tables
from kpi_pipeline_tests.reports.conftest import NOW, YESTERDAY, Put, company_of, kpi


@pytest.mark.parametrize(
    ("target", "value", "share"),
    [(">= 32", "24", 0.25), (">= 32", "32", 0.0), ("<= 0", "3", 3.0), (None, "3", 0.0), (">= 32", None, 0.0)],
)
def test_how_far_off_is_a_share_of_the_target(target: str | None, value: str | None, share: float) -> None:
    one = company_of(kpi("conversie", target=target, warning=None, critical=None)).kpis["conversie"]
    assert off_target(one, YESTERDAY, None if value is None else Decimal(value)) == share


def test_the_overview_begins_with_the_worst_and_then_what_is_furthest_off(store: HistoryStore, put: Put) -> None:
    company = company_of(kpi("bijna"), kpi("ver"), kpi("fout"), kpi("goed"))
    put("bijna", YESTERDAY, "31", "below_target")
    put("ver", YESTERDAY, "29", "below_target")
    put("fout", YESTERDAY, "31.5", "critical")
    put("goed", YESTERDAY, "40", "ok")
    reading = Reading(company, store, known_at=NOW)
    overview = pages(Context(reading, Tables(reading), kpi_folder="kpi/"), [])["index.html"]
    names = re.findall(r'href="kpi/(\w+)\.html"', overview)
    assert list(dict.fromkeys(names)) == ["fout", "ver", "bijna"]

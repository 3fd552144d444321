"""The newest values as OpenMetrics text that the format's own parser reads."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from kpi_pipeline.catalogue import Company
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.freshness import SourceFreshness
from kpi_pipeline.reports.openmetrics import Newest, openmetrics
from kpi_pipeline_tests.reports.conftest import NOW, YESTERDAY, Put, company_of, kpi

Samples = dict[str, dict[tuple[tuple[str, str], ...], float]]


def read(text: str) -> Samples:
    """Family → labels without the company → value."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = tuple(sorted((name, value) for name, value in sample.labels.items() if name != "company"))
            found.setdefault(family.name, {})[labels] = sample.value
    return found


def of(company: Company, store: HistoryStore) -> Samples:
    freshness = [SourceFreshness("stripe", "ann", NOW - timedelta(hours=3), None, timedelta(hours=12))]
    rows = {name: row for name, row in store.latest(company.id).items() if name in company.kpis}
    return read(openmetrics([Newest(company, rows, freshness)], now=NOW))


def test_values_bounds_statuses_and_ages_are_there(company: Company, store: HistoryStore, filled: None) -> None:
    found = of(company, store)
    conversion = (("kpi", "conversie"), ("unit", "percent"))
    assert found["kpi_value"][conversion] == 23.9
    assert (found["kpi_numerator"][conversion], found["kpi_denominator"][conversion]) == (239, 1000)
    assert (found["kpi_target"][conversion], found["kpi_critical"][conversion]) == (32, 24)
    assert found["kpi_status"][(("kpi", "conversie"), ("kpi_status", "critical"))] == 1
    assert found["kpi_status"][(("kpi", "conversie"), ("kpi_status", "ok"))] == 0
    assert found["kpi_age_seconds"][(("kpi", "conversie"),)] == 9 * 3600
    assert found["kpi_source_newest_age_seconds"] == {(("source", "stripe"),): 3 * 3600}
    assert "kpi_source_loaded_age_seconds" not in found


def test_a_kpi_without_a_value_has_a_status_and_no_sample(company: Company, store: HistoryStore, put: Put) -> None:
    put("omzet", YESTERDAY, None, "no_data")
    found = of(company, store)
    assert "kpi_value" not in found
    assert found["kpi_status"][(("kpi", "omzet"), ("kpi_status", "no_data"))] == 1


def test_signs_that_the_format_uses_itself_are_escaped(store: HistoryStore, put: Put) -> None:
    put("nps", YESTERDAY, "5", "ok")
    company = company_of(kpi("nps"), id="acme")
    strange = company.model_copy(update={"id": 'a"c\\me\n'})
    text = openmetrics([Newest(strange, store.latest("acme"))], now=NOW)
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert families["kpi_value"].samples[0].labels["company"] == 'a"c\\me\n'
    assert text.endswith("# EOF\n")

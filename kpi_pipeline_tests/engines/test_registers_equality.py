"""Facts from registers, and the kinds that read them, are the same on PostgreSQL.

Spark, which takes a minute for them, gave the same when they were written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.facts import sources
from kpi_pipeline.facts.backends import open_backend
from kpi_pipeline.facts.specs import compliance, operations, plans
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.metrics.kinds import PARAMS
from kpi_pipeline_tests.engines.test_equality import compare_facts, compare_kpis
from kpi_pipeline_tests.facts.records import Records
from kpi_pipeline_tests.facts.register_life import GRADES, keep

DECLARED = [spec.name for area in (plans, compliance, operations) for spec in area.SPECS]
NAMES = [name for name in DECLARED if {source for source, _ in sources([name])} == {"registers"}]
PLAN = {"fact": "milestone", "where": "kpi = 'plan'", "item": "item", "weight": "weight_e2", "done": "actual_day"}
KINDS: dict[str, dict[str, Any]] = {
    "weight": {"kind": "milestones", "of": PLAN, "take": "weight"},
    "items": {"kind": "milestones", "of": {**PLAN, "where": "weight_e2 < 106"}, "take": "items"},
    "valid": {
        "kind": "validity",
        "of": {"fact": "certificate", "name": "name", "since": "valid_from_day", "until": "expires_day"},
        "names": ["c0", "c1"],
    },
    "grade": {
        "kind": "ordinal",
        "of": {"fact": "grade", "on": "graded_day"},
        "grade": "grade",
        "stale_after": "5 days",
        "unit": "grade",
        "grades": tuple(reversed(GRADES)),
    },
    "reported": {
        "kind": "latest",
        "of": {"fact": "scorecard_value", "on": "period_end_day", "entry": "entered_at"},
        "value": "value_e6",
        "numerator": "numerator_e6",
        "denominator": "denominator_e6",
        "stale_after": "6 days",
    },
}


def kpi(name: str, params: dict[str, Any]) -> Kpi:
    own = {key: value for key, value in params.items() if key in PARAMS[params["kind"]].model_fields}
    rest = {key: value for key, value in params.items() if key not in own and key != "kind"}
    described = {"unit": "percent", "better": "higher", "cadence": "daily", "origin": "by hand", "file": "", "line": 1}
    return Kpi(
        id=name,
        company="acme",
        name={"en": name},
        kind=params["kind"],
        params=PARAMS[params["kind"]].model_validate(own),
        window="at day end",
        **{**described, **rest},
    )


@pytest.fixture(scope="module")
def acme() -> Company:
    return Company.model_validate(
        {
            "id": "acme",
            "name": "Acme",
            "zone": "Europe/Amsterdam",
            "currency": "EUR",
            "language": "en",
            "sources": {"registers": {"owner": "ann"}},
            "people": {"ann": {"name": "Ann", "role": "Finance"}},
            "kpis": {name: kpi(name, params) for name, params in KINDS.items()},
        }
    )


@pytest.fixture(scope="module")
def kept() -> Records:
    return keep(Records())


@pytest.fixture(scope="module")
def on_duckdb(kept: Records, acme: Company) -> Iterator[FactTables]:
    with FactTables(kept, acme, open_backend("duckdb")) as tables:
        yield tables


@pytest.mark.postgres
def test_postgres_gives_the_registers_of_duckdb(
    on_duckdb: FactTables, kept: Records, acme: Company, postgres_url: str
) -> None:
    with FactTables(kept, acme, open_backend("postgres", postgres_url)) as tables:
        compare_facts(on_duckdb, tables, NAMES)
        compare_kpis(on_duckdb, tables, acme, acme.kpis)

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from ibis.expr.types import Table

from kpi_pipeline import facts
from kpi_pipeline.errors import SettingsError, UsageError
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.schemas.base import StreamModel, stream_key
from kpi_pipeline.schemas.facts import MODELS
from kpi_pipeline_tests.facts.builders import ledger, rate
from kpi_pipeline_tests.facts.records import SETTINGS, Company, Records, Settings, model

TYPES = {"int64": "Int64", "float64": "Float64", "string": "String", "boolean": "Boolean"}


@pytest.mark.parametrize("name", facts.FACTS)
def test_spec_and_pandera_model_say_the_same(name: str) -> None:
    spec = {column: (TYPES[kind.type], kind.nullable) for column, kind in facts.FACTS[name].columns.items()}
    columns = MODELS[name].to_schema().columns
    assert spec == {column: (str(rule.dtype), rule.nullable) for column, rule in columns.items()}
    assert set(facts.FACTS[name].key) <= set(spec)


@pytest.mark.parametrize("name", facts.FACTS)
def test_every_stream_a_fact_reads_has_a_model(name: str) -> None:
    for source, stream in facts.sources([name]):
        assert model(f"{source}.{stream}") is not None


class Watched(Records):
    """Knows which streams were asked for; all are empty, so that each is made once."""

    made: ClassVar[dict[tuple[str, ...], Table]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.read: set[tuple[str, str]] = set()

    def latest(self, backend: Any, company: str, model: type[StreamModel]) -> Table:
        return self._once("latest", backend, company, model)

    def versions(self, backend: Any, company: str, model: type[StreamModel]) -> Table:
        return self._once("versions", backend, company, model)

    def _once(self, which: str, backend: Any, company: str, model: type[StreamModel]) -> Table:
        stream = stream_key(model)
        self.read.add(stream)
        if (which, *stream) not in self.made:
            self.made[which, *stream] = getattr(super(), which)(backend, company, model)
        return self.made[which, *stream]


@pytest.mark.parametrize("name", sorted(set(facts.FACTS) - {"booking"}))  # lead builds on booking
def test_a_fact_reads_exactly_the_streams_it_declares(name: str, duckdb: Any) -> None:
    watched = Watched()
    with FactTables(watched, Company(), duckdb) as tables:
        tables.table(name)
    assert watched.read == set(facts.sources([name], Company().sources))


def test_a_company_that_never_loaded_anything_has_empty_facts_with_their_columns(duckdb: Any, tmp_path: Path) -> None:
    arrow = {"int64": "int64", "float64": "double", "string": "string", "boolean": "bool"}
    with FactTables(Landing(tmp_path), Company(), duckdb) as tables:
        tables.materialise(facts.FACTS)
        for name, spec in facts.FACTS.items():
            table = tables.table(name).to_pyarrow()
            assert table.num_rows == 0
            assert {field.name: str(field.type) for field in table.schema} == {
                column: arrow[kind.type] for column, kind in spec.columns.items()
            }


def temporary(duckdb: Any) -> set[str]:
    return {name for (name,) in duckdb.raw_sql("SELECT table_name FROM duckdb_tables()").fetchall()}


def test_materialised_facts_are_computed_once_and_dropped_at_the_end(records: Records, duckdb: Any) -> None:
    rate(records, "2026-05-01", "GBP", 850_000)
    ledger(records, "e1", "2026-05-01", 10_000, "GBP")
    before = temporary(duckdb)
    with FactTables(records, Company(), duckdb) as tables:
        tables.materialise(["ledger_entry"])
        first = tables.table("ledger_entry")
        rate(records, "2026-05-01", "GBP", 1)
        tables.materialise(["ledger_entry", "fx_rate"])
        assert tables["ledger_entry"] is first
        assert first.to_pyarrow()["amount_minor"].to_pylist() == [11_765]
    assert {name for name in temporary(duckdb) - before if not name.startswith("records_")} == set()


def test_facts_are_a_mapping_for_the_engine_of_kpis(records: Records, duckdb: Any) -> None:
    tables = FactTables(records, Company(), duckdb)
    assert set(tables) == set(facts.FACTS)
    assert tables["fx_rate"].columns == tuple(facts.FACTS["fx_rate"].columns)
    assert "no_such_fact" not in tables


def test_unknown_facts_missing_sources_and_missing_settings_say_what_to_do(records: Records, duckdb: Any) -> None:
    with pytest.raises(UsageError, match=r"no such fact.*Use one of .*lead, lead_booking"):
        FactTables(records, Company(), duckdb).table("leads")
    poor = Company(sources={"stripe": Settings({})})
    with pytest.raises(SettingsError, match=r"mister_dj: the company has no source linear"):
        FactTables(records, poor, duckdb).table("issue_completion")
    vague = {name: Settings(settings) for name, settings in SETTINGS.items()} | {"hubspot": Settings({})}
    with pytest.raises(SettingsError, match=r"sources.hubspot.settings has no qualified_stage.*Add qualified_stage"):
        FactTables(records, Company(sources=vague), duckdb).table("lead")


def test_columns_and_sources_for_the_catalogue() -> None:
    assert facts.columns()["metric_sample"] == {"metric", "series", "sampled_at", "value"}
    assert ("registers", "fx_rates") in facts.sources(["booking"])
    assert facts.sources(["metric_sample", "metric_sample"]) == (("prometheus", "metric_samples"),)

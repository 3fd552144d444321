from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ibis.expr.types import Table

from kpi_pipeline import facts
from kpi_pipeline.errors import SettingsError, UsageError
from kpi_pipeline.facts.spec import StreamId
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.landing import Landing
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


class Watched(FactTables):
    """Knows the streams that each fact and each shared step was built from, through others too."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.read: dict[Any, set[StreamId]] = {}
        self._building: list[set[StreamId]] = [set()]

    def table(self, name: str) -> Table:
        return self._watched(name, super().table)

    def once(self, build: Callable[[FactTables], Table]) -> Table:
        return self._watched(build, super().once)

    def records(self, source: str, stream: str) -> Table:
        self._building[-1].add((source, stream))
        return super().records(source, stream)

    def versions(self, source: str, stream: str) -> Table:
        self._building[-1].add((source, stream))
        return super().versions(source, stream)

    def _watched(self, what: Any, build: Callable[[Any], Table]) -> Table:
        self._building.append(set())
        found = build(what)
        read = self.read.setdefault(what, self._building.pop())
        self._building[-1] |= read
        return found


@pytest.fixture(scope="module")
def empty(duckdb: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Every fact of a company that never loaded anything."""
    with Watched(Landing(tmp_path_factory.mktemp("empty")), Company(), duckdb) as tables:
        tables.materialise(facts.FACTS)
        yield tables


@pytest.mark.parametrize("name", facts.FACTS)
def test_a_fact_reads_exactly_the_streams_it_declares(name: str, empty: Watched) -> None:
    assert empty.read[name] == set(facts.sources([name], Company().sources))


@pytest.mark.parametrize("name", facts.FACTS)
def test_a_company_that_never_loaded_anything_has_empty_facts_with_their_columns(name: str, empty: Watched) -> None:
    arrow = {"int64": "int64", "float64": "double", "string": "string", "boolean": "bool"}
    table = empty.table(name).to_pyarrow()
    assert table.num_rows == 0
    assert {field.name: str(field.type) for field in table.schema} == {
        column: arrow[kind.type] for column, kind in facts.FACTS[name].columns.items()
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

"""A fact is computed again when anything that it was computed from is another one, and only then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.errors import StoreUnavailable
from kpi_pipeline.facts.kept import KeptFacts
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline_tests.facts.builders import ledger
from kpi_pipeline_tests.facts.records import SETTINGS, Company, Records, Settings

FACT = "ledger_entry"


class Landed:
    """Names of landed files, as landing has them when it is asked."""

    def __init__(self) -> None:
        self.names = {("registers", "ledger"): ("month=2026-01/a-1.parquet",)}

    def files(self, company: str, source: str, stream: str) -> Sequence[str]:
        return self.names.get((source, stream), ())


@pytest.fixture
def landed() -> Landed:
    return Landed()


def entries(*amounts: int) -> Records:
    records = Records()
    for number, amount in enumerate(amounts):
        ledger(records, f"e{number}", "2026-01-05", amount, "EUR")
    return records


def compute(
    root: Path, landed: Landed, backend: Any, records: Records, company: Company | None = None
) -> tuple[list[int], bool]:
    """The amounts of the fact, and whether they were kept before; afterwards they are."""
    who = company or Company()
    with FactTables(records, who, backend, kept=KeptFacts(root, landed, who)) as tables:
        tables.materialise([FACT])
        amounts = sorted(tables[FACT].amount_minor.to_pyarrow().to_pylist())
        before = tables.passed_before(FACT)
        if not before:
            tables.keep(FACT)
    return amounts, before


def test_the_same_landing_gives_the_kept_rows_and_they_are_the_same(
    tmp_path: Path, landed: Landed, duckdb: Any
) -> None:
    assert compute(tmp_path, landed, duckdb, entries(100, -40)) == ([-40, 100], False)
    # other records under the same files cannot be: they show that nothing was computed
    assert compute(tmp_path, landed, duckdb, entries(7)) == ([-40, 100], True)


def test_a_kept_fact_has_the_types_and_nulls_it_was_computed_with(tmp_path: Path, landed: Landed, duckdb: Any) -> None:
    found = []
    for _ in range(2):
        with FactTables(entries(100, -40), Company(), duckdb, kept=KeptFacts(tmp_path, landed, Company())) as tables:
            tables.materialise([FACT])
            found.append(tables[FACT].order_by("entry_id").to_pyarrow())
            tables.keep(FACT)
    assert found[0].equals(found[1])
    assert found[0].schema == found[1].schema


def test_a_new_file_of_any_stream_behind_it_computes_it_again(tmp_path: Path, landed: Landed, duckdb: Any) -> None:
    compute(tmp_path, landed, duckdb, entries(100))
    landed.names["registers", "fx_rates"] = ("month=2026-01/b-2.parquet",)  # read through fx_rate
    assert compute(tmp_path, landed, duckdb, entries(7)) == ([7], False)
    landed.names["registers", "ledger"] = (*landed.names["registers", "ledger"], "month=2026-02/c-3.parquet")
    assert compute(tmp_path, landed, duckdb, entries(8)) == ([8], False)
    landed.names["stripe", "customers"] = ("month=2026-01/d-4.parquet",)  # a stream that it does not read
    assert compute(tmp_path, landed, duckdb, entries(9)) == ([8], True)


@pytest.mark.parametrize(
    "other",
    [
        replace(Company(), zone="Asia/Tokyo"),
        replace(Company(), sources={**Company().sources, "registers": Settings({"changed": True})}),
    ],
    ids=["zone", "settings"],
)
def test_another_setting_of_the_company_computes_it_again(
    tmp_path: Path, landed: Landed, duckdb: Any, other: Company
) -> None:
    compute(tmp_path, landed, duckdb, entries(100))
    assert compute(tmp_path, landed, duckdb, entries(7), other) == ([7], False)
    assert SETTINGS["registers"] == {}


def test_what_landed_while_a_fact_was_computed_is_not_taken_for_part_of_it(
    tmp_path: Path, landed: Landed, duckdb: Any
) -> None:
    with FactTables(entries(100), Company(), duckdb, kept=KeptFacts(tmp_path, landed, Company())) as tables:
        tables.materialise([FACT])
        landed.names["registers", "ledger"] = ("month=2026-01/a-1.parquet", "month=2026-01/e-5.parquet")
        tables.keep(FACT)
    assert compute(tmp_path, landed, duckdb, entries(100, 200)) == ([100, 200], False)


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path, landed: Landed, duckdb: Any) -> None:
    (tmp_path / Company().id).write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(StoreUnavailable, match="keeping the fact ledger_entry of mister_dj"):
        compute(tmp_path, landed, duckdb, entries(100))


def test_other_engines_keep_nothing(tmp_path: Path, landed: Landed, postgres: Any) -> None:
    assert compute(tmp_path, landed, postgres, entries(100)) == ([100], False)
    assert compute(tmp_path, landed, postgres, entries(7)) == ([7], False)
    assert list(tmp_path.iterdir()) == []

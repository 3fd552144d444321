"""Whatever is done to history behind our back is found and named; whatever we do ourselves is none of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from kpi_pipeline.history.integrity import Difference, check
from kpi_pipeline.history.ledger import row_digest
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.history.test_store import DAY, NOW, observed

HOUR = timedelta(hours=1)
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def written(store: HistoryStore) -> HistoryStore:
    """Two days; the first is revised once; another KPI and another company beside it."""
    store.record([observed(), observed(day=NEXT)], run_id="r1", now=NOW)
    store.record([observed(value=Decimal(40))], run_id="r2", now=NOW + HOUR)
    store.record([observed(kpi="runway"), observed(company="other")], run_id="r3", now=NOW + 2 * HOUR)
    return store


def change(store: HistoryStore, statement: str, **values: object) -> list[Difference]:
    with store.engine.begin() as connection:
        connection.execute(text(statement), values)
    return list(check(store, "mister_dj").differences)


def test_what_we_wrote_ourselves_is_as_it_was(written: HistoryStore) -> None:
    found = check(written, "mister_dj")
    assert (found.rows, found.unproved, found.batches, found.differences) == (4, 0, 3, ())
    assert check(written, "nobody").rows == 0


@pytest.mark.parametrize(
    "change_of",
    [
        {"value": "41"},
        {"numerator": None},
        {"n": 8},
        {"status": "critical"},
        {"target": ">= 20"},
        {"run_id": "r9"},
        {"input_hash": "i9"},
        {"cause": "first"},
    ],
)
def test_one_changed_field_of_one_row_is_found_and_named(
    written: HistoryStore, change_of: Mapping[str, object]
) -> None:
    ((column, value),) = change_of.items()
    found = change(
        written, f"update observation set {column} = :value where company = 'mister_dj' and run_id = 'r2'", value=value
    )
    (finding,) = found
    assert (finding.kind, finding.kpi, finding.day) == ("changed_row", "nps", DAY)


def test_a_row_rewritten_with_its_digest_does_not_fit_its_batch(written: HistoryStore) -> None:
    row = written.value("mister_dj", "nps", DAY)
    assert row is not None
    forged = row_digest(replace(row, value=Decimal(41)))
    statement = "update observation set value = '41', digest = :digest where run_id = 'r2'"
    (finding,) = change(written, statement, digest=forged)
    assert finding.kind == "changed_batch"
    assert "run r2" in finding.message


def test_a_row_that_is_gone_or_was_added_is_found(written: HistoryStore) -> None:
    found = change(written, "delete from observation where run_id = 'r2'")
    assert {each.kind for each in found} == {"missing_rows", "gap"}
    assert {(each.kpi, each.day) for each in found if each.kind == "gap"} == {("nps", DAY)}
    assert next(each.message for each in found if each.kind == "missing_rows").endswith("wrote 1 rows, 0 are left")


def test_a_row_that_was_put_in_without_a_batch_is_found(written: HistoryStore) -> None:
    columns = "company, kpi, segment, value, status, period_start, period_end, closed, provisional, definition_version"
    columns += ", definition_hash, input_hash, run_id, recorded_at, cause"
    statement = f"insert into observation (day, {columns}) select '2026-01-01', {columns} from observation"
    (finding,) = change(written, f"{statement} where kpi = 'runway'")
    assert (finding.kind, finding.kpi, str(finding.day)) == ("added_rows", "runway", "2026-01-01")


def test_two_current_values_of_a_day_or_a_reopened_one_are_found(written: HistoryStore) -> None:
    later = (NOW + 3 * HOUR).replace(tzinfo=None) if written.engine.dialect.name == "sqlite" else NOW + 3 * HOUR
    statement = "update observation set superseded_at = :later where run_id = 'r1' and superseded_at is not null"
    (finding,) = change(written, statement, later=later)
    assert (finding.kind, finding.kpi, finding.day) == ("overlap", "nps", DAY)


def test_the_chain_of_batches_has_no_holes(written: HistoryStore) -> None:
    found = change(written, "delete from batch where company = 'mister_dj' and number = 2")
    assert [each.kind for each in found] == ["missing_batch", "missing_batch"]
    assert "batch 2 is gone" in found[0].message
    found = change(written, "update batch set run_id = 'r9' where company = 'mister_dj' and number = 3")
    assert "changed_batch" in {each.kind for each in found}


def test_rows_of_before_there_were_digests_are_counted_not_accused(written: HistoryStore) -> None:
    with written.engine.begin() as connection:
        connection.execute(text("update observation set digest = null, batch = null"))
        connection.execute(text("delete from batch"))
    found = check(written, "mister_dj")
    assert (found.rows, found.unproved, found.differences) == (4, 4, ())

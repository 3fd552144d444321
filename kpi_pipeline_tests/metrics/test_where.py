"""The language of conditions: what it says, and what it refuses."""

from __future__ import annotations

import ibis
import pytest

from kpi_pipeline.metrics import where

ROWS = ibis.memtable(
    {
        "id": ["a", "b", "c", "d"],
        "kind": ["in", "out", "out", None],
        "amount": [1, 5, None, -2],
        "paid": [True, False, True, None],
        "start": [10, 20, 30, 40],
    },
    schema={"id": "string", "kind": "string", "amount": "int64", "paid": "boolean", "start": "int64"},
)


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("", "abcd"),
        ("paid", "ac"),
        ("not paid", "b"),
        ("paid = true and kind = 'out'", "c"),
        ("kind in ('in', 'gone')", "a"),
        ("kind not in ('in')", "bc"),
        ("amount is null", "c"),
        ("amount is not null and kind is null", "d"),
        ("amount >= 1 or amount < -1", "abd"),
        ("start - amount * 2 > 9", "bd"),
        ("start between 20 and 30", "bc"),
        ("-amount = 2 or (kind != 'out' and not paid)", "d"),
        ("amount + 1 <> 2", "bd"),
    ],
)
def test_conditions_keep_rows(condition: str, ids: str) -> None:
    kept = ibis.duckdb.connect().to_pyarrow(where.keep(ROWS, condition).id)
    assert "".join(sorted(kept.to_pylist())) == ids


@pytest.mark.parametrize(
    "condition",
    [
        "amount / 2 > 1",
        "lower(kind) = 'in'",
        "id in (select id from t)",
        "exists (select 1)",
        "kind like 'o%'",
        "amount > 1; drop table lead",
        "cast(amount as text) = '1'",
        "case when paid then 1 end = 1",
    ],
)
def test_anything_else_is_refused(condition: str) -> None:
    with pytest.raises(ValueError, match=r"uses|does not parse|with a list of values"):
        where.parse(condition)


def test_a_broken_condition_names_itself() -> None:
    with pytest.raises(ValueError, match=r"condition 'kind = ' does not parse"):
        where.parse("kind = ")


def test_a_column_of_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="without a table"):
        where.parse("lead.kind = 'in'")


def test_an_unknown_column_comes_with_a_suggestion() -> None:
    with pytest.raises(ValueError, match="fact 'lead' has no column 'kid'; did you mean 'kind'"):
        where.check("kid = 'in'", "lead", ROWS.columns)


def test_columns_are_found_in_order() -> None:
    assert where.columns("paid and (kind = 'in' or amount > start) and paid") == ["paid", "kind", "amount", "start"]

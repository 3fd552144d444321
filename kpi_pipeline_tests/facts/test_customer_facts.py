"""Facts made of other facts: classes of revenue, indexed prices, opinions and what they weigh, deliveries by issue.

The facts they build on are given as tables; columns that do not matter are null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline_tests.facts.records import SETTINGS, Company, Records, Settings
from kpi_pipeline_tests.spec.tables import fact

Read = Callable[..., list[dict[str, Any]]]


class Given(FactTables):
    """Facts of which some are given."""

    given: Mapping[str, Table]

    def table(self, name: str) -> Table:
        return self.given[name] if name in self.given else super().table(name)


@pytest.fixture
def made(duckdb: Any, records: Records) -> Read:
    """The named columns of a fact's rows, in order."""

    def read(name: str, columns: str, settings: Mapping[str, Any] | None = None, **given: str) -> list[tuple[Any, ...]]:
        sources = {**Company().sources, "stripe": Settings({**SETTINGS["stripe"], **(settings or {})})}
        tables = Given(records, replace(Company(), sources=sources), duckdb)
        tables.given = {other: fact(other, text) for other, text in given.items()}
        rows = tables.table(name).to_pyarrow().to_pylist()
        return sorted(tuple(row[column] for column in columns.split()) for row in rows)

    return read


CLASSES = """
product | class     | from_day   | to_day
IIP     | ai        | 2025-11-01 |
IIP     | successor | 2025-01-01 |
Desktop | legacy    | 2025-01-01 | 2026-01-01
"""


def test_a_change_counts_in_every_class_its_product_has_on_that_local_day(made: Read) -> None:
    changes = """
        change_id | product | changed_at          | delta_minor
        a         | IIP     | 2025-10-31 23:59:59 | 1
        b         | IIP     | 2025-11-01 00:00:00 | 2
        c         | Desktop | 2025-12-31 23:59:59 | 4
        d         | Desktop | 2026-01-01 00:00:00 | 8
        e         | Other   | 2025-11-01 00:00:00 | 16
        """
    found = made("classed_mrr_change", "change_id class delta_minor", mrr_change=changes, product_class=CLASSES)
    assert found == [("a", "successor", 1), ("b", "ai", 2), ("b", "successor", 2), ("c", "legacy", 4)]


def test_indexing_is_what_a_listed_day_adds_to_what_goes_on(made: Read) -> None:
    """b is new that day, c ends on it, d changed the day after; of a what had changed before does not count."""
    changes = """
        customer_id | product | changed_at          | delta_minor
        a           | RPA     | 2025-05-01 10:00    | 1000
        a           | RPA     | 2026-01-01 00:00    | 30
        a           | RPA     | 2026-01-01 23:59:59 | 2
        b           | RPA     | 2026-01-01 10:00    | 500
        c           | RPA     | 2025-05-01 10:00    | 700
        c           | RPA     | 2026-01-01 10:00    | -700
        d           | RPA     | 2025-05-01 10:00    | 700
        d           | RPA     | 2026-01-02 00:00    | 21
        """
    listed = {"indexation_days": ["2026-01-01"]}
    assert made("price_indexation", "customer_id product delta_minor", listed, mrr_change=changes) == [("a", "RPA", 32)]
    assert made("price_indexation", "customer_id", {"indexation_days": []}, mrr_change=changes) == []


ANSWERS = """
answer_id | form | question | respondent | customer_id | wave | submitted_at     | superseded_at    | score
1         | p    | q        | ann        | c1          | W1   | 2026-02-01 10:00 | 2026-02-03 10:00 | 9
2         | p    | q        | bob        | c1          | W1   | 2026-02-02 10:00 |                  | 6
3         | p    | q        | ann        | c1          | W1   | 2026-02-03 10:00 |                  | 8
4         | p    | q        | bob        | c1          | W2   | 2026-08-01 10:00 |                  | 5
5         | p    | q        | eve        |             | W1   | 2026-02-01 10:00 |                  | 1
6         | p    | q        | dan        | c2          |      | 2026-02-01 10:00 |                  | 7
"""
CHANGES = """
customer_id | changed_at       | delta_minor
c1          | 2025-03-01 09:00 | 1000
c1          | 2026-02-02 10:00 | 1
c1          | 2026-02-02 10:01 | 10
"""


def test_an_opinion_is_the_latest_of_each_person_in_the_last_wave(made: Read) -> None:
    """Worth twelve times the revenue before the answer: a change at that very instant is not in it."""
    found = made(
        "customer_opinion",
        "customer_id wave answers score_total arr_minor",
        survey_answer=ANSWERS,
        mrr_change=CHANGES,
    )
    assert found == [
        ("c1", "W1", 1, 9, 12_000),
        ("c1", "W1", 2, 14, 12_132),
        ("c1", "W1", 2, 15, 12_000),
        ("c1", "W2", 1, 5, 12_132),
        ("c2", "", 1, 7, 0),
    ]


def test_an_opinion_stands_until_the_customer_answers_again(made: Read) -> None:
    found = made("customer_opinion", "customer_id answered_at superseded_at", survey_answer=ANSWERS, mrr_change=CHANGES)
    mine = [row[1:] for row in found if row[0] == "c1"]
    assert [after for _, after in mine] == [at for at, _ in mine[1:]] + [None]


def test_revenue_times_mean_score_is_rounded_half_up(made: Read) -> None:
    """12 × 57 ÷ 8 = 85.5, and 12 × 56 ÷ 8 = 84."""
    head = "answer_id | form | question | respondent | customer_id | wave | submitted_at | superseded_at | score"
    changes = "customer_id | changed_at | delta_minor\nc | 2025-03-01 09:00 | 1"
    for scores, expected in (((8, 7, 7, 7, 7, 7, 7, 7), 86), ((7,) * 8, 84)):
        lines = [f"{i} | p | q | r{i} | c | W | 2026-02-01 10:00 | | {score}" for i, score in enumerate(scores)]
        answers = "\n".join([head, *lines])
        assert made("customer_opinion", "arr_score_minor", survey_answer=answers, mrr_change=changes) == [(expected,)]


ITEMS = """
item_id | product_group | value_e2 | due_day    | due_quarter_over_day | delivered_day | moved_out | hard_reason
TR-1    | RPA           | 100      | 2026-03-20 | 2026-04-01           |               | no        | customer
TR-2    | RPA           | 100      | 2026-03-20 | 2026-04-01           |               | no        |
TR-3    | RPA           | 100      | 2026-03-20 | 2026-04-01           | 2026-03-01    | no        |
TR-4    | RPA           | 100      | 2026-03-20 | 2026-04-01           |               | no        |
TR-5    | RPA           | 100      | 2026-03-20 | 2026-04-01           |               | yes       |
"""
ISSUES = """
issue_id | identifier | completed_at        | canceled_at
1        | TR-1       | 2026-03-31 23:59:59 |
2        | TR-2       | 2026-04-01 00:00:00 |
3        | TR-3       | 2026-05-01 10:00    |
4        | TR-4       |                     |
5        | TR-5       | 2026-03-01 10:00    | 2026-03-02 10:00
"""


def test_the_register_says_when_an_item_was_delivered_or_else_its_issue(made: Read) -> None:
    """TR-1 in the last second of its quarter, TR-2 a second later; TR-4 is open again, TR-5 was dropped."""
    found = made("roadmap_delivery", "item_id delivered_day on_time in_quarter", roadmap_item=ITEMS, issue=ISSUES)
    assert [(row[0], row[2], row[3]) for row in found] == [
        ("TR-1", False, True),
        ("TR-2", False, False),
        ("TR-3", True, True),
        ("TR-4", False, False),
        ("TR-5", False, False),
    ]
    assert [row[1] is None for row in found] == [False, False, False, True, True]

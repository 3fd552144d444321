"""Balances and base cohorts on changes few enough to be recounted by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from kpi_pipeline.catalogue.model import Kpi
from kpi_pipeline.metrics.engine import Engine
from kpi_pipeline.metrics.kinds import KINDS
from kpi_pipeline.metrics.kinds.base_cohort import MEASURES, NAMES
from kpi_pipeline.metrics.words import LANGUAGES
from kpi_pipeline_tests.recurring.kpis import Company, kpi
from kpi_pipeline_tests.spec.tables import fact, instant, rows

# In cents. At the end of October: ann 100, bob 50, cor 30, dan 0 (left in August), eve 40 in dollars; nobody else.
# November: ann +20, bob −50 (leaves on the 10th at midnight), cor −10, dan back at 25, fay new at 60 and gone again on
# the 20th, gus new at 70, eve's dollars lose 3 at the end of November.
CHANGES = """
customer_id | product | reason       | changed_at              | delta_minor | first_at
ann         | portal  | subscription | 2026-01-05 09:00        | 100         | 2026-01-05 09:00
bob         | portal  | subscription | 2026-02-01 00:00        | 50          | 2026-02-01 00:00
cor         | archive | subscription | 2026-03-31 23:59:59.999 | 30          | 2026-03-31 23:59:59.999
dan         | portal  | subscription | 2026-04-01 10:00        | 80          | 2026-04-01 10:00
dan         | portal  | subscription | 2026-08-15 10:00        | -80         | 2026-04-01 10:00
eve         | portal  | subscription | 2026-09-01 10:00        | 40          | 2026-09-01 10:00
ann         | portal  | subscription | 2026-11-01 00:00        | 20          | 2026-01-05 09:00
bob         | portal  | subscription | 2026-11-11 00:00        | -50         | 2026-02-01 00:00
cor         | archive | subscription | 2026-11-12 08:00        | -10         | 2026-03-31 23:59:59.999
dan         | portal  | subscription | 2026-11-13 08:00        | 25          | 2026-04-01 10:00
fay         | portal  | subscription | 2026-11-14 08:00        | 60          | 2026-11-14 08:00
fay         | portal  | subscription | 2026-11-20 08:00        | -60         | 2026-11-14 08:00
gus         | portal  | subscription | 2026-11-30 23:59:59     | 70          | 2026-11-30 23:59:59
eve         | portal  | fx           | 2026-11-30 23:59:59.999 | -3          | 2026-09-01 10:00
"""
NOW = "2026-12-02 12:00"
MONTH: dict[str, Any] = {"base": "start of window", "first": "first_at"}


@pytest.fixture
def check(backend: Any) -> Callable[[Kpi, str], None]:
    def compare(declared: Kpi, expected: str, now: str = NOW, changes: str = CHANGES) -> None:
        engine = Engine(backend, {"mrr_change": fact("mrr_change", changes)}, Company(), now=instant(now))
        wanted = rows(expected)
        days = [date.fromisoformat(row["day"]) for row in wanted]
        found = {each.day: each for each in engine.measure(declared, min(days), max(days))}
        for day, row in zip(days, wanted, strict=True):
            seen = {name: getattr(found[day], name) for name in row if name != "day"}
            assert seen == {name: _cell(name, text) for name, text in row.items() if name != "day"}, day

    return compare


def _cell(name: str, text: str) -> Any:
    if text == "-":
        return None
    if name == "closed":
        return text == "yes"
    return int(text) if name == "n" else Decimal(text)


def test_mrr_is_what_all_changes_before_the_end_of_the_day_come_to(check: Callable[..., None]) -> None:
    check(
        kpi("balance", "at day end"),
        """
        day        | value | n
        2025-12-31 | 0     | 0
        2026-01-05 | 1     | 1
        2026-02-01 | 1.5   | 2
        2026-03-30 | 1.5   | 2
        2026-03-31 | 1.8   | 3
        2026-10-31 | 2.2   | 4
        2026-11-01 | 2.4   | 4
        2026-11-10 | 2.4   | 4
        2026-11-11 | 1.9   | 3
        2026-11-30 | 2.72  | 5
        2026-12-02 | 2.72  | 5
        """,
    )


def test_customers_are_those_with_something_and_a_mean_of_nobody_is_none(check: Callable[..., None]) -> None:
    check(
        kpi("balance", "at day end", "count", take="entities"),
        """
        day        | value | n
        2025-12-31 | 0     | 0
        2026-08-14 | 4     | 4
        2026-08-15 | 3     | 3
        2026-11-19 | 5     | 5
        2026-11-30 | 5     | 5
        """,
    )
    check(
        kpi("balance", "at day end", take="mean", where="product = 'portal'"),
        """
        day        | value | numerator | denominator | n
        2025-12-31 | -     | 0         | 0           | 0
        2026-02-01 | 0.75  | 150       | 2           | 2
        2026-11-30 | 0.63  | 252       | 4           | 4
        """,
    )


@pytest.mark.parametrize(
    ("measure", "value", "n"),
    [
        ("new", "0.7", "1"),  # gus in the last second; fay came and went: nothing then, nothing now
        ("reactivated", "0.25", "1"),  # dan, although bigger than before he came back
        ("gained", "0.95", "2"),
        ("lost", "0.5", "1"),
        ("expansion", "0.2", "1"),
        ("contraction", "0.1", "1"),
        ("net_of_survivors", "0.1", "3"),
        ("net_change", "0.55", "5"),
        ("retained", "1.8", "3"),
        ("retained_capped", "1.6", "3"),
        ("base", "2.2", "4"),
        ("now", "2.75", "5"),
    ],
)
def test_each_movement_of_a_month_at_constant_rates(
    check: Callable[..., None], measure: str, value: str, n: str
) -> None:
    moving = kpi("base_cohort", "calendar month", measure=measure, moving="reason = 'subscription'", **MONTH)
    check(moving, f"day | value | n | closed\n2026-11-30 | {value} | {n} | yes")
    if measure != "retained_capped":
        counted = kpi("base_cohort", "calendar month", "count", measure=f"{measure}_count", **MONTH)
        same = n if measure not in ("contraction", "net_change") else {"contraction": "2", "net_change": "6"}[measure]
        check(counted, f"day | value | n\n2026-11-30 | {same} | {same}")  # with rates eve shrinks too


def test_a_month_to_date_begins_with_nothing_moved_and_a_new_month_with_a_new_base(check: Callable[..., None]) -> None:
    check(
        kpi("base_cohort", "calendar month", "percent", measure=["lost", "contraction", "-expansion"], over="base",
            **MONTH),
        """
        day        | value           | numerator | denominator | n
        2026-10-31 | 0               | 0         | 220         | 4
        2026-11-01 | -9.090909090909 | -20       | 220         | 4
        2026-11-10 | -9.090909090909 | -20       | 220         | 4
        2026-11-11 | 13.636363636364 | 30        | 220         | 4
        2026-11-30 | 19.545454545455 | 43        | 220         | 4
        2026-12-01 | 0               | 0         | 272         | 5
        """,
    )  # fmt: skip


def test_churn_against_a_fixed_reference_counts_who_is_gone_now_not_who_ever_left(check: Callable[..., None]) -> None:
    """Dan left in August and is back in November: lost in between, not at the end. Contraction is no loss."""
    check(
        kpi("base_cohort", "at day end", "percent", base="2026-06-30", measure="lost", over="base"),
        """
        day        | value           | numerator | denominator | n
        2026-06-29 | -               | 0         | 0           | 0
        2026-06-30 | 0               | 0         | 260         | 4
        2026-08-14 | 0               | 0         | 260         | 4
        2026-08-15 | 30.769230769231 | 80        | 260         | 4
        2026-11-12 | 50              | 130       | 260         | 4
        2026-11-13 | 19.230769230769 | 50        | 260         | 4
        """,
    )


def test_before_the_reference_there_is_no_base_to_divide_by(check: Callable[..., None]) -> None:
    check(
        kpi("base_cohort", "at day end", "percent", base="2025-12-31", measure="gained", over="base"),
        """
        day        | value | numerator | denominator | n
        2026-01-04 | -     | 0         | 0           | 0
        2026-01-05 | -     | 100       | 0           | 0
        """,
    )


def test_months_ago_is_the_day_of_the_same_number_or_the_last_of_a_shorter_month(check: Callable[..., None]) -> None:
    check(
        kpi("base_cohort", "at day end", "percent", base="9 months ago", measure="retained", over="base"),
        """
        day        | value           | numerator | denominator | n
        2026-10-31 | 100             | 100       | 100         | 1
        2026-11-01 | 113.333333333333| 170       | 150         | 2
        2026-11-30 | 80              | 120       | 150         | 2
        """,
    )
    check(
        kpi("base_cohort", "at day end", base="1 month ago", measure="base"),
        """
        day        | value
        2026-04-29 | 1.5
        2026-04-30 | 1.5
        2026-05-01 | 2.6
        2026-03-30 | 1.5
        2026-03-31 | 1.5
        """,
    )


def test_a_base_years_before_the_window_is_cut_at_the_midnight_of_its_own_season(check: Callable[..., None]) -> None:
    """23:30 on 30 June is still June in summer time, however far the windows are from it."""
    summer = """
    customer_id | reason       | changed_at       | delta_minor | first_at
    ann         | subscription | 2024-06-30 23:30 | 100         | 2024-06-30 23:30
    bob         | subscription | 2024-07-01 00:30 | 50          | 2024-07-01 00:30
    """
    declared = kpi("base_cohort", "at day end", base="2024-06-30", measure=["base"])
    check(declared, "day | value\n2026-12-01 | 1", changes=summer)


def test_the_running_day_counts_what_has_happened_by_now(check: Callable[..., None]) -> None:
    lost = kpi("base_cohort", "rolling 30 days", "percent", measure="lost_count", over="base_count",
               base="start of window")  # fmt: skip
    check(lost, "day | value | closed\n2026-11-10 | 0 | no", now="2026-11-10 23:59")
    check(lost, "day | value | closed\n2026-11-11 | 25 | no", now="2026-11-11 00:01")


def test_new_in_a_product_is_new_for_the_customer(check: Callable[..., None]) -> None:
    both = """
    customer_id | product | reason       | changed_at       | delta_minor | first_at
    ann         | archive | subscription | 2026-01-05 09:00 | 100         | 2026-01-05 09:00
    ann         | portal  | subscription | 2026-11-05 09:00 | 30          | 2026-01-05 09:00
    bob         | portal  | subscription | 2026-11-06 09:00 | 40          | 2026-11-06 09:00
    """
    for measure, value in (("new", "0.4"), ("reactivated", "0.3"), ("gained", "0.7")):
        declared = kpi("base_cohort", "calendar month", measure=measure, where="product = 'portal'", **MONTH)
        check(declared, f"day | value\n2026-11-30 | {value}", changes=both)


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"base": "last year", "measure": "lost"}, "write 'start of window', '12 months ago' or '2025-06-30'"),
        ({"base": "2025-02-30", "measure": "lost"}, "base '2025-02-30'"),
        ({"base": "2025-06-30", "measure": "churned"}, "'churned' is no measure of a cohort; they are base, now"),
        ({"base": "2025-06-30", "measure": "retained_capped_count"}, "no measure of a cohort"),
        ({"base": "2025-06-30", "measure": []}, "at least 1"),
        ({"base": "2025-06-30", "measure": "new"}, "new needs `first`"),
        ({"base": "2025-06-30", "measure": "lost", "over": "-new_count"}, "new_count needs `first`"),
        ({"base": "2025-06-30", "measure": "lost", "per": "customer"}, "did you mean 'customer_id'"),
        ({"base": "2025-06-30", "measure": "lost", "where": "group = 'x'"}, "has no column 'group'"),
    ],
)
def test_a_definition_that_means_nothing_is_refused(params: dict[str, Any], match: str) -> None:
    with pytest.raises(ValidationError, match=match):
        kpi("base_cohort", "at day end", **params)


def test_movements_without_rates_are_refused_over_more_than_a_month(check: Callable[..., None]) -> None:
    """Over a month-end what rates did is part of the balance: without it a lost customer would keep a few cents."""
    declared = kpi("base_cohort", "rolling 30 days", measure="lost", moving="reason = 'subscription'", **MONTH)
    with pytest.raises(ValueError, match="needs a window within one calendar month"):
        check(declared, "day | value\n2026-11-30 | 0")


def test_definitions_are_worded_in_both_languages() -> None:
    declared = kpi("base_cohort", "calendar month", measure=["lost", "-expansion_count"], over="base", **MONTH)
    said = {language: KINDS["base_cohort"].words(declared.params, language) for language in LANGUAGES}
    assert said["en"] == (
        "balance of those who have none left − number: expansion ÷ balance at the base (by customers; base: start of "
        "window)"
    )
    assert "stand van wie niets meer heeft" in said["nl"]
    for name in NAMES:
        every = kpi("base_cohort", "calendar month", measure=name, **MONTH)
        assert KINDS["base_cohort"].words(every.params, "nl") != KINDS["base_cohort"].words(every.params, "en")
    assert len(MEASURES) == 12


def test_the_records_behind_a_value_are_the_changes_since_the_base(backend: Any) -> None:
    engine = Engine(backend, {"mrr_change": fact("mrr_change", CHANGES)}, Company(), now=instant(NOW))
    lost = kpi("base_cohort", "calendar month", measure="lost", **MONTH)
    found = engine.contributors(lost, date(2026, 11, 12))
    assert sorted((each.ids["customer_id"], each.fields["delta_minor"]) for each in found) == [
        ("ann", 20),
        ("bob", -50),
        ("cor", -10),
    ]
    assert len(engine.contributors(kpi("balance", "at day end"), date(2026, 12, 1))) == 14

"""Cohorts by hand: who began when, who is left, whose revenue; what is not over yet is not there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_pipeline.analytics import customer_cohorts, feature_cohorts
from kpi_pipeline.analytics.days import month_starts
from kpi_pipeline.analytics.params import CustomerCohorts, FeatureCohorts

WEEK = 7 * 86_400_000


def at(text: str) -> int:
    """'2026-01-05' or '2026-01-05 10:00' in UTC, in ms."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


STARTS = month_starts(date(2026, 1, 1), date(2026, 4, 30), "UTC")
CHANGES = [
    # A grows, leaves in March, is back in April.
    ("A", at("2026-01-05"), at("2026-01-05"), 100),
    ("A", at("2026-01-05"), at("2026-02-10"), 50),
    ("A", at("2026-01-05"), at("2026-03-20"), -150),
    ("A", at("2026-01-05"), at("2026-04-02"), 80),
    # B stays as it began.
    ("B", at("2026-01-20"), at("2026-01-20"), 200),
    # C leaves in the month in which it began.
    ("C", at("2026-02-03"), at("2026-02-03"), 300),
    ("C", at("2026-02-03"), at("2026-02-25"), -300),
    # D shrinks in the last second of April.
    ("D", at("2026-02-15"), at("2026-02-15"), 100),
    ("D", at("2026-02-15"), at("2026-04-30 23:59:59"), -40),
    # E was there before the months that are asked for.
    ("E", at("2025-11-30"), at("2025-11-30"), 900),
]


def customers(end: str, months: tuple[int, ...] = (0, 1, 3), changes: Any = CHANGES) -> list[tuple[Any, ...]]:
    known = [each for each in changes if each[2] < at(end)]
    rows = customer_cohorts.table(known, STARTS, at(end), CustomerCohorts(months=months))
    return [tuple(row.values()) for row in rows]


def test_who_is_left_and_with_what() -> None:
    #        cohort     size month kept MRR base
    assert customers("2026-05-01") == [
        ("2026-01", 2, 0, 2, 300, 300),
        ("2026-01", 2, 1, 2, 350, 300),
        ("2026-01", 2, 3, 2, 280, 300),  # A is back: 80 + 200
        ("2026-02", 2, 0, 1, 100, 100),  # C was gone at the end of February
        ("2026-02", 2, 1, 1, 100, 100),
    ]


def test_a_month_that_is_not_over_is_not_there() -> None:
    assert customers("2026-04-30") == [
        ("2026-01", 2, 0, 2, 300, 300),
        ("2026-01", 2, 1, 2, 350, 300),
        ("2026-02", 2, 0, 1, 100, 100),
        ("2026-02", 2, 1, 1, 100, 100),
    ]
    assert customers("2026-01-31") == []


def test_a_customer_who_is_away_at_the_end_of_the_month_is_not_left() -> None:
    assert customers("2026-05-01", months=(2,)) == [("2026-01", 2, 2, 1, 200, 300), ("2026-02", 2, 2, 1, 60, 100)]


def test_a_change_at_midnight_belongs_to_the_month_that_begins() -> None:
    changes = [("F", at("2026-02-01"), at("2026-02-01"), 10), ("F", at("2026-02-01"), at("2026-03-01"), -10)]
    assert customers("2026-05-01", months=(0, 1), changes=changes) == [
        ("2026-02", 1, 0, 1, 10, 10),
        ("2026-02", 1, 1, 0, 0, 10),
    ]


def test_months_are_those_of_the_zone() -> None:
    starts = month_starts(date(2026, 1, 1), date(2026, 2, 28), "Europe/Amsterdam")
    late = at("2026-01-31 23:30")  # half past midnight on 1 February in Amsterdam
    rows = customer_cohorts.table([("G", late, late, 10)], starts, at("2026-03-01"), CustomerCohorts(months=(0,)))
    assert [row["cohort"] for row in rows] == ["2026-02"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.integers(0, 119), st.integers(-300, 500)), min_size=1, max_size=25
    ).map(lambda found: sorted(found, key=lambda each: each[1]))
)
def test_cohorts_partition_customers_and_revenue(found: list[tuple[str, int, int]]) -> None:
    """All cohorts together are everybody who was ever above nothing, and at month 0 their MRR is what they had then."""
    level: dict[str, int] = {}
    first: dict[str, int] = {}
    changes = []
    for customer, day, wanted in found:
        delta = max(wanted, -level.get(customer, 0))
        level[customer] = level.get(customer, 0) + delta
        moment = at("2026-01-01") + day * 86_400_000
        if level[customer] > 0:
            first.setdefault(customer, moment)
        if delta and customer in first:
            changes.append((customer, moment, delta))
    whole = [(customer, first[customer], moment, delta) for customer, moment, delta in changes]
    rows = customer_cohorts.table(whole, STARTS, at("2026-05-01"), CustomerCohorts(months=(0, 1, 2, 3)))
    assert sum(row["size"] for row in rows if row["month"] == 0) == len(first)
    assert all(0 <= row["kept"] <= row["size"] for row in rows)
    last = {
        cohort: max(row["month"] for row in rows if row["cohort"] == cohort) for cohort in {r["cohort"] for r in rows}
    }
    at_end = sum(row["mrr_minor"] for row in rows if row["month"] == last[row["cohort"]])
    assert at_end == sum(level[customer] for customer in first)


FEATURES = FeatureCohorts(features={"reports": {"en": "Reports"}, "api": {"en": "API"}}, weeks=(1, 4))
QUARTERS = [
    (date(2026, 1, 1), at("2026-01-01")),
    (date(2026, 4, 1), at("2026-04-01")),
    (date(2026, 7, 1), at("2026-07-01")),
]


def test_features_ever_used_after_so_many_weeks() -> None:
    sign_ups = {"a": at("2026-01-10"), "b": at("2026-03-31 12:00"), "c": at("2026-04-02")}
    used = [
        ("a", "reports", at("2026-01-12")),
        ("a", "api", at("2026-02-01")),  # in the fourth week
        ("b", "reports", sign_ups["b"] + WEEK),  # the week is over
        ("c", "reports", at("2026-04-03")),
    ]
    rows = feature_cohorts.table(sign_ups, used, QUARTERS, at("2026-04-29"), FEATURES)
    assert [tuple(row.values()) for row in rows] == [
        ("2026-Q1", "reports", 1, 2, 1),
        ("2026-Q1", "reports", 4, 2, 2),
        ("2026-Q1", "api", 1, 2, 0),
        ("2026-Q1", "api", 4, 2, 1),
        # Of the second quarter accounts still sign up: no week is ripe.
    ]


def test_a_week_is_ripe_when_the_whole_quarter_is_that_old() -> None:
    sign_ups = {"a": at("2026-01-10")}
    for end, weeks in (("2026-04-07", []), ("2026-04-08", [1]), ("2026-04-28", [1]), ("2026-04-29", [1, 4])):
        rows = feature_cohorts.table(sign_ups, [], QUARTERS, at(end), FEATURES)
        assert [row["week"] for row in rows if row["feature"] == "api"] == weeks, end

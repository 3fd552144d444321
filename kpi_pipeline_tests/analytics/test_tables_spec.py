"""The other tables beneath the KPIs, each by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kpi_pipeline.analytics import (
    KINDS,
    feature_use,
    health,
    initiatives,
    journey,
    lead_funnel,
    leaderboard,
    pipeline,
    pipeline_outcome,
    win_loss,
)
from kpi_pipeline.analytics.days import month_ends, month_starts, months_until, quarter
from kpi_pipeline.analytics.feature_cohorts import quarters_until
from kpi_pipeline.analytics.health import Signs
from kpi_pipeline.analytics.initiatives import Step
from kpi_pipeline.analytics.journey import Life
from kpi_pipeline.analytics.params import Health, Leaderboard
from kpi_pipeline.analytics.pipeline_outcome import Chance
from kpi_pipeline.analytics.plans import Held
from kpi_pipeline.facts import FACTS
from kpi_pipeline.metrics.windows import day_index
from kpi_pipeline_tests.analytics.test_cohorts_spec import at

DAY = date(2026, 11, 21)


def values(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows]


def test_features_by_plan_are_shares_of_the_active() -> None:
    used = {"a": {"reports", "api"}, "b": {"reports"}, "c": {"login"}, "d": {"api"}}
    plan = {"a": "Team", "b": "Team", "c": "Team", "d": ""}
    assert values(feature_use.table(used, plan, ["reports", "api"])) == [
        ("reports", "Team", 3, 2),
        ("reports", "", 1, 0),
        ("api", "Team", 3, 1),
        ("api", "", 1, 1),
    ]


def test_a_journey_has_as_many_ends_as_beginnings() -> None:
    signed, day = at("2026-06-01"), 86_400_000
    lives = [
        Life(signed, {"reports": signed + day, "api": signed + 2 * day}, paying=True),
        Life(signed, {"api": signed + day, "reports": signed + day}, paying=False),  # at once: the first by name
        Life(signed, {"reports": signed + 7 * day}, paying=False),  # not within a week, but within 30 days
        Life(signed, {}, paying=True),
    ]
    found = values(journey.table(lives))
    assert found == [
        (0, "signed_up", "nothing", 2),
        (0, "signed_up", "api", 1),
        (0, "signed_up", "reports", 1),
        (1, "api", "1-2", 1),
        (1, "nothing", "0", 1),
        (1, "nothing", "1-2", 1),
        (1, "reports", "1-2", 1),
        (2, "1-2", "not_paying", 2),
        (2, "0", "paying", 1),
        (2, "1-2", "paying", 1),
    ]
    for stage in range(3):
        assert sum(row[3] for row in found if row[0] == stage) == len(lives)


def test_leads_are_followed_to_the_stage_they_reached() -> None:
    starts = month_starts(date(2026, 9, 1), date(2026, 10, 31), "UTC")
    people = [
        (at("2026-09-03"), at("2026-09-04"), at("2026-09-09"), at("2026-11-01")),
        (at("2026-09-05"), None, at("2026-09-09"), None),  # nobody wrote down that marketing had passed it
        (at("2026-09-30 23:59:59"), at("2026-11-25"), None, None),  # not yet, on the day of the table
        (at("2026-10-01"), None, None, None),
    ]
    assert values(lead_funnel.table(people, starts, at("2026-11-22"))) == [
        ("2026-09", 3, 2, 2, 1),
        ("2026-10", 1, 0, 0, 0),
    ]


def test_the_pipeline_is_weighted_by_stage_and_overdue_stands_first() -> None:
    deals = [
        (at("2026-12-05"), "Demo", 2, 6_000, 10_001),
        (at("2026-12-31"), "Demo", 2, 6_000, 5_000),
        (at("2026-11-20"), "Qualified", 1, 4_000, 1_000),
        (None, "Qualified", 1, 4_000, 2_000),
        (at("2027-01-02"), None, None, None, 700),  # a stage that the pipeline lacks has no probability
        (at("2027-01-02"), "Demo", 2, 6_000, None),  # nobody wrote down what it is worth
    ]
    assert values(pipeline.table(deals, DAY, "UTC")) == [
        ("overdue", "Qualified", 1, 1, 1_000, 400),
        ("2026-12", "Demo", 2, 2, 15_001, 9_000),  # 6,000.6 is rounded down, deal by deal
        ("2027-01", "", -1, 1, 700, 0),
        ("2027-01", "Demo", 2, 1, 0, 0),
        ("undated", "Qualified", 1, 1, 2_000, 800),
    ]


def test_what_came_of_the_deals_that_were_open_at_the_end_of_a_month() -> None:
    deals = [
        Chance("won", at("2026-08-10"), at("2026-10-05"), won=True, amount_minor=10_001),
        Chance("lost", at("2026-09-01"), at("2026-09-30 23:00"), won=False, amount_minor=500),
        Chance("open", at("2026-09-30 23:59:59"), None, won=False, amount_minor=1_000),
        Chance("later", at("2026-10-01"), at("2026-11-30"), won=True, amount_minor=7_000),  # decided after the day
        Chance("no stage", at("2026-09-15"), at("2026-10-31"), won=False, amount_minor=3_000),
    ]
    way = {
        "won": [(at("2026-09-20"), 6_000), (at("2026-08-10"), 2_000), (at("2026-10-05"), 10_000)],
        "lost": [(at("2026-09-01"), 2_000)],
        "open": [(at("2026-09-30 23:59:59"), 2_000)],
        "later": [(at("2026-10-01"), 2_500)],
    }
    ends = [(date(2026, 8, 31), at("2026-09-01")), (date(2026, 9, 30), at("2026-10-01"))]
    ends.append((date(2026, 10, 31), at("2026-11-01")))
    assert values(pipeline_outcome.table(deals, way, ends, at("2026-11-22"))) == [
        #  month   deals amount weighted won won_minor lost open
        ("2026-08", 1, 10_001, 2_000, 1, 10_001, 0, 0),
        ("2026-09", 3, 14_001, 6_000 + 200, 1, 10_001, 1, 1),
        ("2026-10", 2, 8_000, 200 + 1_750, 0, 0, 0, 2),
    ]


REPS = Leaderboard.model_validate(
    {
        "reps": [
            {"owner": "1", "name": "Ann", "quota": [{"amount": 100}, {"since": date(2026, 10, 1), "amount": "120.50"}]},
            {"owner": "2", "name": "Bob", "quota": [{"since": date(2026, 10, 2), "amount": 90}]},
            {"owner": "3", "name": "Cas"},
        ]
    }
)


def test_reps_are_ranked_by_what_they_won_against_the_quota_of_the_quarter() -> None:
    deals = [("1", True, 5_000), ("1", False, 9_000), ("2", True, 6_000), ("9", True, 70_000), (None, False, None)]
    assert values(leaderboard.table(deals, REPS, DAY, 100)) == [
        ("2026-Q4", "2", 1, 0, 6_000, None),  # a quota that begins within the quarter counts from the next one
        ("2026-Q4", "1", 1, 1, 5_000, 12_050),
        ("2026-Q4", "3", 0, 0, 0, None),
        ("2026-Q4", "", 1, 1, 70_000, None),
    ]
    assert [row["owner"] for row in leaderboard.table([], REPS, DAY, 100)] == ["1", "2", "3"]


def test_won_and_lost_by_month_of_closing() -> None:
    starts = month_starts(date(2026, 10, 1), DAY, "UTC")
    deals = [(at("2026-10-31 23:00"), True, 500), (at("2026-11-01"), False, 300), (at("2026-11-02"), True, None)]
    assert values(win_loss.table(deals, starts)) == [("2026-10", 1, 0, 500, 0), ("2026-11", 1, 1, 0, 300)]


HEALTH = Health(features={"a": {}, "b": {}}, full_use=60, full_breadth=4, no_tickets=5)


@pytest.mark.parametrize(
    ("signs", "parts", "band"),
    [
        (Signs(10, 6, {"a", "b", "c", "d"}, 100, 100, 0), (25, 25, 25, 25), "healthy"),
        (Signs(10, 9, {"a", "b", "c", "d", "e"}, 300, 100, 0), (25, 25, 25, 25), "healthy"),  # never above 25
        (Signs(10, 3, {"a", "b"}, 75, 100, 1), (12, 12, 12, 20), "watch"),
        (Signs(10, 0, set(), 0, 100, 7), (0, 0, 0, 0), "at_risk"),
        (Signs(10, 1, {"a"}, 50, 100, 0), (4, 6, 0, 25), "at_risk"),  # use that halved gives nothing
        (Signs(0, 0, set(), 0, 0, 0), (0, 0, 0, 25), "at_risk"),
        (Signs(1, 1, {"a"}, 5, 0, 0), (25, 6, 25, 25), "healthy"),  # new: no use before to compare with
    ],
)
def test_a_score_is_four_parts_by_rules(signs: Signs, parts: tuple[int, ...], band: str) -> None:
    (row,) = health.customers({"acme": signs}, {"acme": Held(100, "Team")}, HEALTH)
    assert tuple(row[part] for part in ("use", "breadth", "trend", "support")) == parts
    assert (row["score"], row["band"]) == (sum(parts), band)


def test_customers_stand_by_what_is_at_stake_and_without_signs_are_at_risk() -> None:
    held = {"small": Held(100, "Team"), "large": Held(900, "Team"), "new": Held(100, "Team")}
    signs = {"small": Signs(1, 1, {"a", "b", "c", "d"}, 1, 1, 0), "left": Signs(1, 1, {"a"}, 1, 1, 0)}
    rows = health.customers(signs, held, HEALTH)
    assert [(row["customer"], row["score"]) for row in rows] == [("large", 25), ("new", 25), ("small", 100)]
    assert values(health.months(rows, date(2026, 10, 31))) == [
        ("month", "2026-10", "healthy", 1),
        ("month", "2026-10", "watch", 0),
        ("month", "2026-10", "at_risk", 2),
    ]


def test_an_initiative_stands_as_its_open_milestones_do() -> None:
    def step(item: str, planned: date, actual: date | None = None, status: str = "planned", weight: int = 100) -> Step:
        return Step(
            item, item.title(), weight, day_index(planned), None if actual is None else day_index(actual), status
        )

    past, future = date(2026, 11, 1), date(2026, 12, 1)
    rows = initiatives.table(
        [
            step("ahead", past, past),
            step("ahead", future, status="ahead"),
            step("done", past, past),
            step("late", past, None),
            step("plain", future, weight=300),
            step("plain", past, past),
            step("told", future, status="needs_attention"),
            step("unknown yet", past, future),  # done after the day of the table
        ],
        DAY,
    )
    assert [(row["item"], row["state"], row["done"], row["of"], row["next"]) for row in rows] == [
        ("ahead", "ahead", 100, 200, "2026-12-01"),
        ("done", "done", 100, 100, None),
        ("late", "needs_attention", 0, 100, "2026-11-01"),
        ("plain", "on_track", 100, 400, "2026-12-01"),
        ("told", "needs_attention", 0, 100, "2026-12-01"),
        ("unknown yet", "needs_attention", 0, 100, "2026-11-01"),
    ]


def test_periods() -> None:
    assert months_until(DAY, 2) == [date(2026, 10, 1), date(2026, 11, 1)]
    assert month_ends(DAY, 2) == [date(2026, 9, 30), date(2026, 10, 31)]
    assert month_ends(date(2026, 11, 30), 1) == [date(2026, 11, 30)]
    assert quarters_until(DAY, 3) == [date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1)]
    assert [quarter(date(2026, month, 1)) for month in (1, 3, 4, 12)] == ["2026-Q1", "2026-Q1", "2026-Q2", "2026-Q4"]


def test_every_kind_reads_facts_that_there_are_and_has_views() -> None:
    from kpi_pipeline.reports.panels.beneath import VIEWS

    assert {fact for kind in KINDS.values() for fact in kind.facts} <= set(FACTS)
    assert {(name, view) for name, kind in KINDS.items() for view in kind.params.views} == set(VIEWS)


def test_a_quota_is_more_than_nothing() -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        Leaderboard.model_validate({"reps": [{"owner": "1", "name": "A", "quota": [{"amount": Decimal(0)}]}]})

"""The world of DataInsight Pro: how large it is, what it holds that its KPIs turn on, and that its past stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from kpi_pipeline.sandbox import world
from kpi_pipeline.sandbox.truth.recurring import Revenue
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline_tests.sandbox.world.conftest import ANCHORS

ANCHOR = ANCHORS["datainsight_pro"]
NOW = datetime(2026, 11, 18, tzinfo=UTC)


@pytest.fixture(scope="module")
def found(world_of: Callable[[str], World]) -> World:
    return world_of("datainsight_pro")


@pytest.fixture(scope="module")
def revenue(found: World) -> Revenue:
    return Revenue(found, NOW)


def test_two_years_of_a_company_of_400_customers(found: World, revenue: Revenue) -> None:
    assert found.starts_at == datetime(2024, 11, 1, tzinfo=UTC)
    assert 350 <= len(revenue.at(NOW)) <= 450
    assert 3_000 <= len(found.product.users) <= 3_600
    assert 1_200_000 <= int(np.count_nonzero(found.product.events.at < NOW.timestamp() * 1000)) <= 1_800_000


def test_a_later_anchor_adds_a_day_and_leaves_the_past(found: World) -> None:
    later = world.build("datainsight_pro", 7, ANCHOR + timedelta(days=1))
    mine, theirs = found.product.events, later.product.events
    past = int(np.count_nonzero(mine.at < (NOW - timedelta(days=2)).timestamp() * 1000))
    for name in ("at", "user", "event", "recorded_at"):
        assert np.array_equal(getattr(mine, name)[:past], getattr(theirs, name)[:past]), name
    for name in ("subscriptions", "deals", "issues", "responses", "ledger", "incidents"):
        before = [row for row in getattr(found, name) if _began(row) < NOW - timedelta(days=40)]
        after = [row for row in getattr(later, name) if _began(row) < NOW - timedelta(days=40)]
        assert [_key(row) for row in before] == [_key(row) for row in after], name
    assert (
        later.product.dashboards[: len(found.product.dashboards) // 2]
        == (found.product.dashboards[: len(found.product.dashboards) // 2])
    )


def test_who_leaves_and_returns_a_parent_with_two_customers_and_a_repeated_trial(found: World) -> None:
    names = {customer.id: customer.name for customer in found.customers}
    back = [life for life in found.subscriptions if names[life.customer_id] == "Boomerang Analytics Inc"]
    first, second = sorted(back, key=lambda life: life.created_at)
    assert first.ended_at is not None
    assert first.ended_at < second.created_at < NOW
    parents = Counter(customer.organisation_id for customer in found.customers if customer.organisation_id is not None)
    assert sum(count >= 2 for count in parents.values()) >= 2
    trials = Counter(life.customer_id for life in found.subscriptions if life.trial_start is not None)
    assert sum(count >= 2 for count in trials.values()) >= 10


def test_an_annual_plan_grows_in_its_middle_and_revenue_comes_in_three_currencies(
    found: World, revenue: Revenue
) -> None:
    names = {customer.id: customer.name for customer in found.customers}
    annual = next(life for life in found.subscriptions if names[life.customer_id] == "Annual Figures Inc")
    assert [item.quantity for item in annual.items] == [8, 12]
    assert {life.currency for life in found.subscriptions} == {"usd", "eur", "gbp"}
    assert any(shift.rates for shift in revenue.shifts)


def test_answers_come_late_and_records_are_thrown_away(found: World) -> None:
    late = [
        response
        for response in found.responses
        if response.submitted_at is not None
        and response.submitted_at.date() - date.fromisoformat(response.hidden["event_date"]) > timedelta(days=14)
    ]
    assert len(late) > 20
    assert any(response.deleted_at for response in found.responses)
    assert any(deal.archived_at for deal in found.deals)
    assert any(issue.trashed_at for issue in found.issues)
    events = found.product.events
    assert int(np.count_nonzero(events.recorded_at > events.at)) > 1_000


def _began(row: object) -> datetime:
    for name in ("created_at", "started_at", "landed_at", "entered_at"):
        if hasattr(row, name):
            found: datetime = getattr(row, name)
            return found
    raise AssertionError(row)


def _key(row: object) -> object:
    return getattr(row, "id", None) or getattr(row, "token", None)

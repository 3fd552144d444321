"""Inpact's world is a pure function and holds the lives that its definitions turn on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from kpi_pipeline.sandbox.world import build
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline.sandbox.world.model.paperwork import known
from kpi_pipeline_tests.sandbox.world.conftest import ANCHORS

ANCHOR = ANCHORS["inpact"]
NOON = datetime(2026, 11, 22, 11, tzinfo=UTC)
REFERENCE = datetime(2025, 6, 30, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(world_of: Callable[[str], World]) -> World:
    return world_of("inpact")


def test_the_reference_month_lies_in_the_world_wherever_the_anchor_is(world: World) -> None:
    for other in (world, build("inpact", 7, date(2027, 6, 3))):
        assert other.starts_at == datetime(2025, 2, 28, 23, tzinfo=UTC)
        assert sum(life.start_date < REFERENCE for life in other.subscriptions) > 110


def test_ids_are_unique(world: World) -> None:
    for records in (world.customers, world.subscriptions, world.invoices, world.issues, world.product.tickets):
        assert Counter(record.id for record in records).most_common(1)[0][1] == 1


def test_a_customer_leaves_and_comes_back(world: World) -> None:
    lives = Counter(life.customer_id for life in world.subscriptions)
    twice = [customer for customer, count in lives.items() if count > 1]
    for customer in twice:
        first, second = sorted(
            (life for life in world.subscriptions if life.customer_id == customer), key=lambda life: life.start_date
        )
        assert first.ended_at is not None
        assert first.ended_at < second.start_date
    assert len(twice) == 2  # one of them had left before the reference month


def test_a_group_pays_through_two_customers(world: World) -> None:
    groups = Counter(customer.organisation_id for customer in world.customers)
    assert [count for count in groups.values() if count > 1] == [2]


def test_an_annual_plan_is_upgraded_in_mid_term(world: World) -> None:
    yearly = {price.id for price in world.prices if price.interval == "year"}
    prorated = [item for item in world.invoice_items if item.price_id in yearly and item.created_at < NOON]
    assert any(item.period_end - item.period_start > timedelta(days=60) for item in prorated)


def test_prices_are_indexed_for_everybody_at_once(world: World) -> None:
    turn = datetime(2026, 1, 1, 6, tzinfo=UTC)
    going_on = [
        life for life in world.subscriptions if life.start_date < turn and not (life.ended_at and life.ended_at <= turn)
    ]
    assert all(any(item.start == turn for item in life.items) for life in going_on)
    assert len(going_on) > 110


def test_a_certificate_lapses_for_a_week(world: World) -> None:
    isae = sorted((each for each in world.certificates if "ISAE" in each.name), key=lambda each: each.valid_from)
    last, renewed = isae[-2], isae[-1]
    assert (renewed.valid_from - last.valid_until).days == 9
    assert ANCHOR - timedelta(days=90) < last.valid_until < renewed.valid_from < ANCHOR


def test_a_project_gets_a_new_end_with_approval_and_only_then(world: World) -> None:
    ends: dict[str, set[date]] = {}
    for version in world.project_versions:
        ends.setdefault(version.project_id, set()).add(version.baseline_end)
    assert [project for project, seen in ends.items() if len(seen) > 1] == ["P904"]
    moved = [
        each for each in world.project_versions if each.project_id == "P904" and each.baseline_end == max(ends["P904"])
    ]
    assert all(each.approved_by for each in moved)


def test_registers_are_delivered_late_now_and_then(world: World) -> None:
    """A version of a project twelve days after its date, a milestone two weeks after it was done."""
    waits = [
        each.entered_at - datetime.combine(each.as_of, datetime.min.time(), UTC) for each in world.project_versions
    ]
    assert max(waits) > timedelta(days=12)
    first_nps = [row for row in world.milestones if row.kpi_id == "kpi15_first_nps" and row.actual]
    assert all(
        row.entered_at > datetime.combine(row.actual, datetime.min.time(), UTC) + timedelta(days=13)
        for row in first_nps
        if row.actual
    )
    deadline = datetime(2026, 1, 2, tzinfo=UTC)
    assert any(row.actual is None for row in known(world.milestones, deadline) if row.kpi_id == "kpi15_first_nps")


def test_an_issue_is_reopened_before_it_is_done_for_good(world: World) -> None:
    kinds = {state.id: state.type for state in world.workflow_states}
    lives = [[kinds[state] for state, _ in issue.states] for issue in world.issues]
    assert ["unstarted", "started", "completed", "started", "completed"] in lives

"""Inopsio's world has the cases that its definitions turn on, and every KPI has a true value in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from kpi_pipeline.sandbox import truth
from kpi_pipeline.sandbox.truth.recurring import Revenue
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline_tests.sandbox.world.conftest import ANCHORS

ANCHOR = ANCHORS["inopsio"]
NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
FIRST = ANCHOR - timedelta(days=90)
Truth = dict[str, dict[date, truth.TruthValue]]


@pytest.fixture(scope="module")
def inopsio(world_of: Callable[[str], World]) -> World:
    return world_of("inopsio")


@pytest.fixture(scope="module")
def truths(inopsio: World) -> Truth:
    return truth.values(inopsio, FIRST, ANCHOR, NOW)


def test_a_customer_leaves_and_returns(inopsio: World) -> None:
    revenue = Revenue(inopsio, NOW)
    level: Counter[str] = Counter()
    left, returned = set(), set()
    for shift in revenue.shifts:
        before, level[shift.customer] = level[shift.customer], level[shift.customer] + shift.delta
        if before > 0 and level[shift.customer] == 0:
            left.add(shift.customer)
        if shift.customer in left and level[shift.customer] > 0:
            returned.add(shift.customer)
    assert len(left) > 20
    assert len(returned) >= 3


def test_customers_try_twice_and_some_are_free_beside_a_paid_plan(inopsio: World) -> None:
    trials = Counter(life.customer_id for life in inopsio.subscriptions if life.trial_start is not None)
    assert max(trials.values()) == 2
    free = {price.id for price in inopsio.prices if price.unit_amount_decimal == "0"}
    plans: dict[str, set[bool]] = {}
    for life in inopsio.subscriptions:
        plans.setdefault(life.customer_id, set()).update(item.price_id in free for item in life.items)
    assert sum(kinds == {True, False} for kinds in plans.values()) > 5


def test_visitors_are_recognised_and_own_people_left_out(inopsio: World) -> None:
    events = inopsio.product.events
    assert 250_000 < len(events.at) < 350_000
    assert (events.user < 0).sum() > 1_000
    internal = [number for number, user in enumerate(inopsio.product.users) if user.internal]
    assert set(internal) & set(events.user.tolist())
    assert (events.recorded_at > events.at).sum() > 100


def test_counters_restart_and_readings_stop_at_no_hour(inopsio: World) -> None:
    assert {reset.metric for reset in inopsio.counter_resets} >= {"api_latency_ms", "http_requests_total"}
    assert all(reset.at.minute == 5 for reset in inopsio.counter_resets)
    assert all(growth.at.minute >= 30 for growth in inopsio.counters)


def test_registers_are_delivered_late(inopsio: World) -> None:
    assert any(entry.entered_at.date() - entry.day > timedelta(days=8) for entry in inopsio.ledger)
    assert any(order.entered_at - order.placed_at > timedelta(days=1) for order in inopsio.orders)
    assert any(result.entered_at.date() > result.taken for result in inopsio.employee_results)


def test_builds_are_run_again_and_forks_call_their_branch_main(inopsio: World) -> None:
    assert any(len(run.attempts) == 2 for run in inopsio.pipeline_runs)
    assert any(run.from_fork and run.branch == "main" for run in inopsio.pipeline_runs)


def test_every_kpi_has_true_values_on_all_days(truths: Truth) -> None:
    assert len(truths) == 50
    assert all(len(days) == 91 for days in truths.values())
    for kpi, days in truths.items():
        assert any(each.value is not None for each in days.values()), kpi


def test_the_penetration_test_lapses_and_is_renewed(truths: Truth) -> None:
    reasons = [each.reason for each in truths["pentest_score"].values()]
    assert 0 < reasons.count("outdated") < 30
    assert reasons[-1] is None


@pytest.mark.parametrize(
    ("kpi", "target"),
    [
        ("cac", 500), ("bounce_rate", 30), ("crm_lead_response_time", 2),
        ("erp_order_fulfillment", 24), ("email_deliverability", 98), ("workflow_run_completion", 99.5),
        ("inosec_incident_response", 15), ("api_latency", 200), ("platform_uptime", 99.9), ("error_rate", 0.1),
        ("db_query_time", 100), ("build_success_rate", 98), ("critical_security_incidents", 0.5),
        ("vulnerability_resolution_time", 24), ("training_completion", 99.99), ("lead_to_trial", 15),
        ("trial_to_paid", 25),
    ],
)  # fmt: skip
def test_targets_are_met_on_some_days_and_missed_on_others(truths: Truth, kpi: str, target: float) -> None:
    known = [each.value for each in truths[kpi].values() if each.value is not None]
    assert min(known) < target < max(known)

"""What the pipeline rebuilds from invoices is what the subscriptions' lives say, to the cent and the second."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kpi_pipeline.catalogue.model import Kpi
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.metrics.engine import Engine
from kpi_pipeline.sandbox.truth.periods import DAY, BusinessDay, business_days, midnight
from kpi_pipeline.sandbox.truth.recurring import Movements, Revenue, Shift, between
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline.schemas.facts import MODELS
from kpi_pipeline_tests.recurring import kpis
from kpi_pipeline_tests.recurring.kpis import kpi
from kpi_pipeline_tests.recurring.shifts import of_fact, of_truth
from kpi_pipeline_tests.recurring.subscribers import NOW, ZONE, Company, build, land

pytestmark = pytest.mark.slow
DAYS = business_days(ZONE, date(2026, 4, 20), NOW.date(), NOW)
Parts = tuple[int, int | None]


def test_every_change_of_every_customer_and_product_is_that_of_the_lives(tables: FactTables, revenue: Revenue) -> None:
    found, true = of_fact(tables), of_truth(revenue)
    assert len(true) > 400
    assert {reason for *_, reason in true} == {"subscription", "fx"}
    assert found == true


def test_nobody_ever_holds_less_than_nothing_whatever_the_rates_do(tables: FactTables) -> None:
    """Movements only add up because of this: rates scale what is held, and what is lost is lost whole."""
    level: dict[tuple[str, str], int] = defaultdict(int)
    instants = groupby(of_fact(tables).items(), key=lambda change: change[0][0])
    for _, changes in instants:
        for (_, customer, product, _), minor in changes:
            level[customer, product] += minor
        assert min(level.values()) >= 0
    assert 0 in level.values()


def test_in_another_currency_of_the_company_it_still_is(world: World, landing: Landing, backend: Any) -> None:
    world.currency = "USD"
    try:
        with FactTables(landing, Company(currency="USD"), backend) as tables:
            assert of_fact(tables) == of_truth(Revenue(world, NOW))
    finally:
        world.currency = "EUR"


@pytest.mark.parametrize("name", ["mrr_change", "billing_customer", "subscription_trial"])
def test_facts_hold_their_contracts(tables: FactTables, name: str) -> None:
    frame = pl.DataFrame(tables.table(name).to_pyarrow())
    assert frame.height > 10
    MODELS[name].validate(frame)


def test_a_landing_that_has_been_kept_knows_pauses_that_stripe_has_forgotten(tmp_path: Path, backend: Any) -> None:
    """Loaded when they began, they are exact a month later; loaded only then, they are known from the renewal on."""
    world, later = build(arrivals=0), NOW + timedelta(days=31)
    kept = land(world, tmp_path / "kept")
    land(world, tmp_path / "kept", later)
    fresh = land(world, tmp_path / "fresh", later)
    true = of_truth(Revenue(world, later))
    with FactTables(kept, Company(), backend) as tables:
        assert of_fact(tables) == true
    with FactTables(fresh, Company(), backend) as tables:
        missed = {key[1] for key in set(of_fact(tables).items()) ^ set(true.items()) for key in [key[0]]}
    paused = {row.customer_id for row in world.subscriptions for how, since, _ in row.pauses
              if how == "void" and since > NOW - timedelta(days=28)}  # fmt: skip
    assert missed == paused


def months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def since_a_year(revenue: Revenue, day: BusinessDay) -> Movements:
    return between(revenue, midnight(ZONE, months_before(day.day, 12) + DAY), day.as_of)


def since_june(revenue: Revenue, day: BusinessDay, keep: Callable[[Shift], bool] = lambda _: True) -> Movements:
    return between(revenue, midnight(ZONE, date(2025, 7, 1)), day.as_of, keep)


def of_month(revenue: Revenue, day: BusinessDay) -> Movements:
    return between(revenue, day.month_start(), day.as_of, constant_rates=True)


def total(parts: dict[str, int]) -> int:
    return sum(parts.values())


JUNE: dict[str, Any] = {"base": "2025-06-30", "over": "base"}
MOVING: dict[str, Any] = {"base": "start of window", "first": "first_at", "moving": "reason = 'subscription'"}
CASES: dict[str, tuple[Kpi, Callable[[Revenue, BusinessDay], Parts]]] = {
    "MRR": (kpi("balance", "at day end"), lambda r, d: (total(r.at(d.as_of)), None)),
    "customers": (kpi("balance", "at day end", "count", take="entities"), lambda r, d: (len(r.at(d.as_of)), None)),
    "ARPA": (
        kpi("balance", "at day end", take="mean"), lambda r, d: (total(r.at(d.as_of)), len(r.at(d.as_of)))
    ),
    "MRR of a group": (
        kpi("balance", "at day end", where="product_group = 'legacy'"),
        lambda r, d: (total(r.at(d.as_of, lambda s: s.group == "legacy")), None),
    ),
    "net retention": (
        kpi("base_cohort", "at day end", "percent", base="12 months ago", measure="retained", over="base"),
        lambda r, d: ((moves := since_a_year(r, d)).retained(), total(moves.base)),
    ),
    "gross retention": (
        kpi("base_cohort", "at day end", "percent", base="12 months ago", measure="retained_capped", over="base"),
        lambda r, d: ((moves := since_a_year(r, d)).retained(capped=True), total(moves.base)),
    ),
    "churn since June": (
        kpi("base_cohort", "at day end", "percent", measure="lost", **JUNE),
        lambda r, d: (total((moves := since_june(r, d)).of("lost")), total(moves.base)),
    ),
    "gained since June": (
        kpi("base_cohort", "at day end", "percent", measure="gained", **JUNE),
        lambda r, d: (total((moves := since_june(r, d)).of("new", "reactivated")), total(moves.base)),
    ),
    "net of survivors since June": (
        kpi("base_cohort", "at day end", "percent", measure="net_of_survivors", **JUNE),
        lambda r, d: (
            total((moves := since_june(r, d)).of("expansion")) - total(moves.of("contraction")), total(moves.base)
        ),
    ),
    "AI sold since June": (
        kpi("base_cohort", "at day end", base="2025-06-30", measure=["gained", "expansion"],
            where="product_group = 'ai'"),
        lambda r, d: (total(since_june(r, d, lambda s: s.group == "ai").of("new", "reactivated", "expansion")), None),
    ),
    "customers lost in 30 days": (
        kpi("base_cohort", "rolling 30 days", "percent", base="start of window", measure="lost_count",
            over="base_count"),
        lambda r, d: (len((moves := between(r, d.days_back(30), d.as_of)).of("lost")), len(moves.base)),
    ),
    "lost less expansion in the month": (
        kpi("base_cohort", "calendar month", "percent", measure=["lost", "contraction", "-expansion"], over="base",
            **MOVING),
        lambda r, d: (
            total((moves := of_month(r, d)).of("lost", "contraction")) - total(moves.of("expansion")), total(moves.base)
        ),
    ),
    **{
        f"{name} in the month": (
            kpi("base_cohort", "calendar month", measure=name, **MOVING),
            lambda r, d, name=name: (total(of_month(r, d).of(name)), None),
        )
        for name in ("new", "reactivated", "lost", "expansion", "contraction")
    },
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_measure_is_that_of_the_truth_on_every_day(
    name: str, tables: FactTables, backend: Any, revenue: Revenue
) -> None:
    declared, truth = CASES[name]
    engine = Engine(backend, tables, kpis.Company(), now=NOW)
    measured = engine.measure(declared, DAYS[0].day, DAYS[-1].day)
    seen = {each.day: (each.numerator, each.denominator) for each in measured}
    true = {day.day: truth(revenue, day) for day in DAYS}
    assert len({numerator for numerator, _ in true.values()}) > 3, "the world says nothing about this measure"
    assert seen == true


def test_the_bridge_of_a_fixed_reference_closes(tables: FactTables, backend: Any, revenue: Revenue) -> None:
    """now ÷ base = 1 − churn + new + net of survivors."""
    engine = Engine(backend, tables, kpis.Company(), now=NOW)

    def minor(measure: str) -> list[Decimal]:
        declared = kpi("base_cohort", "at day end", base="2025-06-30", measure=measure)
        found = engine.measure(declared, DAYS[0].day, DAYS[-1].day)
        return [each.numerator for each in found if each.numerator is not None]

    parts = zip(*(minor(name) for name in ("base", "lost", "gained", "net_of_survivors")), strict=True)
    bridged = [base - lost + gained + net for base, lost, gained, net in parts]
    assert bridged == minor("now") == [total(revenue.at(day.as_of)) for day in DAYS]


def test_customers_of_one_crm_company_are_one(tables: FactTables, world: World) -> None:
    """The parent's head office leaves while its branch stays: contraction of one customer, not churn of one of two."""
    rows = {row["customer_id"]: row for row in tables.table("billing_customer").to_pyarrow().to_pylist()}
    parent = rows["8800000037"]
    members = [row for row in world.customers if row.organisation_id == 8_800_000_037]
    assert len(members) == 2
    assert parent["company_id"] == "8800000037"
    assert parent["created_at"] == round(min(row.created_at for row in members).timestamp() * 1_000)
    assert not rows.keys() & {row.id for row in members}
    assert parent["first_mrr_minor"] == 6 * 2500


def test_trials_know_their_end_their_payment_and_whether_they_are_the_first(
    tables: FactTables, world: World, revenue: Revenue
) -> None:
    rows = {row["subscription_id"]: row for row in tables.table("subscription_trial").to_pyarrow().to_pylist()}
    trials = [row for row in world.subscriptions if row.trial_end is not None and row.created_at <= NOW]
    assert rows.keys() == {row.id for row in trials}
    ms: Callable[[datetime], int] = lambda at: round(at.timestamp() * 1_000)  # noqa: E731
    for trial in trials:
        row = rows[trial.id]
        assert trial.trial_end is not None
        assert (row["started_at"], row["ended_at"]) == (ms(trial.created_at), ms(trial.trial_end))
        earlier = [other for other in trials if other.created_at < trial.created_at]
        assert row["repeat"] == any(revenue.customer(o.customer_id) == row["customer_id"] for o in earlier)
        paid = [bill.paid_at for bill in world.invoices
                if bill.payments and bill.paid_at is not None and bill.paid_at <= NOW
                and revenue.customer(bill.customer_id) == row["customer_id"]]  # fmt: skip
        assert row["first_paid_at"] == (ms(min(paid)) if paid else None)
        assert row["account_id"] == trial.metadata.get("account_id")
    assert sum(row["repeat"] for row in rows.values()) >= 1
    assert any(row["first_paid_at"] is None for row in rows.values())

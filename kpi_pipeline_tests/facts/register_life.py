"""Registers of a made-up company, seeded: every register of people and exports has rows that engines could mistake."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from kpi_pipeline_tests.facts.records import Records, utc

STARTS = date(2025, 11, 1)
GRADES = ("A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F")


def keep(records: Records, seed: int = 7) -> Records:
    """Rows from November 2025 to July 2026: months of every length, ends of quarters, absent days."""
    r = Random(seed)

    def on(spread: int = 240) -> date:
        return STARTS + timedelta(days=r.randrange(spread))

    def maybe(day: date) -> date | None:
        return day if r.random() < 0.7 else None

    def add(register: str, *, by_hand: bool = True, **values: Any) -> None:
        signed = {"entered_at": utc("2026-03-01 10:00") + timedelta(minutes=r.randrange(10_000))}
        if by_hand:
            signed["entered_by"] = r.choice(("one", "other"))
        records.add(f"registers.{register}", **values, **signed)

    for number in range(40):
        start = on()
        name = f"{number:02}"
        add("employees", employee_id=name, team="t", joined_date=start, left_date=maybe(start + timedelta(days=90)))
        for kind in ("training", "assessment"):
            add(
                "employee_results",
                result_id=f"{name}-{kind}",
                employee_id=f"{r.randrange(45):02}",
                kind=kind,
                taken_date=on(60),
                score_e2=r.randrange(1000),
                valid_until=maybe(on() + timedelta(days=400)),
            )
        add(
            "milestones",
            kpi_id="plan",
            item_id=f"i{number % 9}",
            item_name="I",
            milestone=name,
            weight_e2=100 + number,
            baseline_date=on(),
            planned_date=on(),
            actual_date=maybe(on()),
            status="planned",
        )
        add(
            "roadmap_items",
            item_id=name,
            item_name="x",
            product_group="p",
            value_e2=r.randrange(900),
            due_date=on(),
            delivered_date=maybe(on()),
            moved_out_date=maybe(on()),
            hard_reason=r.choice((None, "customer")),
        )
        for look in range(3):
            add(
                "projects",
                project_id=name,
                as_of=STARTS + timedelta(days=40 * look + number),
                name="N",
                start_date=STARTS,
                baseline_end=on() + timedelta(days=300),
                forecast_end=maybe(on()),
                actual_end=maybe(on()),
                budget_minor=1 + r.randrange(10**7),
                cost_minor=r.randrange(10**7),
                remaining_minor=r.randrange(10**6),
                currency="EUR",
            )
        add(
            "certificates",
            certificate=f"c{number % 3}",
            valid_from=STARTS + timedelta(days=7 * number),
            valid_until=STARTS + timedelta(days=7 * number + 20),
            revoked_date=maybe(STARTS + timedelta(days=8 * number)),
        )
        add(
            "controls",
            control_id=f"c{number % 5}",
            framework="SOC 2",
            assessed_date=STARTS + timedelta(days=5 * number),
            result=r.choice(("pass", "fail", "out_of_scope")),
        )
        add("grades", subject="pentest", graded_date=STARTS + timedelta(days=6 * number), grade=r.choice(GRADES))
        add("product_classes", product=name, kind="ai", valid_from=start, valid_until=maybe(start + timedelta(days=9)))
        add("knowledge_items", item_id=name, kind="doc", date=start, title="t")
        add(
            "scorecard",
            framework="f",
            kpi_id="nps",
            period_start=STARTS + timedelta(days=7 * number),
            period_end=STARTS + timedelta(days=7 * number + 6),
            segment="",
            value_e6=r.randrange(10**8),
            numerator_e6=r.choice((None, 3_000_000)),
            denominator_e6=7_000_000,
        )
        add(
            "quality_scores",
            by_hand=False,
            branch="main",
            measured_date=STARTS + timedelta(days=number),
            score_e2=700 + number,
        )
        at = utc("2026-03-20 10:00") + timedelta(hours=7 * number, milliseconds=number)
        later = at + timedelta(minutes=r.randrange(5_000)) if number % 4 else None
        add("orders", by_hand=False, order_id=name, placed_at=at, fulfilled_at=later)
        add(
            "workflow_runs",
            by_hand=False,
            run_id=name,
            workflow="w",
            started_at=at,
            finished_at=later,
            outcome=None if later is None else "success",
        )
        add("security_incidents", by_hand=False, incident_id=name, severity="high", raised_at=at, confirmed_at=later)
        add("vulnerabilities", by_hand=False, vulnerability_id=name, severity="critical", found_at=at, fixed_at=later)
    return records

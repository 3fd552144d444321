"""What the ERP and the workflow engine export: orders and runs."""

from __future__ import annotations

from datetime import timedelta

from kpi_pipeline.sandbox.world.inopsio.scene import Scene, between
from kpi_pipeline.sandbox.world.model import PurchaseOrder, WorkflowRun, World

EXPORTED = timedelta(hours=1)
KEPT_MONTHS = 6
WORKFLOWS = ("sync-contacts", "send-invoices", "refresh-reports", "archive")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def fill(world: World, scene: Scene) -> None:
    strike = (scene.ago(24).date(), scene.ago(21).date())  # the carrier: orders lie for days
    queue_failure = scene.ago(11).date()
    for day in scene.all_days():
        if (scene.anchor - day).days > KEPT_MONTHS * 30:
            continue
        for number in range(9 if day.weekday() < 5 else 3):
            r = scene.stream("order", day, number)
            placed = scene.days.at(day, int(r.random() * 86_399))
            took = between(r, 4 * HOUR, 30 * HOUR) + (50 * HOUR if strike[0] <= day <= strike[1] else timedelta())
            if number == 0 and day.day == 15:
                took = 24 * HOUR  # exactly the limit
            cancelled = placed + between(r, HOUR, 60 * HOUR) if r.random() < 0.02 else None
            late = timedelta(days=2) if r.random() < 0.01 else timedelta()  # the export of that night failed
            world.orders.append(
                PurchaseOrder(
                    order_id=f"SO-{day:%y%m%d}-{number:02d}",
                    placed_at=placed,
                    fulfilled_at=None if cancelled else placed + took,
                    cancelled_at=cancelled,
                    entered_at=placed + EXPORTED + late,
                )
            )
        for number in range(34):
            r = scene.stream("run", day, number)
            started = scene.days.at(day, int((number + r.random()) / 34 * 86_399))
            if number == 33 and day.day % 7 == 0:
                started = scene.days.at(day, 86_395)  # still running at midnight
            failed = r.random() < (0.15 if day == queue_failure else 0.0025)
            cancelled_run = r.random() < 0.004
            world.workflow_runs.append(
                WorkflowRun(
                    run_id=f"{day:%Y%m%d}-{number:03d}",
                    workflow=WORKFLOWS[number % len(WORKFLOWS)],
                    started_at=started,
                    finished_at=started + between(r, MINUTE / 2, 25 * MINUTE),
                    outcome="failure" if failed else "cancelled" if cancelled_run else "success",
                    entered_at=started,
                )
            )

"""The frozen tactical roadmap: what was promised for which day, with its value, and which deadlines are hard."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from kpi_pipeline.sandbox.world.days import month_start
from kpi_pipeline.sandbox.world.inpact.scene import HANS, Scene, workday
from kpi_pipeline.sandbox.world.model import RoadmapItem, World

FIRST_QUARTER = date(2025, 10, 1)
A_QUARTER = 9
GROUPS = ("RPA", "AWI", "IIP", "Inpact.ai")
FEATURES = (
    "Polismutaties",
    "Dashboard",
    "Rapportage",
    "Koppeling",
    "Documentherkenning",
    "Autorisaties",
    "Zoekfunctie",
)
VALUES = (5, 8, 13, 20, 40)


def fill(world: World, scene: Scene) -> None:
    """Nine items a quarter. Most are delivered in time, some late, one a quarter is moved out of the plan."""
    quarter = FIRST_QUARTER
    while quarter <= scene.last:
        for number in range(A_QUARTER):
            world.roadmap_items.append(_item(scene, quarter, number))
        quarter = month_start(quarter, 3)


def _item(scene: Scene, quarter: date, number: int) -> RoadmapItem:
    r = scene.stream("roadmap", quarter, number)
    over = month_start(quarter, 3)
    due = workday(quarter + timedelta(days=8 + int(r.random() * 75)))
    hard = ("customer" if number == 0 else "compliance") if number < 2 else ""
    draw = r.random()
    delivered: date | None
    moved = None
    if number == 4:  # exactly on the last day of its quarter
        due = delivered = over - timedelta(days=1)
    elif number == 5:  # a day too late for its quarter
        due, delivered = over - timedelta(days=3), over
    elif number == 6 and quarter.month in (1, 7):
        delivered, moved = None, due - timedelta(days=20)
    elif number == 1 and quarter.month == 7:  # a hard deadline missed by nine days
        due = workday(quarter + timedelta(days=70))
        delivered = due + timedelta(days=9)
    elif draw < 0.7 or (hard and draw < 0.85):
        delivered = due - timedelta(days=int(r.random() * 14))
    elif draw < 0.9:
        delivered = due + timedelta(days=1 + int(r.random() * 40))
    else:
        delivered = None
    return RoadmapItem(
        item_id=f"TR-{quarter:%y}Q{(quarter.month + 2) // 3}-{number + 1:02d}",
        item_name=f"{r.choice(FEATURES)} {GROUPS[number % len(GROUPS)]}",
        product_group=GROUPS[number % len(GROUPS)],
        value=Decimal(r.choice(VALUES)) + (Decimal("0.5") if number == 3 else 0),
        due=due,
        delivered=delivered,
        moved_out=moved,
        hard_reason=hard,
        entered_by=HANS,
        entered_at=scene.office(workday(quarter - timedelta(days=21)), r),
    )

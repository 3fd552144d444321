"""The frozen tactical roadmap: what was promised for which day, with its value, and which deadlines are hard."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from kpi_pipeline.sandbox.world.days import month_start
from kpi_pipeline.sandbox.world.inpact import tracker
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
    """Nine items a quarter. Most are delivered in time, some late, one in two quarters is moved out of the plan.

    Two in three are issues of the same number, which say when they were done; the register leaves that blank.
    """
    tracker.open_team(world, scene)
    quarter, first = FIRST_QUARTER, 1
    while quarter <= scene.last:
        for number in range(A_QUARTER):
            item = _item(scene, quarter, number, first + number)
            tracked = number % 3 != 2 and item.moved_out is None
            if tracked:
                tracker.add(world, scene, item, first + number)
            world.roadmap_items.append(replace(item, delivered=None) if tracked else item)
        quarter, first = month_start(quarter, 3), first + A_QUARTER


def _item(scene: Scene, quarter: date, number: int, serial: int) -> RoadmapItem:
    """As it goes, with the day of its delivery."""
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
        item_id=f"{tracker.TEAM}-{serial}",
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

"""The 30-day rollout of the new message, as the register of milestones knows it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.dgskills.scene import ROLLOUT_STARTS, Scene
from kpi_pipeline.sandbox.world.model import Milestone, World

EDITOR = "sales@dgskills.example"
# KPI → week, and its items with the day (counted from the start of week 1) on which each was done; None: not yet.
ITEMS: dict[str, tuple[int, tuple[tuple[str, str, int | None], ...]]] = {
    "rollout_w1_assets_updated": (1, (("one_pager", "1-pager", 3), ("demoscript", "Demoscript", 4),
                                      ("mailsjabloon", "Mailsjabloon", 9))),
    "rollout_w2_website_ready": (2, (("website_copy", "Website-copy", 10), ("cta", "CTA-structuur", 12))),
    "rollout_w3_sales_demo": (3, (("rep_1", "Verkoper 1", 16), ("rep_2", "Verkoper 2", 18),
                                  ("rep_3", "Verkoper 3", None), ("rep_4", "Verkoper 4", 25))),
}  # fmt: skip


def fill(world: World, scene: Scene) -> None:
    """Every item is listed a week before; one is written down as done two days late."""
    for kpi, (week, items) in ITEMS.items():
        due = ROLLOUT_STARTS + timedelta(days=7 * week - 1)
        for item, name, done in items:
            listed = scene.days.at(ROLLOUT_STARTS - 7 * DAY, 9 * 3600)
            world.milestones.append(_milestone(kpi, item, name, due, None, listed))
            if done is None:
                continue
            actual = ROLLOUT_STARTS + done * DAY
            late = 2 if item == "cta" else 0
            entered = scene.days.at(actual + late * DAY, 16 * 3600)
            world.milestones.append(_milestone(kpi, item, name, due, actual, entered))


def _milestone(kpi: str, item: str, name: str, due: date, actual: date | None, entered: datetime) -> Milestone:
    return Milestone(
        kpi_id=kpi,
        item_id=item,
        item_name=name,
        milestone="klaar",
        baseline=due,
        planned=due,
        actual=actual,
        evidence_url="" if actual is None else f"https://docs.dgskills.example/{item}",
        entered_by=EDITOR,
        entered_at=entered,
    )

"""Companies, schools and venues that book more than once."""

from __future__ import annotations

from datetime import timedelta

from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene
from kpi_pipeline.sandbox.world.model import Organisation
from kpi_pipeline.sandbox.world.names import CITIES, business

POOL = 640
INDUSTRIES = ("HOSPITALITY", "EDUCATION_MANAGEMENT", "EVENTS_SERVICES", "RETAIL", "NON_PROFIT_ORGANIZATION_MANAGEMENT")


def pool_id(index: int) -> int:
    return 8_800_000_000 + index * 37


def pool(scene: Scene) -> list[Organisation]:
    """Imported one a second when the CRM was taken into use; two are deleted later."""
    found = []
    for index in range(POOL):
        r = scene.stream("organisation", index)
        name, domain = business(r)
        created = scene.starts_at + timedelta(seconds=index)
        archived = created + 60 * DAY if index in (40, 41) else None
        customer = created + timedelta(days=3 + int(r.random() * 40))
        found.append(
            Organisation(
                id=pool_id(index),
                name=name,
                domain=domain,
                industry=r.choice(INDUSTRIES),
                city=r.choice(CITIES),
                created_at=created,
                lifecycle=(("lead", created), ("customer", customer)),
                modified=(created, customer) if archived is None else (created, customer, archived),
                archived_at=archived,
            )
        )
    return found

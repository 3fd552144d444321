"""The world of DGSkills, a platform for schools: leads, pilots, contracts, use by teachers and students, support."""

from __future__ import annotations

from datetime import date

from kpi_pipeline.sandbox.world.dgskills import crm, people, product, rollout, support, surveys, tracker
from kpi_pipeline.sandbox.world.dgskills.lives import lives
from kpi_pipeline.sandbox.world.dgskills.scene import COMPANY, ZONE, scene
from kpi_pipeline.sandbox.world.model import World


def build(seed: int, anchor: date) -> World:
    stage = scene(seed, anchor)
    world = World(COMPANY, seed, anchor, ZONE, "EUR", stage.starts_at, stage.horizon)
    told = lives(stage)
    crm.fill(world, stage, told)
    support.fill(world, stage, told)
    product.fill(world, stage, told)
    surveys.fill(world, stage, people.tenants(stage, told))
    tracker.fill(world, stage)
    rollout.fill(world, stage)
    return world

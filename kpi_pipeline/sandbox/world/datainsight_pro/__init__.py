"""The world of DataInsight Pro, a business-intelligence product by subscription: two years of it."""

from __future__ import annotations

from datetime import date

from kpi_pipeline.sandbox.world.datainsight_pro import (
    deals,
    metrics,
    monitoring,
    product,
    registers,
    surveys,
    tenants,
    tracker,
    web,
)
from kpi_pipeline.sandbox.world.datainsight_pro.scene import COMPANY, ZONE, scene
from kpi_pipeline.sandbox.world.model import World


def build(seed: int, anchor: date) -> World:
    stage = scene(seed, anchor)
    world = World(COMPANY, seed, anchor, ZONE, "USD", stage.starts_at, stage.horizon)
    registers.rates(world, stage)
    tenants.offer(world, stage)
    customers = tenants.fill(world, stage)
    deals.fill(world, stage, customers)
    product.fill(world, stage, customers)
    surveys.fill(world, stage)
    web.fill(world, stage)
    monitoring.fill(world, stage)
    metrics.fill(world, stage)
    tracker.fill(world, stage)
    registers.fill(world, stage)
    return world

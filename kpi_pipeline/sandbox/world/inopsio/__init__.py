"""The world of Inopsio, a software company: subscriptions, product use, leads, platform, security and its books."""

from __future__ import annotations

from datetime import date

from kpi_pipeline.sandbox.world.inopsio import (
    books,
    customers,
    delivery,
    leads,
    mail,
    metrics,
    monitoring,
    orders,
    product,
    security,
    web,
)
from kpi_pipeline.sandbox.world.inopsio.scene import COMPANY, ZONE, scene
from kpi_pipeline.sandbox.world.model import World


def build(seed: int, anchor: date) -> World:
    stage = scene(seed, anchor)
    world = World(COMPANY, seed, anchor, ZONE, "USD", stage.starts_at, stage.horizon)
    trials = leads.fill(world, stage)
    books.fill(world, stage)
    customers.fill(world, stage, trials)
    product.fill(world, stage)
    web.fill(world, stage)
    mail.fill(world, stage)
    delivery.fill(world, stage)
    metrics.fill(world, stage)
    monitoring.fill(world, stage)
    orders.fill(world, stage)
    security.fill(world, stage)
    return world

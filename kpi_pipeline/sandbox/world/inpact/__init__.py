"""The world of Inpact, software for insurers: subscriptions, plans, projects, staff, surveys, compliance, support."""

from __future__ import annotations

from datetime import date

from kpi_pipeline.sandbox.world.inpact import (
    compliance,
    customers,
    helpdesk,
    milestones,
    offer,
    projects,
    roadmap,
    staff,
    surveys,
)
from kpi_pipeline.sandbox.world.inpact.scene import COMPANY, ZONE, scene
from kpi_pipeline.sandbox.world.model import World


def build(seed: int, anchor: date) -> World:
    stage = scene(seed, anchor)
    world = World(COMPANY, seed, anchor, ZONE, "EUR", stage.starts_at, stage.horizon)
    world.products += offer.products(stage)
    world.prices += offer.prices(stage)
    customers.fill(world, stage)
    milestones.fill(world, stage)
    roadmap.fill(world, stage)
    staff.fill(world, stage)
    projects.fill(world, stage)
    compliance.fill(world, stage)
    surveys.fill(world, stage, customers.keys())
    helpdesk.fill(world, stage, customers.keys())
    return world

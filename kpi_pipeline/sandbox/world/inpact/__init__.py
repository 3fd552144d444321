"""The world of Inpact, software for insurers: subscriptions, plans, projects, staff, surveys, compliance, support."""

from __future__ import annotations

from datetime import date

from kpi_pipeline.sandbox.world.inpact import (
    compliance,
    helpdesk,
    milestones,
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
    customers = [f"{8_900_000_000 + number * 41}" for number in range(150)]
    milestones.fill(world, stage)
    roadmap.fill(world, stage)
    staff.fill(world, stage)
    projects.fill(world, stage)
    compliance.fill(world, stage)
    surveys.fill(world, stage, customers)
    helpdesk.fill(world, stage, customers)
    return world

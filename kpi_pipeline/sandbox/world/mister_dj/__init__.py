"""The world of Mister DJ, an event company: leads, bookings, surveys, website, incidents and cash."""

from __future__ import annotations

from datetime import date

from kpi_pipeline.sandbox.world.mister_dj import (
    billing,
    club,
    contact,
    crm,
    deals,
    metrics,
    monitoring,
    offer,
    organisations,
    payouts,
    registers,
    support,
    surveys,
    tracker,
)
from kpi_pipeline.sandbox.world.mister_dj.scene import COMPANY, ZONE, scene
from kpi_pipeline.sandbox.world.model import World


def build(seed: int, anchor: date) -> World:
    stage = scene(seed, anchor)
    world = World(COMPANY, seed, anchor, ZONE, "EUR", stage.starts_at, stage.horizon)
    world.owners += contact.owners(stage)
    world.pipelines += [deals.pipeline(), support.pipeline()]
    world.organisations += organisations.pool(stage)
    world.products += offer.products(stage)
    world.prices += offer.prices(stage)
    world.coupons += offer.coupons(stage)
    contracts = crm.fill(world, stage) + deals.repeat_bookings(world, stage)
    outcomes = billing.fill(world, stage, contracts)
    club.fill(world, stage)
    payouts.fill(world, stage)
    world.forms += surveys.forms(stage)
    surveys.fill(world, stage, outcomes)
    support.fill(world, stage)
    monitoring.fill(world, stage)
    tracker.fill(world, stage)
    metrics.fill(world, stage)
    registers.fill(world, stage)
    return world

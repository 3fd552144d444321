"""HubSpot stands the contract."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from kpi_pipeline.sandbox.world.model import Engagement, Lead, Person, World
from kpi_pipeline_tests.connectors.wire import utc, world
from kpi_pipeline_tests.contract.suite import CANARY, MANY, ConnectorContract

START = utc("2026-10-25 00:00")


def call(number: int) -> Engagement:
    at = START + timedelta(minutes=200 * (number // 3))
    return Engagement(
        id=1000 + number,
        kind="call",
        lead_id=1,
        deal_id=None,
        at=at,
        created_at=at,
        direction="outbound",
        automated=False,
        owner_id=7,
        title=f"Called {CANARY}",
        outcome=None,
        ends_at=None,
        modified=(at,),
    )


class TestHubSpot(ConnectorContract):
    vendor = "hubspot"
    stream = "calls"
    expected = 600
    path = "/calls/search"
    start = START
    limits: ClassVar = {"ten_secondly": MANY, "search": MANY, "daily": MANY}
    lacks: ClassVar = {
        "foreign_next": "pages by ids, its link is never followed",
        "ok_with_error": "the sandbox's HubSpot has no such answer; classify is tested by itself",
    }

    def world(self) -> World:
        person = Person("Canary", "Person", CANARY, "+31 6 00000000", "Utrecht", "NL")
        lead = Lead(1, person, None, START, "organic", 7, (("lead", START),), (), (START,))
        return world(leads=[lead], engagements=[call(number) for number in range(600)])

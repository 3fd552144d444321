"""Google Analytics stands the contract."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

from kpi_pipeline.connectors.ga4 import CHANNELS
from kpi_pipeline.sandbox.world.model import Traffic, WebDay, WebProperty, World
from kpi_pipeline_tests.connectors.wire import utc, world
from kpi_pipeline_tests.contract.suite import CANARY, MANY, ConnectorContract

START, FIRST, DAYS = utc("2026-09-01 00:00"), date(2026, 9, 2), 60


def traffic(number: int) -> list[WebDay]:
    day, counted = FIRST + timedelta(days=number), (Traffic(START, 10 + number, 7, 30, 9),)
    return [WebDay(day, channel, counted) for channel in ("Direct", "Email", "Organic Search", CANARY)]


class TestGa4(ConnectorContract):
    vendor = "ga4"
    stream = "web_traffic"
    expected = DAYS * (len(CHANNELS) + 1)
    path = ":runReport"
    start = START
    key = staticmethod(lambda row: (row["day"], row["channel"]))
    limits: ClassVar = {"hour": MANY, "day": MANY}
    settings: ClassVar = {"property": "412345678", "time_zone": "Europe/Amsterdam", "page_size": 50}
    lacks: ClassVar = {"foreign_next": "pages by offset, there is no link to follow"}

    def world(self) -> World:
        days = [web_day for number in range(DAYS) for web_day in traffic(number)]
        return world(web_property=WebProperty("412345678", START), web_days=days)

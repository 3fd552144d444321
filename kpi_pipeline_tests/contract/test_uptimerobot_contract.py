"""UptimeRobot stands the contract."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from kpi_pipeline.sandbox.world.model import Monitor, MonitorIncident, World
from kpi_pipeline_tests.connectors.wire import utc, world
from kpi_pipeline_tests.contract.suite import CANARY, MANY, ConnectorContract

START = utc("2026-09-01 00:00")


class TestUptimeRobot(ConnectorContract):
    vendor = "uptimerobot"
    stream = "incidents"
    expected = 220
    path = "/incidents"
    start = START
    limits: ClassVar = {"account": MANY}
    lacks: ClassVar = {"daily_limit": "has no limit by the day", "wrong_count": "sends no count with incidents"}

    def world(self) -> World:
        monitor = Monitor(1, "Website", "https://a.example", "HTTP", 60, START, (CANARY,))
        starts = [START + timedelta(hours=5 * number) for number in range(220)]
        incidents = [
            MonitorIncident(str(number), 1, "Downtime", 500, "HTTP 500", at, at + timedelta(minutes=4))
            for number, at in enumerate(starts)
        ]
        return world(monitors=[monitor], incidents=incidents)

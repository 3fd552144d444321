"""Mailgun stands the contract."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from kpi_pipeline.sandbox.world.model import Email, MailEvent, World
from kpi_pipeline_tests.connectors.wire import utc, world
from kpi_pipeline_tests.contract.suite import CANARY, MANY, ConnectorContract

START = utc("2026-11-01 00:00")


def email(number: int) -> Email:
    at = START + timedelta(hours=4 * (number // 7))  # seven share each instant, so ties lie over the pages' edges
    events = tuple(MailEvent(kind, at, at) for kind in ("accepted", "temporary", "delivered"))
    return Email(f"{number}@mail.example", CANARY, f"For {CANARY}", ("nps",), events)


class TestMailgun(ConnectorContract):
    vendor = "mailgun"
    stream = "events"
    expected = 2310
    path = "/events"
    start = START
    limits: ClassVar = {"account": MANY}
    settings: ClassVar = {"domain": "mail.example"}
    lacks: ClassVar = {
        "daily_limit": "has no limit by the day",
        "wrong_count": "sends no count",
    }

    def world(self) -> World:
        return world(mail_domain="mail.example", emails=[email(number) for number in range(770)])

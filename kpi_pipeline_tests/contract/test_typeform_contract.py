"""Typeform stands the contract."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from kpi_pipeline.sandbox.world.model import Form, FormField, FormResponse, World
from kpi_pipeline_tests.connectors.wire import utc, world
from kpi_pipeline_tests.contract.suite import CANARY, MANY, ConnectorContract

START = utc("2026-09-01 00:00")


def response(number: int) -> FormResponse:
    # seven responses share each second, so that ties lie over every page's edge
    at = START + timedelta(hours=12 * (number // 7))
    answers = {"score": number % 11, "why": f"Bel {CANARY}"}
    hidden = {"email": CANARY}
    return FormResponse("nps", f"{number:032x}", "completed", at, at, at, hidden, answers, "mobile")


class TestTypeform(ConnectorContract):
    vendor = "typeform"
    stream = "responses"
    expected = 1100
    path = "/responses"
    start = START
    key = staticmethod(lambda row: row["token"])
    limits: ClassVar = {"account": MANY}
    settings: ClassVar = {"forms": ["nps"], "page_size": 200}
    lacks: ClassVar = {
        "daily_limit": "has no limit by the day",
        "foreign_next": "pages by tokens, there is no link to follow",
    }

    def world(self) -> World:
        made = utc("2026-08-01 00:00")
        fields = (FormField("f1", "score", "?", "nps"), FormField("f2", "why", "?", "long_text"))
        responses = [response(number) for number in range(55 * 20)]
        return world(forms=[Form("nps", "NPS", made, made, fields, ("email",))], responses=responses)

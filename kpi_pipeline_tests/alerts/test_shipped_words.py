"""Every rule that ships can be told in every state, through every kind of channel, in its company's language."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from kpi_pipeline.alerts.channels import KINDS
from kpi_pipeline.alerts.lines.base import Reader
from kpi_pipeline.alerts.rules import rules_of
from kpi_pipeline.alerts.trial import State, trial
from kpi_pipeline.catalogue import Catalogue
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.flow.workspace import read_catalogue
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.settings import COMPANIES, Settings
from kpi_pipeline_tests.alerts.sending import NOW

SHIPPED = sorted(path.parent.name for path in COMPANIES.glob("*/company.yaml"))
CHANNELS = [Channel(kind=kind, url="U", secret="S", room="#r", sender="kpi@acme.example") for kind in KINDS]  # type: ignore[arg-type]
BROKEN = re.compile(r"\bNone\b|[{}]|Decimal\(")


@cache
def catalogue() -> Catalogue:
    return read_catalogue(Settings({}, Path("unused")))


@pytest.mark.parametrize("state", ["firing", "resolved", "no_data"])
@pytest.mark.parametrize("company_id", SHIPPED)
def test_every_rule_can_be_told(store: HistoryStore, company_id: str, state: State) -> None:
    company = catalogue().companies[company_id]
    reader = Reader(company, lambda kpi: f"https://kpi.example/{kpi}.html")
    told = 0
    with store.engine.connect() as connection:
        for rule in rules_of(company):
            if state == "no_data" and not rule.kpis:
                continue
            found = trial(connection, reader, rule, state, {}, NOW)
            told += 1
            text = found.message.text()
            assert not BROKEN.search(text), f"{rule.id}: {text}"
            assert found.message.headline.startswith("[TEST] ")
            assert found.routes, f"{rule.id}: nobody would be told"
            for channel in CHANNELS:
                assert KINDS[channel.kind].payload(found.message, ("Ann",), channel), rule.id
    assert told == sum(state != "no_data" or bool(rule.kpis) for rule in rules_of(company))

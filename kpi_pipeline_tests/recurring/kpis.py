"""KPIs of recurring revenue, declared as a company would, and the company that declares them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from kpi_pipeline.catalogue.model import Kpi
from kpi_pipeline.facts.spec import FACTS
from kpi_pipeline.metrics.kinds import KINDS

NUMBERS = itertools.count()  # the engine keeps what it measured by id
MRR = {"fact": "mrr_change", "per": "customer_id", "change": "delta_minor", "at": "changed_at"}


def kpi(kind: str, window: str, unit: str = "EUR", **params: Any) -> Kpi:
    """One KPI over changes of MRR; its parameters are checked as the catalogue checks them."""
    known = {name: set(spec.columns) for name, spec in FACTS.items()}
    model = KINDS[kind].params.model_validate({**MRR, **params}, context={"facts": known})
    return Kpi(
        id=f"tested_{next(NUMBERS)}",
        company="mister_dj",
        name={"en": "Tested"},
        kind=kind,
        params=model,
        window=window,
        unit=unit,
        better="higher",
        cadence="daily",
        origin="test",
        file="kpis.yaml",
        line=1,
    )


class Company:
    """What the engine needs of a company."""

    id = "mister_dj"
    currency = "EUR"
    calendars: Mapping[str, Any] = {}
    kpis: Mapping[str, Kpi] = {}

    def __init__(self, zone: str = "Europe/Amsterdam") -> None:
        self.zone, self.tz = zone, ZoneInfo(zone)

"""A small company with five KPIs, and a history to fill by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Parameters
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.freshness import SourceFreshness
from kpi_pipeline_tests.histories import new_history

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)  # a Sunday: week 47 is not over
YESTERDAY = date(2026, 11, 21)
HOUR = timedelta(hours=1)

Put = Callable[..., None]


class NoParams(Parameters):
    pass


def kpi(name: str, /, **changed: Any) -> dict[str, Any]:
    return {
        "id": name,
        "company": "acme",
        "name": {"nl": name.replace("_", " ").capitalize(), "en": name},
        "kind": "ratio",
        "params": NoParams(),
        "window": "rolling 30 days",
        "unit": "percent",
        "better": "higher",
        "target": ">= 32",
        "warning": "< 28",
        "critical": "< 24",
        "owners": ["ann", "duty"],
        "cadence": "daily",
        "origin": f"Rij van {name}",
        "file": "acme/kpis.yaml",
        "line": 1,
        **changed,
    }


def company_of(*kpis: dict[str, Any], **changed: Any) -> Company:
    return Company.model_validate(
        {
            "id": "acme",
            "name": "Acme",
            "zone": "Europe/Amsterdam",
            "currency": "EUR",
            "language": "nl",
            "sources": {},
            "people": {"ann": {"name": "Ann", "role": "Sales"}, "bob": {"name": "Bob", "role": "Finance"}},
            "rotas": {"duty": {"name": "Piket", "members": ["bob"], "turn": "7 days", "starts": date(2026, 1, 5)}},
            "kpis": {each["id"]: each for each in kpis},
            **changed,
        }
    )


@pytest.fixture
def company() -> Company:
    return company_of(
        kpi("conversie"),
        kpi("conversie_cohort", companion_of="conversie", target=None, warning=None, critical=None),
        kpi("omzet", unit="EUR", target=">= 1850", warning="< 1700", critical="< 1500"),
        kpi("bezoek", unit="count", kind="count", target=None, warning=None, critical=None, reading="Unieke bezoekers"),
        kpi("runway", unit="months", kind="formula", target=">= 6", warning=None, critical="< 3"),
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HistoryStore]:
    found = HistoryStore.open(new_history(tmp_path / "history.db"))
    yield found
    found.engine.dispose()


@pytest.fixture
def put(store: HistoryStore) -> Put:
    """Records one value of one day, known the morning after."""

    def record(name: str, day: date, value: str | None, status: str, **changed: Any) -> None:
        end = datetime(day.year, day.month, day.day, 23, tzinfo=UTC)
        fields: dict[str, Any] = {
            "company": "acme",
            "kpi": name,
            "day": day,
            "segment": "",
            "value": None if value is None else Decimal(value),
            "text_value": None,
            "numerator": None,
            "denominator": None,
            "n": 100,
            "status": status,
            "reason": None,
            "target": None,
            "warning": None,
            "critical": None,
            "period_start": end - timedelta(days=30),
            "period_end": end,
            "closed": True,
            "provisional": False,
            "definition_version": 1,
            "definition_hash": "d",
            "input_hash": "i",
        }
        known = changed.pop("known", end + timedelta(hours=6))
        store.record([Observation(**{**fields, **changed})], run_id="r", now=known)

    return record


@pytest.fixture
def filled(put: Put) -> None:
    """26 weeks of the headline KPI, and one value of the others."""
    for week in range(26):
        day = YESTERDAY - timedelta(weeks=week)
        value = Decimal(40) - week if week else Decimal("23.9")
        put(
            "conversie",
            day,
            str(value),
            "ok" if week else "critical",
            numerator=Decimal(239),
            denominator=Decimal(1000),
            n=1000,
        )
    put("conversie_cohort", YESTERDAY, "34.83", "unrated", n=333)
    money = {"numerator": Decimal(20657610), "denominator": Decimal(107), "n": 107}
    put("omzet", YESTERDAY, "1930.617757009346", "ok", **money)
    put("omzet", YESTERDAY - timedelta(weeks=1), "1974.33", "ok")
    put("bezoek", YESTERDAY, "12345", "unrated", n=12345)
    put("runway", YESTERDAY, None, "ok", reason="no_burn", n=3)


@pytest.fixture
def freshness() -> list[SourceFreshness]:
    return [
        SourceFreshness("stripe", "bob", NOW - 3 * HOUR, NOW - HOUR, 24 * HOUR),
        SourceFreshness("hubspot", "ann", NOW - 25 * HOUR, NOW - HOUR / 2, 24 * HOUR),
        SourceFreshness("typeform", "duty", None, None, 24 * HOUR),
    ]

"""A small company with one KPI, observations of it, and a web server that answers as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from shutil import copyfile

import pytest

from kpi_pipeline.alerts.around import Sight
from kpi_pipeline.alerts.evaluate import Evaluation, evaluate
from kpi_pipeline.catalogue import Company
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.alerts.acme import acme
from kpi_pipeline_tests.alerts.receiving import Receiver
from kpi_pipeline_tests.alerts.sending import Desk, Inbox

FIRST = date(2026, 3, 2)
NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)


@pytest.fixture
def company() -> Company:
    return acme()


@pytest.fixture
def observed() -> Callable[..., Observation]:
    def make(offset: int, value: int | None, status: str, **changes: object) -> Observation:
        day = FIRST + timedelta(days=offset)
        end = datetime(day.year, day.month, day.day, 23, tzinfo=UTC)
        fields: dict[str, object] = {
            "company": "acme",
            "kpi": "conversion",
            "day": day,
            "segment": "",
            "value": None if value is None else Decimal(value),
            "text_value": None,
            "numerator": None if value is None else Decimal(value),
            "denominator": Decimal(100),
            "n": 100,
            "status": status,
            "reason": None,
            "target": ">= 32",
            "warning": "< 28",
            "critical": "< 24",
            "period_start": end - timedelta(days=30),
            "period_end": end,
            "closed": True,
            "provisional": False,
            "definition_version": 1,
            "definition_hash": "d",
            "input_hash": "i",
        }
        return Observation(**{**fields, **changes})

    return make


@pytest.fixture(scope="session")
def empty_history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history database on the newest schema with nothing in it; migrating a new one for each test takes longest."""
    path = tmp_path_factory.mktemp("history") / "empty.db"
    HistoryStore.open(f"sqlite:///{path}").engine.dispose()
    return path


@pytest.fixture
def store(empty_history: Path, tmp_path: Path) -> Iterator[HistoryStore]:
    found = HistoryStore.open(f"sqlite:///{copyfile(empty_history, tmp_path / 'history.db')}")
    yield found
    found.engine.dispose()


@pytest.fixture
def judged(store: HistoryStore) -> Callable[..., None]:
    """Records observations and judges them, sources being read up to now."""

    def record(company: Company, observations: list[Observation], now: datetime = NOW) -> None:
        run = Evaluation(company, lambda _kpi: Sight(now), now, "r")
        store.record(observations, run_id="r", now=now, within=evaluate(run, {each.kpi for each in observations}))

    return record


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as found:
        yield found


@pytest.fixture
def slack() -> Inbox:
    return Inbox()


@pytest.fixture
def mail() -> Inbox:
    return Inbox()


@pytest.fixture
def desk(store: HistoryStore, company: Company, slack: Inbox, mail: Inbox) -> Desk:
    return Desk(store, company, {"slack": slack, "mail": mail, "teams": Inbox()})

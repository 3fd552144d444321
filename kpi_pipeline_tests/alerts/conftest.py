"""A small company with one KPI, observations of it, and a web server that answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydantic import BaseModel

from kpi_pipeline.alerts.around import Sight
from kpi_pipeline.alerts.evaluate import Evaluation, evaluate
from kpi_pipeline.catalogue import Company
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import HistoryStore

FIRST = date(2026, 3, 2)
NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)


class NoParams(BaseModel):
    pass


@pytest.fixture
def company() -> Company:
    return Company.model_validate(
        {
            "id": "acme",
            "name": "Acme",
            "zone": "Europe/Amsterdam",
            "currency": "EUR",
            "language": "nl",
            "sources": {},
            "people": {
                "ann": {"name": "Ann", "role": "Product", "email": "ann@acme.example", "channels": ["slack", "mail"]},
                "bob": {"name": "Bob", "role": "Sales", "email": "bob@acme.example", "channels": ["slack", "mail"]},
                "cas": {"name": "Cas", "role": "Engineering", "channels": ["teams"]},
            },
            "rotas": {
                "duty": {"name": "On duty", "members": ["ann", "cas"], "turn": "7 days", "starts": date(2026, 3, 2)}
            },
            "channels": {
                "slack": {"kind": "slack", "url": "ACME_SLACK"},
                "teams": {"kind": "teams", "url": "ACME_TEAMS"},
                "mail": {"kind": "mail", "url": "ACME_SMTP", "sender": "kpi@acme.example"},
            },
            "kpis": {
                "conversion": {
                    "id": "conversion",
                    "company": "acme",
                    "name": {"nl": "Conversie <&> co", "en": "Conversion"},
                    "kind": "ratio",
                    "params": NoParams(),
                    "window": "rolling 30 days",
                    "unit": "percent",
                    "better": "higher",
                    "target": ">= 32",
                    "warning": "< 28",
                    "critical": "< 24",
                    "owners": ["ann", "bob"],
                    "cadence": "daily",
                    "origin": "row 1",
                    "file": "acme/kpis.yaml",
                    "line": 1,
                }
            },
        }
    )


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


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HistoryStore]:
    found = HistoryStore.open(f"sqlite:///{tmp_path / 'history.db'}")
    yield found
    found.engine.dispose()


@pytest.fixture
def judged(store: HistoryStore) -> Callable[..., None]:
    """Records observations and judges them, sources being read up to now."""

    def record(company: Company, observations: list[Observation], now: datetime = NOW) -> None:
        run = Evaluation(company, lambda _kpi: Sight(now), now, "r")
        store.record(observations, run_id="r", now=now, within=evaluate(run, {each.kpi for each in observations}))

    return record


@dataclass
class Receiver:
    """Answers in the order of `answers` (status, headers, body), the last one for ever; keeps what it got."""

    url: str
    answers: list[tuple[int, dict[str, str], str]] = field(default_factory=lambda: [(200, {}, "ok")])
    bodies: list[str] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            status, headers, body = found.answers.pop(0) if len(found.answers) > 1 else found.answers[0]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Receiver(f"http://127.0.0.1:{server.server_port}/services/T0/B0/SECRETPART")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()

"""Notices put into the outbox by hand, and channels that keep what they get."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, select

from kpi_pipeline.alerts import ledger, outbox
from kpi_pipeline.alerts.channels import Sender, Wire
from kpi_pipeline.alerts.channels.wire import Accepted
from kpi_pipeline.alerts.compose import compose
from kpi_pipeline.alerts.lines.base import Reader
from kpi_pipeline.alerts.message import Message, Told
from kpi_pipeline.alerts.model import AlertState, Notice
from kpi_pipeline.alerts.outbox import Attempt, Outbox
from kpi_pipeline.alerts.routes import Route
from kpi_pipeline.alerts.turns import PATIENCE_S, Turns
from kpi_pipeline.catalogue import Company
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused
from kpi_pipeline.history.database import writing
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.alerts.acme import acme

NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)
GROUP_WAIT = timedelta(seconds=30)

CONTENT: dict[str, Any] = {
    "rule": "threshold",
    "kpi": "conversion",
    "kpis": ["conversion"],
    "title": "",
    "owners": ["ann", "bob"],
    "episode": 1,
    "opened_at": "2026-03-18T06:00:00+00:00",
    "for": "1 period",
    "actions": [],
    "runbook": "",
    "question": None,
    "within": None,
    "mark": "",
    "language": "nl",
    "day": "2026-03-19",
    "value": "20",
    "n": 100,
    "numerator": "20",
    "denominator": "100",
    "status": "critical",
    "target": ">= 32",
    "info": None,
    "warning": "< 28",
    "critical": "< 24",
    "since": "2026-03-18",
    "worst": "18",
    "provisional": False,
    "spark": ["30", "27", None, "18", "20"],
    "before": "ok",
    "acknowledged_by": None,
    "restated": [],
    "past": False,
    "resolved_at": None,
}
BEFORE = {"first_breach": "ok", "resolved": "critical", "worse": "warning", "better": "critical"}


def told(reason: str, level: str, **content: Any) -> Told:
    """A notice as a line is written from it."""
    fields = {
        name: content.pop(name) for name in ("subject", "rule", "segment", "episode", "notice_id") if name in content
    }
    return Told(
        **{
            "notice_id": "n1",
            "company": "acme",
            "subject": "conversion",
            "rule": "threshold",
            "segment": "",
            "episode": 1,
            "reason": reason,
            "level": level,
            "content": {**CONTENT, "before": BEFORE.get(reason, level), "reason": reason, **content},
            "created_at": NOW,
            **fields,
        }
    )


def message(*notices: Told, language: str = "nl", **changes: Any) -> Message:
    """A message of a company with one KPI; by default about one critical breach of it."""
    company = acme().model_copy(update={"language": language})
    found = compose(Reader(company, page), "m1", notices or [told("first_breach", "critical")])
    return replace(found, **changes)


def page(kpi_id: str) -> str:
    return f"https://kpi.acme.example/acme/kpi/{kpi_id}.html"


@dataclass
class Waits:
    """A wire whose clock moves only when somebody sleeps."""

    slept: list[float] = field(default_factory=list)

    def wire(self, timeout_s: float = 5.0) -> Wire:
        return Wire(lambda: NOW, self.slept.append, lambda: 100.0 + sum(self.slept), (timeout_s, timeout_s))


WIRE = Waits().wire()


@dataclass
class Desk:
    """Puts notices into a store's outbox, numbers them per alert, and delivers."""

    store: HistoryStore
    company: Company
    senders: Mapping[str, Sender]
    counted: dict[tuple[str, str], int] = field(default_factory=dict)
    patience_s: float = PATIENCE_S

    def announce(
        self,
        reason: str,
        level: str,
        *,
        at: datetime = NOW,
        to: Sequence[tuple[str, tuple[str, ...]]] = (("slack", ("Ann",)),),
        subject: str = "conversion",
        rule: str = "threshold",
        episode: int = 1,
        run_id: str = "run",
        **content: Any,
    ) -> str:
        """Announce a notice in a transaction of its own; its id."""
        sequence = self.counted[subject, rule] = self.counted.get((subject, rule), 0) + 1
        state = AlertState(self.company.id, subject, rule, level=level, episode=episode, notices=sequence)  # type: ignore[arg-type]
        with writing(self.store.engine, "announcing", self.company.id) as connection:
            return ledger.announce(
                connection,
                state,
                Notice(reason, level),  # type: ignore[arg-type]
                sequence,
                content={**CONTENT, "before": BEFORE.get(reason, level), "reason": reason, "rule": rule, **content},
                routes=[Route(channel, people) for channel, people in to],
                run_id=run_id,
                now=at,
                due_at=at + self.company.alerts.group_wait,
            )

    def deliver(self, at: datetime = NOW + GROUP_WAIT, *, flush: bool = False) -> list[Attempt]:
        return outbox.deliver(self.box(at), flush=flush)

    def box(self, at: datetime) -> Outbox:
        reader, turns = Reader(self.company, lambda _kpi: None), Turns(self.patience_s)
        return Outbox(self.store, reader, self.senders, lambda: at, lambda: 0.5, turns)

    def due(self, at: datetime = NOW + GROUP_WAIT) -> int:
        return outbox.due(self.store, self.company, at)

    def rows(self, table: Table) -> list[Any]:
        with self.store.engine.connect() as connection:
            return list(connection.execute(select(table)))


class Inbox(Sender):
    """A channel that keeps messages; `failures` are raised one by one before it works, `does` is called each time."""

    def __init__(self, *failures: Exception, does: Callable[[Message], None] = lambda _message: None) -> None:
        super().__init__(self._take)
        self.failures = list(failures)
        self.does = does
        self.remark: str | None = None
        self.messages: list[Message] = []
        self.recipients: list[tuple[str, ...]] = []
        self._lock = threading.Lock()

    def _take(self, message: Message, recipients: tuple[str, ...]) -> Accepted:
        self.does(message)
        with self._lock:
            if self.failures:
                raise self.failures.pop(0)
            self.messages.append(message)
            self.recipients.append(recipients)
            return Accepted(f"ref-{len(self.messages)}", self.remark)

    @property
    def ids(self) -> list[str]:
        return [message.id for message in self.messages]

    @property
    def reasons(self) -> list[list[str]]:
        return [[line.told.reason for line in message.lines] for message in self.messages]


def busy(after_s: float | None = None) -> DeliveryDelayed:
    return DeliveryDelayed("posting", "HTTP 429", remedy="wait", after_s=after_s)


def away() -> DeliveryDelayed:
    return DeliveryDelayed("posting", "no answer", remedy="wait", unanswered=True)


def gone() -> DeliveryRefused:
    return DeliveryRefused("posting", "HTTP 404", remedy="new webhook")

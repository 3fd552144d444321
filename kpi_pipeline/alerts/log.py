"""What rules have decided so far, for those who read it later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine, select

from kpi_pipeline.alerts.tables import alert_event
from kpi_pipeline.history.database import answering

STILL = "still_"  # how a decision that changes nothing calls itself


@dataclass(frozen=True, slots=True)
class Event:
    """A rule of a subject (a KPI, a source) came into a state, because of a day or None."""

    subject: str
    at: datetime
    day: date | None
    level: str


def changes(engine: Engine, company: str, *, known_at: datetime) -> Mapping[str, list[Event]]:
    """Every change of state up to an instant, by subject, the newest first. Raises StoreUnavailable."""
    query = (
        select(alert_event.c.subject, alert_event.c.at, alert_event.c.day, alert_event.c.level)
        .where(
            alert_event.c.company == company,
            alert_event.c.at <= known_at,
            alert_event.c.why.not_like(f"{STILL}%"),
        )
        .order_by(alert_event.c.id.desc())
    )
    found: dict[str, list[Event]] = {}
    with answering(engine, f"reading the alerts of {company}"), engine.connect() as connection:
        for row in connection.execute(query):
            found.setdefault(row.subject, []).append(Event(row.subject, row.at, row.day, row.level))
    return found

"""What was told, to whom and when, as one line a notice: for tests of rules and for reading a log aloud."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from kpi_pipeline.alerts.tables import alert_event, delivery, notice
from kpi_pipeline.catalogue.model import Company


@dataclass(frozen=True, slots=True)
class Told:
    """A notice, and the ids of the people it goes to over all of their channels."""

    at: datetime
    subject: str
    rule: str
    reason: str
    level: str
    people: tuple[str, ...]


def told(connection: Connection, company: Company) -> list[Told]:
    """Every notice of a company in the order in which they were made."""
    names = {person.name: key for key, person in company.people.items()}
    names |= {person.email: key for key, person in company.people.items() if person.email is not None}
    query = select(
        notice.c.id,
        notice.c.created_at,
        notice.c.subject,
        notice.c.rule,
        notice.c.reason,
        notice.c.level,
        delivery.c.recipients,
    ).outerjoin(delivery, delivery.c.notice_id == notice.c.id)
    rows = connection.execute(
        query.where(notice.c.company == company.id).order_by(notice.c.created_at, delivery.c.id)
    ).all()
    recipients: dict[str, set[str]] = {}
    for row in rows:
        recipients.setdefault(row.id, set()).update(names[name] for name in row.recipients or ())
    first = {row.id: row for row in reversed(rows)}
    return [
        Told(row.created_at, row.subject, row.rule, row.reason, row.level, in_order(company, recipients[row.id]))
        for row in reversed(first.values())
    ]


def in_order(company: Company, people: Iterable[str]) -> tuple[str, ...]:
    """People in the order in which the company's file names them."""
    found = set(people)
    return tuple(key for key in company.people if key in found)


def logged(
    connection: Connection, company: str, subject: str, rule: str, segment: str = ""
) -> list[tuple[datetime, str, date | None]]:
    """Every change of an alert's state: when, why as a word, and of which day the reading was."""
    query = select(alert_event.c.at, alert_event.c.why, alert_event.c.day).where(
        alert_event.c.company == company,
        alert_event.c.subject == subject,
        alert_event.c.rule == rule,
        alert_event.c.segment == segment,
    )
    return [(row.at, row.why, row.day) for row in connection.execute(query.order_by(alert_event.c.id))]

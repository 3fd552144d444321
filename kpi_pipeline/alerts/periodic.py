"""Puts a report that was made into the outbox: for channels, and for folders that its files are copied to.

A folder is a channel like any other, named `folder:<path>`: it is tried again, given up and replayed as messages are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from kpi_pipeline.alerts.ledger import fingerprint
from kpi_pipeline.alerts.routes import Route, joined, people_of
from kpi_pipeline.alerts.tables import delivery, notice
from kpi_pipeline.catalogue.model import Company, Report

REASON = RULE = "report"
FOLDER = "folder:"


def routes_of(company: Company, report: Report, now: datetime) -> list[Route]:
    """Where a report goes: mail by address, chat channels by name, who is away beside their deputy."""
    day = now.astimezone(company.tz).date()
    return joined(
        Route(f"{FOLDER}{send.folder}", ())
        if send.folder
        else Route(send.channel, _addresses(company, send.channel, send.to, day))
        for send in report.send
    )


def _addresses(company: Company, channel: str, names: Iterable[str], day: Any) -> tuple[str, ...]:
    is_mail = company.channels[channel].kind == "mail"
    people = people_of(company, names, (), day)
    return tuple(each for person in people if (each := person.email if is_mail else person.name) is not None)


def times_sent(connection: Connection, company: str, report: str, period: str) -> int:
    """How often a report of a period was put into the outbox."""
    mine = (notice.c.company == company, notice.c.subject == _subject(report), notice.c.segment == period)
    return int(connection.execute(select(func.count()).where(*mine, notice.c.reason == REASON)).scalar_one())


def announce(
    connection: Connection,
    company: Company,
    report: Report,
    period: str,
    content: Mapping[str, Any],
    *,
    now: datetime,
    again: bool = False,
) -> str | None:
    """The id of the notice; None for a report that goes nowhere, or that was sent and is not wanted `again`."""
    routes = routes_of(company, report, now)
    episode = times_sent(connection, company.id, report.id, period) + 1
    if not routes or (episode > 1 and not again):
        return None
    notice_id = fingerprint(company.id, _subject(report.id), RULE, period, str(episode))
    connection.execute(
        insert(notice).values(
            id=notice_id,
            company=company.id,
            subject=_subject(report.id),
            rule=RULE,
            segment=period,
            episode=episode,
            reason=REASON,
            level="info",
            content=dict(content),
            run_id=notice_id,  # a message of its own: two reports of a morning are not one
            created_at=now,
        )
    )
    rows = [
        {"notice_id": notice_id, "channel": each.channel, "recipients": list(each.recipients)}
        | {"status": "waiting", "due_at": now}
        for each in routes
    ]
    connection.execute(insert(delivery), rows)
    return notice_id


def _subject(report: str) -> str:
    return f"report/{report}"

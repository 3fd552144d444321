"""What a channel did not take goes through the company's fallback channel, and can be sent again by its own id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from kpi_pipeline.alerts.dispatches import DEAD, PENDING, Dispatch, told_in
from kpi_pipeline.alerts.ledger import fingerprint
from kpi_pipeline.alerts.lines.base import Reader
from kpi_pipeline.alerts.message import Told
from kpi_pipeline.alerts.tables import dispatch
from kpi_pipeline.catalogue.model import Company, Person
from kpi_pipeline.errors import UsageError


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up: what it was to tell to whom, why it did not arrive, and what stands in for it."""

    id: str
    channel: str
    recipients: tuple[str, ...]
    attempts: int
    created_at: datetime
    error: str
    fallback: str | None
    told: tuple[Told, ...]


def queue(connection: Connection, company: Company, found: Dispatch, now: datetime) -> str | None:
    """Queue the notices of a dead dispatch for the fallback channel; its id, None where there is nowhere to go.

    What dies in the fallback channel itself goes nowhere else. The id follows from the dead one's, so that a second
    death of a replayed message is the same fallback.
    """
    channel = company.alerts.fallback
    if channel is None or channel == found.channel or found.fallback_of is not None:
        return None
    key = fingerprint(found.id, channel)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {
        "id": key,
        "company": company.id,
        "channel": channel,
        "recipients": list(addresses(company, channel, found.recipients)),
        "run_id": "",
        "status": PENDING,
        "attempts": 0,
        "created_at": now,
        "due_at": now,
        "fallback_of": found.id,
    }
    connection.execute(dialect.insert(dispatch).values(row).on_conflict_do_nothing())
    return key


def notes(connection: Connection, reader: Reader, found: Dispatch) -> list[str]:
    """Why a message comes through this channel; nothing when it is its own."""
    if found.fallback_of is None:
        return []
    dead = connection.execute(
        select(dispatch.c.channel, dispatch.c.error).where(dispatch.c.id == found.fallback_of)
    ).one()
    return [reader.word("fallback", channel=dead.channel, error=dead.error or "")]


def addresses(company: Company, channel: str, recipients: Iterable[str]) -> tuple[str, ...]:
    """The same people as another channel addresses them; who cannot be reached there is stood in for by the owners of
    the data, else by management, else by everybody who can."""
    wanted = set(recipients)
    groups: Sequence[Iterable[Person]] = (
        [each for each in company.people.values() if {each.name, each.email} & wanted],
        [company.people[each] for each in company.alerts.data_owners if each in company.people],
        [company.people[each] for each in company.alerts.management if each in company.people],
        company.people.values(),
    )
    for people in groups:
        found = tuple(address for each in people if (address := _address(company, channel, each)) is not None)
        if found:
            return found
    return ()


def dead_letters(connection: Connection, company: str) -> list[DeadLetter]:
    """What was given up and not sent again since, the newest first."""
    query = select(dispatch).where(dispatch.c.company == company, dispatch.c.status == DEAD)
    found = []
    for row in connection.execute(query.order_by(dispatch.c.created_at.desc(), dispatch.c.id)).all():
        stands_in = connection.execute(
            select(dispatch.c.channel, dispatch.c.status).where(dispatch.c.fallback_of == row.id)
        ).one_or_none()
        origin = row.id if row.fallback_of is None else row.fallback_of
        found.append(
            DeadLetter(
                row.id,
                row.channel,
                tuple(row.recipients),
                row.attempts,
                row.created_at,
                row.error or "",
                None if stands_in is None else f"{stands_in.channel}: {stands_in.status}",
                tuple(told_in(connection, origin)),
            )
        )
    return found


def replay(connection: Connection, company: str, ids: Iterable[str], now: datetime) -> None:
    """Queue dead messages again under their own ids, with all attempts before them.

    Raises UsageError, and queues none, when one of them is not a dead message of the company.
    """
    for key in ids:
        dead = (dispatch.c.id == key, dispatch.c.company == company, dispatch.c.status == DEAD)
        values = {"status": PENDING, "attempts": 0, "created_at": now, "due_at": now}
        if connection.execute(update(dispatch).where(*dead).values(values)).rowcount != 1:
            raise UsageError(
                f"replaying message {key!r} of {company}",
                "there is no dead message with that id",
                remedy=f"`kpi alerts dead {company}` lists them; nothing was queued",
            )


def _address(company: Company, channel: str, person: Person) -> str | None:
    return person.email if company.channels[channel].kind == "mail" else person.name

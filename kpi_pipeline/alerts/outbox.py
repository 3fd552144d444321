"""Delivers what is due: at least once, in order per alert, each channel on its own.

1. What waits is grouped into dispatches in one transaction; each has its id from then on.
2. Each channel, in turn with the others: claim the next dispatch, send it, note what became of it. A crash between
   sending and noting sends the same message again under the same id, after the claim has expired; of all channels only
   one is there at a time, but for those whose receiver does not answer (see turns.py).
3. Again, until nothing new may leave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from kpi_pipeline.alerts import clockwork, dispatches, fallback, grouping
from kpi_pipeline.alerts.backoff import MOST_ATTEMPTS, next_try
from kpi_pipeline.alerts.channels import Sender
from kpi_pipeline.alerts.compose import compose
from kpi_pipeline.alerts.dispatches import Dispatch
from kpi_pipeline.alerts.lines.base import Reader
from kpi_pipeline.alerts.message import Message
from kpi_pipeline.alerts.outdated import outdated
from kpi_pipeline.alerts.turns import Turn, Turns
from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused
from kpi_pipeline.history.database import answering, writing
from kpi_pipeline.history.store import HistoryStore


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one message: sent, delayed (tried again later) or dead (kept, shown, can be replayed).

    `error` is why; of one that was sent, what did not work besides.
    """

    id: str
    channel: str
    outcome: str
    error: str | None
    headline: str


@dataclass(frozen=True, slots=True)
class Outbox:
    """The outbox of one company: where it is kept, for whom words are found, who sends, by which clock and chance.

    `turns` is the line in which the channels of this process stand.
    """

    store: HistoryStore
    reader: Reader
    senders: Mapping[str, Sender]
    now: Callable[[], datetime]
    chance: Callable[[], float]
    turns: Turns = field(default_factory=Turns)
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def company(self) -> Company:
        return self.reader.company


def due(store: HistoryStore, company: Company, now: datetime) -> int:
    """How many messages of a company may leave now."""
    with answering(store.engine, "counting due deliveries"), store.engine.connect() as connection:
        made = dispatches.unfinished(connection, company.id)
        channels = {each.channel for each in made}
        ready = [dispatches.next_of([each for each in made if each.channel == name], now) for name in channels]
        found = grouping.plan(connection, company, now)
        return sum(each is not None for each in ready) + len(found.groups) + bool(found.cancelled)


def deliver(box: Outbox, *, flush: bool = False) -> list[Attempt]:
    """Send everything that may leave now; `flush` does not wait for a group to fill.

    Raises StoreUnavailable when the history database is away; what was claimed then is sent once the claim expires.
    """
    rests: set[str] = set()
    while True:
        before = len(box.attempts)
        rests |= _side_by_side(box, [each for each in _group(box, flush) if each not in rests])
        if len(box.attempts) == before:
            break
    with writing(box.store.engine, "noting that the outbox was looked at", box.company.id) as connection:
        clockwork.mark(connection, box.company.id, clockwork.DELIVERY, box.now())
    return box.attempts


def _group(box: Outbox, flush: bool) -> list[str]:
    """Make dispatches of what may leave; the channels that have any to send."""
    with writing(box.store.engine, "grouping notices", box.company.id) as connection:
        found = grouping.plan(connection, box.company, box.now(), flush=flush)
        grouping.carry_out(connection, box.company, found, box.now())
        return sorted({each.channel for each in dispatches.unfinished(connection, box.company.id)})


def _side_by_side(box: Outbox, channels: Sequence[str]) -> set[str]:
    """A thread for each channel: one that hangs, or that has a pace, does not hold up the others.

    Those that want to be left alone for now. The first error is raised when all have ended.
    """
    if len(channels) < 2:
        return {channel for channel in channels if not _send_all(box, channel)}
    with ThreadPoolExecutor(max_workers=len(channels), thread_name_prefix="channel") as pool:
        running = {channel: pool.submit(_send_all, box, channel) for channel in channels}
    return {channel for channel, each in running.items() if not each.result()}


def _send_all(box: Outbox, channel: str) -> bool:
    """Send what one channel may get now, in order; False when nobody answers there, or it asks for a rest."""
    answered, tried = False, set[str]()
    while True:
        _keep_pace(box, channel, answered, tried)
        with box.turns.one(channel) as turn:
            found = _claim(box, channel, answered, tried)
            if found is None:
                return True
            tried.add(found[0].id)
            attempt, rests = _send(box, *found, turn)
        box.attempts.append(attempt)
        answered = answered or attempt.outcome == "sent"
        if rests:
            return False


def _keep_pace(box: Outbox, channel: str, answered: bool, tried: set[str]) -> None:
    """Wait until the channel takes the next message, if there is one; out of turn, so that nobody waits with it."""
    pace = box.senders[channel].pace if channel in box.senders else None
    if pace is None or not pace.left_s:
        return
    with answering(box.store.engine, "looking for the next message"), box.store.engine.connect() as connection:
        waiting = dispatches.unfinished(connection, box.company.id, channel)
    if dispatches.next_of(waiting, box.now(), answered=answered, tried=tried) is not None:
        pace.wait()


def _claim(box: Outbox, channel: str, answered: bool, tried: set[str]) -> tuple[Dispatch, datetime] | None:
    now = box.now()
    with writing(box.store.engine, f"claiming a message for {channel}", box.company.id) as connection:
        waiting = dispatches.unfinished(connection, box.company.id, channel)
        found = dispatches.next_of(waiting, now, answered=answered, tried=tried)
        if found is None or not dispatches.claim(connection, found, now):
            return None
        return found, now


def _send(box: Outbox, found: Dispatch, claimed_at: datetime, turn: Turn) -> tuple[Attempt, bool]:
    """Compose, send, note; and whether the channel wants to be left alone for now."""
    headline = ""
    try:
        if found.attempts >= MOST_ATTEMPTS:
            raise DeliveryRefused(
                f"sending message {found.id}",
                f"it was begun {found.attempts} times and never finished",
                remedy="See the log of those runs, then replay",
            )
        message = _message(box, found)
        headline, sender = message.headline, _sender(box, found)
        with box.turns.answering(turn):
            accepted = sender(message, found.left)
    except DeliveryDelayed as error:
        return _delayed(box, found, claimed_at, headline, error)
    except DeliveryRefused as error:
        return _dead(box, found, claimed_at, headline, error), False
    reference, remark = (None, None) if accepted is None else (accepted.reference, accepted.remark)
    with writing(box.store.engine, f"noting that message {found.id} was sent", box.company.id) as connection:
        dispatches.mark_sent(connection, found, reference, box.now(), remark=remark)
    return Attempt(found.id, found.channel, "sent", remark, headline), False


def _message(box: Outbox, found: Dispatch) -> Message:
    sender = box.senders.get(found.channel)
    shows_anew = sender is not None and sender.updates
    with answering(box.store.engine, "reading notices"), box.store.engine.connect() as connection:
        told = dispatches.told_in(connection, found.origin)
        firsts = dispatches.first_messages(connection, found, told)
        old = outdated(connection, box.reader, found.channel, firsts, told) if shows_anew else ()
        notes = fallback.notes(connection, box.reader, found)
    known = [each for each in firsts if each is not None]
    answers = list(dict.fromkeys(known)) if len(known) == len(firsts) else []
    return compose(box.reader, found.id, told, answers=answers, outdated=old, notes=notes)


def _sender(box: Outbox, found: Dispatch) -> Sender:
    if found.channel not in box.senders:
        raise DeliveryRefused(
            f"sending message {found.id}",
            f"the company has no channel {found.channel!r} any more",
            remedy="Restore the channel in company.yaml, then replay",
        )
    return box.senders[found.channel]


def _delayed(
    box: Outbox, found: Dispatch, claimed_at: datetime, headline: str, error: DeliveryDelayed
) -> tuple[Attempt, bool]:
    now = box.now()
    again = next_try(found.attempts + 1, found.created_at, now, chance=box.chance(), after_s=error.after_s)
    rests = error.unanswered or error.after_s is not None
    if again is None:
        return _dead(box, found, claimed_at, headline, error), rests
    with writing(box.store.engine, f"noting that message {found.id} waits", box.company.id) as connection:
        unanswered = error.unanswered and error.after_s is None
        dispatches.mark_open(
            connection,
            found,
            claimed_at,
            error=str(error),
            due_at=again,
            unanswered=unanswered,
            reached=error.reached,
        )
        if error.after_s is not None:
            dispatches.postpone(connection, box.company.id, found.channel, again)
    return Attempt(found.id, found.channel, "delayed", str(error), headline), rests


def _dead(
    box: Outbox, found: Dispatch, claimed_at: datetime, headline: str, error: DeliveryDelayed | DeliveryRefused
) -> Attempt:
    """Give it up, and in the same transaction queue what it tells for the fallback channel."""
    with writing(box.store.engine, f"noting that message {found.id} is dead", box.company.id) as connection:
        if dispatches.mark_dead(connection, found, claimed_at, error=str(error), reached=error.reached):
            fallback.queue(connection, box.company, found, box.now())
    return Attempt(found.id, found.channel, "dead", str(error), headline)

"""Earlier messages that a new one makes old, as they should read now; for channels that can show them anew.

A message keeps all its alerts: each as it was told last through that channel, with the headline that it began as.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from kpi_pipeline.alerts.collapse import stands
from kpi_pipeline.alerts.compose import compose
from kpi_pipeline.alerts.dispatches import SENT, told_in
from kpi_pipeline.alerts.grouping import GROUPED
from kpi_pipeline.alerts.ledger import IDENTITY
from kpi_pipeline.alerts.lines.base import Reader
from kpi_pipeline.alerts.message import Earlier, Message, Outdated, Told
from kpi_pipeline.alerts.tables import delivery, dispatch, notice

Episode = tuple[str, int]


def outdated(
    connection: Connection, reader: Reader, channel: str, firsts: Iterable[Earlier | None], told: Sequence[Told]
) -> tuple[Outdated, ...]:
    """The first messages of the alerts that are told of, each once, with what they should say once it is sent."""
    news = {_episode(each): each for each in told if stands(each)}
    found = dict.fromkeys(each for each in firsts if each is not None and each.reference is not None)
    return tuple(_as_now(connection, reader, channel, first, news) for first in found) if news else ()


def _as_now(
    connection: Connection, reader: Reader, channel: str, first: Earlier, news: dict[Episode, Told]
) -> Outdated:
    began = told_in(connection, first.id)
    now = [_newest(connection, channel, each, news) for each in began]
    recipients = connection.execute(select(dispatch.c.recipients).where(dispatch.c.id == first.id)).scalar_one()
    headlines = {line.told.notice_id: line.headline for line in compose(reader, first.id, began).lines}
    origin = {after.notice_id: headlines[before.notice_id] for before, after in zip(began, now, strict=True)}
    return Outdated(
        str(first.reference), _with_beginnings(reader, compose(reader, first.id, now), origin), tuple(recipients)
    )


def _with_beginnings(reader: Reader, message: Message, began: dict[str, str]) -> Message:
    """The message with the headline that each alert in it began as, where it reads otherwise by now."""
    label = reader.word("began")
    lines = tuple(
        line
        if began[line.told.notice_id] == line.headline
        else replace(line, facts=(*line.facts, (label, began[line.told.notice_id])))
        for line in message.lines
    )
    return replace(message, lines=lines)


def _newest(connection: Connection, channel: str, began: Told, news: dict[Episode, Told]) -> Told:
    """What is told of the alert now, else what the channel was told last; what stands for nothing stays as it was."""
    if not stands(began):
        return began
    if _episode(began) in news:
        return news[_episode(began)]
    columns = (notice.c[name] for name in Told.__slots__ if name != "notice_id")
    query = (
        select(*columns, notice.c.id.label("notice_id"))
        .join(delivery, delivery.c.notice_id == notice.c.id)
        .join(dispatch, dispatch.c.id == delivery.c.dispatch_id)
        .where(
            *(notice.c[name] == getattr(began, name) for name in (*IDENTITY, "episode")),
            delivery.c.status == GROUPED,
            dispatch.c.channel == channel,
            dispatch.c.status == SENT,
        )
        .order_by(notice.c.created_at.desc(), delivery.c.id.desc())
    )
    later = (Told(**row._mapping) for row in connection.execute(query).all())
    return next((each for each in later if stands(each)), began)


def _episode(told: Told) -> Episode:
    return told.alert_key, told.episode

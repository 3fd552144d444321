"""The outbox on PostgreSQL: the same claims, order and retries, with several processes' worth of workers at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from kpi_pipeline.alerts import fallback
from kpi_pipeline.alerts.tables import delivery, dispatch
from kpi_pipeline.catalogue import Company
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused
from kpi_pipeline.history.database import writing
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.alerts.sending import GROUP_WAIT, NOW, Desk, Inbox

pytestmark = pytest.mark.postgres
AT = NOW + GROUP_WAIT
MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(postgres_url: str) -> Iterator[HistoryStore]:
    admin = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("drop database if exists outbox with (force)"))
        connection.execute(text("create database outbox"))
    admin.dispose()
    base, _, query = postgres_url.partition("?")
    found = HistoryStore.open(f"{base.rsplit('/', 1)[0]}/outbox" + (f"?{query}" if query else ""))
    yield found
    found.engine.dispose()


def test_at_17_workers_at_once_send_each_message_once_and_in_order(store: HistoryStore, company: Company) -> None:
    inboxes = {"slack": Inbox(), "mail": Inbox()}
    desk = Desk(store, company, inboxes)
    to = (("slack", ("Ann",)), ("mail", ("ann@acme.example",)))
    for number in range(6):
        desk.announce("first_breach", "warning", subject=f"k{number}", run_id=str(number), to=to)
    threads = [threading.Thread(target=desk.deliver, kwargs={"at": AT}) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk.deliver(AT + MINUTE)
    for inbox in inboxes.values():
        assert Counter(line.told.subject for message in inbox.messages for line in message.lines) == {
            f"k{number}": 1 for number in range(6)
        }
    assert {row.status for row in desk.rows(dispatch)} == {"sent"}


def test_delays_deaths_fallbacks_and_replays(store: HistoryStore, company: Company) -> None:
    alerts = company.alerts.model_copy(update={"fallback": "mail"})
    slack = Inbox(
        DeliveryDelayed("posting", "HTTP 429", remedy="wait", after_s=90),
        DeliveryDelayed("posting", "no answer", remedy="wait", unanswered=True),
        DeliveryRefused("posting", "HTTP 404", remedy="check"),
    )
    mail = Inbox()
    desk = Desk(store, company.model_copy(update={"alerts": alerts}), {"slack": slack, "mail": mail})
    desk.announce("first_breach", "warning", subject="a", run_id="1")
    assert [each.outcome for each in desk.deliver(AT)] == ["delayed"]
    desk.announce("worse", "critical", subject="a", run_id="2", at=AT)
    assert desk.due(AT + MINUTE) == 0
    assert [each.outcome for each in desk.deliver(AT + 2 * MINUTE)] == ["delayed"]
    assert sorted(each.outcome for each in desk.deliver(AT + 5 * MINUTE)) == ["dead", "sent", "sent"]
    assert [message.lines[0].told.reason for message in (*mail.messages, *slack.messages)] == ["first_breach", "worse"]
    with store.engine.connect() as connection:
        (letter,) = fallback.dead_letters(connection, "acme")
    with writing(store.engine, "replaying", "acme") as connection:
        fallback.replay(connection, "acme", [letter.id], AT + 6 * MINUTE)
    assert [each.id for each in desk.deliver(AT + 6 * MINUTE)] == [letter.id]
    assert {row.status for row in desk.rows(delivery)} == {"grouped"}

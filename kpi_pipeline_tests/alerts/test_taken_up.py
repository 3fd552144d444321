"""Somebody takes an alert in hand: told in its thread in Slack, whose first message shows it, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from kpi_pipeline.alerts import ledger, outbox, silences, taken_up
from kpi_pipeline.alerts.channels import KINDS, Wire
from kpi_pipeline.alerts.lines.base import Reader
from kpi_pipeline.alerts.outbox import Outbox
from kpi_pipeline.alerts.tables import delivery, notice
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.sandbox.server import Sandbox
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline_tests.alerts.alarm import NOW, Alarm
from kpi_pipeline_tests.alerts.sending import Inbox

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Observed = Callable[..., Observation]
ROOM = Channel(kind="slack_bot", url="ACME_SLACK_API_URL", secret="ACME_SLACK_BOT_TOKEN", room="#kpi")


@pytest.fixture
def company(company: Company) -> Company:
    """Ann is reached in a room of Slack's and by mail, Bob by mail."""
    of = {"ann": ("room", "mail"), "bob": ("mail",)}
    people = {
        name: person.model_copy(update={"channels": of.get(name, person.channels)})
        for name, person in company.people.items()
    }
    return company.model_copy(update={"people": people, "channels": {**company.channels, "room": ROOM}})


@pytest.fixture
def alarm(store: HistoryStore, company: Company, observed: Observed) -> Alarm:
    found = Alarm(store, company)
    found.record(observed(0, 40, "ok"), now=NOW - DAY)
    found.record(observed(1, 20, "critical"))
    return found


def take_up(alarm: Alarm, now: datetime = NOW + HOUR) -> None:
    alarm.do(
        taken_up.take_up, alarm.company, alarm.state(), author="Ann", reason="bel ze na", until=now + 7 * DAY, now=now
    )


def told_where(alarm: Alarm, reason: str) -> set[tuple[str, tuple[str, ...]]]:
    rows = {row.id: row.reason for row in alarm.rows(notice)}
    return {(row.channel, tuple(row.recipients)) for row in alarm.rows(delivery) if rows[row.notice_id] == reason}


def test_that_somebody_has_it_in_hand_is_told_in_the_thread_only(alarm: Alarm, observed: Observed) -> None:
    take_up(alarm)
    alarm.do(taken_up.hand_back, alarm.company, alarm.state(), author="Bob", reason="Ann is weg", now=NOW + 2 * HOUR)
    alarm.record(observed(2, 40, "ok"), now=NOW + DAY)
    assert alarm.told() == [
        ("first_breach", "critical"),
        ("acknowledged", "critical"),
        ("handed_back", "critical"),
        ("resolved", "ok"),
    ]
    assert told_where(alarm, "first_breach") == {("room", ("Ann",)), ("mail", ("ann@acme.example", "bob@acme.example"))}
    assert told_where(alarm, "acknowledged") == told_where(alarm, "handed_back") == {("room", ("Ann",))}
    with alarm.store.engine.connect() as connection:
        assert ledger.replay(connection, "acme", "conversion", "threshold") == alarm.state()


def test_without_a_thread_nobody_is_told_and_no_state_changes(alarm: Alarm) -> None:
    alarm.company = alarm.company.model_copy(update={"channels": {"mail": alarm.company.channels["mail"]}})
    before = alarm.state()
    take_up(alarm)
    assert alarm.told() == [("first_breach", "critical")]
    assert alarm.state() == before


def test_what_is_silenced_says_nothing(alarm: Alarm) -> None:
    alarm.do(
        silences.add,
        "acme",
        matchers=["kpi=conversion"],
        starts_at=NOW,
        ends_at=NOW + DAY,
        author="b",
        reason="x",
        now=NOW,
    )
    alarm.watch(NOW + HOUR / 2)
    take_up(alarm)
    assert alarm.told() == [("first_breach", "critical")]


def test_an_escalation_to_others_goes_on_in_the_thread_too(
    store: HistoryStore, company: Company, observed: Observed
) -> None:
    alarm = Alarm(store, company, escalation=[{"after": "1 working day", "to": ["bob"]}])
    alarm.record(observed(0, 40, "ok"), now=NOW - DAY)
    alarm.record(observed(1, 20, "critical"))
    alarm.watch(NOW + 4 * DAY)
    assert told_where(alarm, "escalation") == {("mail", ("bob@acme.example",)), ("room", ("Ann",))}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    world = World("acme", 1, date(2026, 11, 20), "UTC", "EUR", NOW, NOW)
    with Sandbox(("acme",), now=lambda: NOW, vendor_names=("slack_bot",), build=lambda *_: world) as served:
        yield served


def test_at_37_the_room_shows_how_it_stands_and_the_thread_how_it_came_to_that(
    alarm: Alarm, observed: Observed, sandbox: Sandbox
) -> None:
    wire = Wire(lambda: NOW, lambda _seconds: None, lambda: 0.0)
    senders = {"room": KINDS["slack_bot"].sender(ROOM, sandbox.environment("acme"), wire), "mail": Inbox()}

    def deliver(at: datetime) -> list[dict[str, Any]]:
        """What Slack got by it."""
        reader = Reader(alarm.company, lambda _kpi: None)
        before = len(sandbox.received.get("slack_bot", ()))
        outbox.deliver(Outbox(alarm.store, reader, senders, lambda: at, lambda: 0.5))
        return sandbox.received["slack_bot"][before:]

    (first,) = deliver(NOW + HOUR / 2)
    take_up(alarm)
    update, answer = deliver(NOW + 2 * HOUR)
    assert (update["ts"], answer["message"]["thread_ts"]) == (first["ts"], first["ts"])
    assert "is opgepakt" in update["message"]["text"]
    shown = str(update["message"]["blocks"])
    assert "*Opgepakt door*: Ann tot 27 mrt 2026 08:00: bel ze na" in shown
    assert f"*Begon als*: {first['message']['text']}" in shown
    assert answer["message"]["reply_broadcast"] is False, "that it is in hand needs nobody's eyes"
    alarm.record(observed(2, 40, "ok"), now=NOW + DAY)
    update, answer = deliver(NOW + DAY + HOUR)
    assert (update["ts"], answer["message"]["thread_ts"]) == (first["ts"], first["ts"])
    assert update["message"]["text"].startswith("✓ hersteld")
    assert answer["message"]["reply_broadcast"] is True

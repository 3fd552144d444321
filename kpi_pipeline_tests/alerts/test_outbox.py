"""From observation to message: nothing is lost, nothing is announced twice, one channel never holds up another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select

from kpi_pipeline.alerts import outbox
from kpi_pipeline.alerts.channels import slack
from kpi_pipeline.alerts.message import Message, threshold_message
from kpi_pipeline.alerts.tables import dispatch
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import HistoryStore

NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)
Observed = Callable[..., Observation]


class Inbox:
    """A channel that keeps messages, and raises what it is told to raise first."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.messages: list[Message] = []

    def __call__(self, message: Message, recipients: tuple[str, ...]) -> None:
        self.messages.append(message)
        if self.failures:
            raise self.failures.pop(0)


def rows(store: HistoryStore, table: Table) -> list[Any]:
    with store.engine.connect() as connection:
        return list(connection.execute(select(table)))


def composer(company: Company) -> Callable[[Mapping[str, Any]], Message]:
    def compose(row: Mapping[str, Any]) -> Message:
        kpi = company.kpis[row["subject"]]
        return threshold_message(company, kpi, row["notice_id"], row["reason"], row["level"], row["content"])

    return compose


def test_delivery_marks_what_was_sent_and_sends_it_once(
    store: HistoryStore, company: Company, observed: Observed, judged: Callable[..., None]
) -> None:
    judged(company, [observed(0, 20, "critical")])
    slack_inbox, mail_inbox = Inbox(), Inbox()
    senders = {"slack": slack_inbox, "mail": mail_inbox}
    for _ in range(2):
        outbox.deliver(store, "acme", senders, composer(company), NOW)
    assert (len(slack_inbox.messages), len(mail_inbox.messages)) == (1, 1)
    assert {row.status for row in rows(store, dispatch)} == {"sent"}
    assert slack_inbox.messages[0].text() == (
        "■ kritiek: Conversie <&> co over de grens: 20,0%\n"
        "Waarde: 20,0% (20 / 100; n = 100), 2 maart 2026\n"
        "Grens: < 24%\n"
        "Doel: ≥ 32%\n"
        "Sinds: 2 maart 2026\n"
        "Eigenaar: Ann, Bob\n"
        "Uitleg met de onderliggende records: kpi explain acme conversion --on 2026-03-02\n"
        f"Acme · Bericht {slack_inbox.messages[0].notice_id}"
    )


def test_a_delayed_channel_waits_and_does_not_hold_up_the_other(
    store: HistoryStore, company: Company, observed: Observed, judged: Callable[..., None]
) -> None:
    judged(company, [observed(0, 20, "critical")])
    busy = DeliveryDelayed("posting", "HTTP 429", remedy="wait", after_s=120)
    slack_inbox, mail_inbox = Inbox(busy), Inbox()
    senders = {"slack": slack_inbox, "mail": mail_inbox}
    first = outbox.deliver(store, "acme", senders, composer(company), NOW)
    assert {attempt.channel: attempt.outcome for attempt in first} == {"slack": "delayed", "mail": "sent"}
    assert outbox.due(store, "acme", NOW + timedelta(seconds=119)) == 0
    again = outbox.deliver(store, "acme", senders, composer(company), NOW + timedelta(seconds=120))
    assert [(attempt.channel, attempt.outcome) for attempt in again] == [("slack", "sent")]
    assert slack_inbox.messages[0].notice_id == slack_inbox.messages[1].notice_id


def test_a_refused_notice_is_kept_as_dead_with_its_reason(
    store: HistoryStore, company: Company, observed: Observed, judged: Callable[..., None]
) -> None:
    judged(company, [observed(0, 20, "critical")])
    senders = {"slack": Inbox(DeliveryRefused("posting", "HTTP 404", remedy="new webhook")), "mail": Inbox()}
    outbox.deliver(store, "acme", senders, composer(company), NOW)
    dead = [row for row in rows(store, dispatch) if row.status == "dead"]
    assert [(row.channel, row.error) for row in dead] == [
        ("slack", "posting: HTTP 404. Trying again cannot help. new webhook")
    ]


def test_a_channel_that_stays_away_for_a_day_is_given_up(
    store: HistoryStore, company: Company, observed: Observed, judged: Callable[..., None]
) -> None:
    judged(company, [observed(0, 20, "critical")])
    away = [DeliveryDelayed("posting", "no answer", remedy="wait") for _ in range(40)]
    senders, now = {"slack": Inbox(*away), "mail": Inbox()}, NOW
    for _ in range(40):
        outbox.deliver(store, "acme", senders, composer(company), now)
        now += timedelta(hours=2)
    found = {row.channel: row for row in rows(store, dispatch)}
    assert (found["slack"].status, found["mail"].status) == ("dead", "sent")
    assert 12 <= found["slack"].attempts <= 15


def test_a_worker_that_died_after_claiming_is_followed_by_another(
    store: HistoryStore, company: Company, observed: Observed, judged: Callable[..., None]
) -> None:
    judged(company, [observed(0, 20, "critical")])

    def die(_message: Message, _recipients: tuple[str, ...]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outbox.deliver(store, "acme", {"slack": die, "mail": die}, composer(company), NOW)
    inbox = Inbox()
    senders = {"slack": inbox, "mail": Inbox()}
    outbox.deliver(store, "acme", senders, composer(company), NOW + timedelta(minutes=4))
    assert inbox.messages == []
    outbox.deliver(store, "acme", senders, composer(company), NOW + timedelta(minutes=5))
    assert len(inbox.messages) == 1


def test_slack_escapes_names_and_stays_under_its_limit() -> None:
    message = Message("id", "critical", "<!channel> & co", (("a", "x" * 4000),), "footer")
    body = slack.payload(message, ("Ann",))
    assert body["text"] == "&lt;!channel&gt; &amp; co"
    assert max(len(block["text"]["text"]) for block in body["blocks"] if "text" in block) == 3000


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        ((500, {}, "oops"), DeliveryDelayed, "HTTP 500"),
        ((429, {"Retry-After": "30"}, "slow down"), DeliveryDelayed, "HTTP 429"),
        ((404, {}, "no_service"), DeliveryRefused, "HTTP 404"),
        ((302, {"Location": "http://127.0.0.1:1/"}, ""), DeliveryRefused, "HTTP 302"),
        ((200, {}, "<html>log in</html>"), DeliveryRefused, "without the word 'ok'"),
    ],
)
def test_slack_answers_are_told_apart_and_the_address_stays_secret(
    receiver: Any, answer: tuple[int, dict[str, str], str], error: type[Exception], text: str
) -> None:
    receiver.answers = [answer]
    send = slack.sender(Channel(kind="slack", url="ACME_SLACK"), receiver.url)
    with pytest.raises(error, match=text) as caught:
        send(Message("id", "critical", "headline", (), "footer"), ())
    assert "SECRETPART" not in str(caught.value)
    assert "ACME_SLACK" in str(caught.value)
    if "Retry-After" in answer[1]:
        assert caught.value.after_s == 30  # type: ignore[attr-defined]


def test_a_receiver_that_is_away_does_not_show_its_address() -> None:
    send = slack.sender(Channel(kind="slack", url="ACME_SLACK"), "http://127.0.0.1:1/services/SECRETPART")
    with pytest.raises(DeliveryDelayed, match=r"no answer \(ConnectionError\)") as caught:
        send(Message("id", "critical", "headline", (), "footer"), ())
    assert "SECRETPART" not in repr(caught.value)
    assert caught.value.__cause__ is None

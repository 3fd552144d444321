"""AT-36: what cannot arrive is told through another channel, listed, and can be sent again under its id."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kpi_pipeline.alerts import fallback
from kpi_pipeline.alerts.tables import dispatch
from kpi_pipeline.catalogue import Company
from kpi_pipeline.errors import UsageError
from kpi_pipeline.history.database import writing
from kpi_pipeline_tests.alerts.sending import NOW, Desk, Inbox, busy, gone

HOUR = timedelta(hours=1)


def with_fallback(desk: Desk) -> Desk:
    alerts = desk.company.alerts.model_copy(update={"fallback": "mail"})
    return Desk(desk.store, desk.company.model_copy(update={"alerts": alerts}), desk.senders)


def test_at_36_what_is_dead_goes_through_the_fallback_channel(desk: Desk, slack: Inbox, mail: Inbox) -> None:
    slack.failures, desk = [gone()], with_fallback(desk)
    desk.announce("first_breach", "critical", to=(("slack", ("Bob",)),))
    assert sorted((each.channel, each.outcome) for each in desk.deliver()) == [("mail", "sent"), ("slack", "dead")]
    (message,) = mail.messages
    assert mail.recipients == [("bob@acme.example",)]
    assert "Via dit kanaal omdat slack het bericht niet aannam: posting: HTTP 404" in message.text()
    assert "over de grens: 20,0%" in message.text()
    with desk.store.engine.connect() as connection:
        (letter,) = fallback.dead_letters(connection, "acme")
    assert (letter.channel, letter.fallback, [each.subject for each in letter.told]) == (
        "slack",
        "mail: sent",
        ["conversion"],
    )


def test_at_36_who_has_no_address_there_is_stood_in_for(desk: Desk, company: Company) -> None:
    assert fallback.addresses(company, "mail", ("Cas",)) == ("ann@acme.example", "bob@acme.example")
    alerts = company.alerts.model_copy(update={"data_owners": ("cas", "bob")})
    assert fallback.addresses(company.model_copy(update={"alerts": alerts}), "mail", ("Cas",)) == ("bob@acme.example",)
    assert fallback.addresses(company, "slack", ("ann@acme.example",)) == ("Ann",)


def test_at_36_a_fallback_that_dies_goes_nowhere_else(desk: Desk, slack: Inbox, mail: Inbox) -> None:
    slack.failures, mail.failures, desk = [gone()], [gone()], with_fallback(desk)
    desk.announce("first_breach", "critical")
    desk.deliver()
    assert sorted((row.channel, row.status) for row in desk.rows(dispatch)) == [("mail", "dead"), ("slack", "dead")]


def test_at_36_a_replay_keeps_the_id_and_has_all_attempts_before_it(desk: Desk, slack: Inbox) -> None:
    slack.failures = [gone(), busy()]
    desk.announce("first_breach", "critical")
    (dead,) = desk.deliver()
    later = NOW + 48 * HOUR
    with writing(desk.store.engine, "replaying", "acme") as connection:
        fallback.replay(connection, "acme", [dead.id], later)
    assert [attempt.outcome for attempt in desk.deliver(later)] == ["delayed"]
    assert [attempt.outcome for attempt in desk.deliver(later + HOUR)] == ["sent"]
    assert slack.ids == [dead.id]
    with desk.store.engine.connect() as connection:
        assert fallback.dead_letters(connection, "acme") == []


def test_at_36_only_what_is_dead_can_be_replayed(desk: Desk, slack: Inbox) -> None:
    slack.failures = [gone()]
    desk.announce("first_breach", "critical", subject="a")
    (dead,) = desk.deliver()
    with (
        pytest.raises(UsageError, match="there is no dead message with that id"),
        writing(desk.store.engine, "replaying", "acme") as connection,
    ):
        fallback.replay(connection, "acme", [dead.id, "nothing"], NOW)
    assert [row.status for row in desk.rows(dispatch)] == ["dead"]


def test_a_channel_that_is_gone_from_the_catalogue_is_a_dead_letter(desk: Desk) -> None:
    desk.announce("first_breach", "critical", to=(("pigeon", ("Ann",)),))
    (attempt,) = desk.deliver()
    assert (attempt.outcome, "no channel 'pigeon' any more" in str(attempt.error)) == ("dead", True)

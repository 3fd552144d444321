"""Earlier messages as they should read now, in a channel that can show them anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kpi_pipeline.alerts.message import Message
from kpi_pipeline.alerts.tables import dispatch
from kpi_pipeline_tests.alerts.sending import NOW, Desk, Inbox, busy

HOUR = timedelta(hours=1)
TWO = (("slack", ("Ann",)), ("mail", ("ann@acme.example",)))


@pytest.fixture
def desk(desk: Desk, slack: Inbox) -> Desk:
    slack.updates = True
    return desk


def reasons(message: Message) -> list[tuple[str, str]]:
    return [(line.told.subject, line.told.reason) for line in message.lines]


def test_a_message_of_several_alerts_keeps_them_all_each_as_it_was_told_last(desk: Desk, slack: Inbox) -> None:
    desk.announce("first_breach", "warning", subject="a")
    desk.announce("first_breach", "warning", subject="b")
    desk.announce("milestone", "info", subject="c", mark="50")
    desk.deliver(NOW + HOUR)
    desk.announce("worse", "critical", subject="a", at=NOW + HOUR)
    desk.deliver(NOW + 2 * HOUR)
    desk.announce("resolved", "ok", subject="b", at=NOW + 2 * HOUR)
    desk.deliver(NOW + 3 * HOUR)
    first, worse, over = slack.messages
    (then,), (now,) = worse.outdated, over.outdated
    assert (first.outdated, then.reference, now.reference) == ((), "ref-1", "ref-1")
    assert sorted(reasons(then.now)) == [("a", "worse"), ("b", "first_breach"), ("c", "milestone")]
    assert sorted(reasons(now.now)) == [("a", "worse"), ("b", "resolved"), ("c", "milestone")]
    assert (now.now.id, now.recipients) == (first.id, ("Ann",))
    assert now.now.headline.startswith("■ 3 meldingen: 1 × kritiek")


def test_an_alert_that_reads_otherwise_says_what_it_began_as(desk: Desk, slack: Inbox) -> None:
    for subject in ("a", "b"):
        desk.announce("first_breach", "warning", subject=subject)
    desk.deliver(NOW + HOUR)
    desk.announce("resolved", "ok", subject="a", at=NOW + HOUR)
    desk.deliver(NOW + 2 * HOUR)
    began = {line.told.subject: line.headline for line in slack.messages[0].lines}
    ((now,),) = [message.outdated for message in slack.messages[1:]]
    said = {line.told.subject: dict(line.facts).get("Begon als") for line in now.now.lines}
    assert said == {"a": began["a"], "b": None}


def test_what_goes_on_beside_something_new_makes_its_first_message_old_too(desk: Desk, slack: Inbox) -> None:
    desk.announce("first_breach", "warning", subject="a")
    desk.deliver(NOW + HOUR)
    desk.announce("resolved", "ok", subject="a", at=NOW + HOUR)
    desk.announce("first_breach", "critical", subject="c", at=NOW + HOUR)
    desk.deliver(NOW + 2 * HOUR)
    both = slack.messages[1]
    assert both.answers == ()
    assert [reasons(each.now) for each in both.outdated] == [[("a", "resolved")]]


def test_a_new_episode_leaves_the_message_of_the_last_alone(desk: Desk, slack: Inbox) -> None:
    desk.announce("first_breach", "warning")
    desk.deliver(NOW + HOUR)
    desk.announce("first_breach", "critical", episode=2, at=NOW + HOUR)
    desk.deliver(NOW + 2 * HOUR)
    assert slack.messages[1].outdated == ()


def test_what_tells_of_the_past_or_of_itself_makes_nothing_old(desk: Desk, slack: Inbox) -> None:
    desk.announce("first_breach", "critical")
    desk.deliver(NOW + HOUR)
    desk.announce("corrected", "ok", past=True, restated=[], at=NOW + HOUR)
    desk.deliver(NOW + 2 * HOUR)
    assert slack.messages[1].outdated == ()


def test_other_channels_are_not_told_and_a_delayed_update_comes_with_its_message(
    desk: Desk, slack: Inbox, mail: Inbox
) -> None:
    desk.announce("first_breach", "warning", to=TWO)
    desk.deliver(NOW + HOUR)
    slack.failures = [busy()]
    desk.announce("worse", "critical", at=NOW + HOUR, to=TWO)
    desk.deliver(NOW + 2 * HOUR)
    assert [message.outdated for message in mail.messages] == [(), ()]
    desk.deliver(NOW + 3 * HOUR)
    assert [len(message.outdated) for message in slack.messages] == [0, 1]


def test_what_did_not_work_besides_is_kept_and_said(desk: Desk, slack: Inbox) -> None:
    slack.remark = "could not be updated"
    desk.announce("first_breach", "warning")
    (attempt,) = desk.deliver()
    (row,) = desk.rows(dispatch)
    assert (attempt.outcome, attempt.error) == ("sent", "could not be updated")
    assert (row.status, row.error) == ("sent", "could not be updated")

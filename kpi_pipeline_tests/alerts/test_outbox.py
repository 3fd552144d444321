"""From notice to message: nothing is lost, nothing is told twice, one channel never holds up another."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from kpi_pipeline.alerts import outbox
from kpi_pipeline.alerts.backoff import MOST_ATTEMPTS, next_try
from kpi_pipeline.alerts.channels.wire import Pace, Sender, Wire
from kpi_pipeline.alerts.message import Message
from kpi_pipeline.alerts.tables import delivery, dispatch, notice
from kpi_pipeline.errors import DeliveryDelayed
from kpi_pipeline_tests.alerts.sending import GROUP_WAIT, NOW, Desk, Inbox, away, busy, gone

BOTH = (("slack", ("Ann",)), ("mail", ("ann@acme.example",)))
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def test_at_17_two_deliveries_at_once_send_one_message(desk: Desk, slack: Inbox) -> None:
    desk.announce("first_breach", "critical")
    start = threading.Barrier(4)

    def run() -> None:
        start.wait()
        desk.deliver()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(slack.messages) == 1
    desk.deliver(NOW + HOUR)
    assert len(slack.messages) == 1


def test_at_18_three_kpis_of_one_run_are_one_message_of_three_lines(desk: Desk, slack: Inbox) -> None:
    for number, subject in enumerate(("a", "b", "c")):
        desk.announce(
            "first_breach", ("warning", "critical", "warning")[number], subject=subject, at=NOW + 9 * number * SECOND
        )
    assert desk.deliver(NOW + GROUP_WAIT - SECOND) == []
    (attempt,) = desk.deliver(NOW + GROUP_WAIT)
    assert (attempt.outcome, attempt.headline) == ("sent", "■ 3 meldingen: 1 × kritiek, 2 × waarschuwing")
    (message,) = slack.messages
    assert [line.told.subject for line in message.lines] == ["b", "a", "c"]
    assert {row.dispatch_id for row in desk.rows(delivery)} == {message.id}


def test_at_18_owners_channels_and_runs_are_told_apart(desk: Desk, slack: Inbox, mail: Inbox) -> None:
    desk.announce("first_breach", "critical", subject="a", to=BOTH)
    desk.announce("first_breach", "critical", subject="b", to=BOTH, run_id="another")
    desk.announce("first_breach", "critical", subject="c", to=(("slack", ("Bob", "Ann")),))
    desk.announce("first_breach", "critical", subject="d", to=(("slack", ("Ann", "Bob")),))
    desk.deliver()
    subjects = [sorted(line.told.subject for line in message.lines) for message in slack.messages]
    assert sorted(subjects) == [["a"], ["b"], ["c", "d"]]
    assert len(mail.messages) == 2


def test_at_18_what_joins_a_group_after_its_message_waits_for_the_interval(desk: Desk, slack: Inbox) -> None:
    desk.announce("first_breach", "critical", subject="a")
    desk.deliver(sent := NOW + GROUP_WAIT)
    desk.announce("first_breach", "critical", subject="b", at=sent)
    desk.announce("first_breach", "critical", subject="c", at=sent + 2 * MINUTE)
    before, at = sent + 5 * MINUTE - SECOND, sent + 5 * MINUTE
    assert (desk.due(before), desk.deliver(before)) == (0, [])
    assert desk.due(at) == 1
    desk.deliver(at)
    assert [[line.told.subject for line in message.lines] for message in slack.messages] == [["a"], ["b", "c"]]


def test_at_18_the_end_of_a_run_does_not_wait(desk: Desk, slack: Inbox) -> None:
    desk.announce("first_breach", "critical")
    assert desk.deliver(NOW) == []
    desk.deliver(NOW, flush=True)
    assert len(slack.messages) == 1


def test_at_19_an_alert_that_comes_and_goes_before_it_is_told_is_not_told(desk: Desk, slack: Inbox) -> None:
    desk.announce("first_breach", "warning")
    desk.announce("worse", "critical", at=NOW + 5 * SECOND)
    desk.announce("resolved", "ok", at=NOW + 20 * SECOND)
    desk.announce("first_breach", "warning", subject="other")
    desk.deliver()
    assert [[line.told.subject for line in message.lines] for message in slack.messages] == [["other"]]
    assert [row.status for row in desk.rows(delivery)] == ["cancelled", "cancelled", "cancelled", "grouped"]
    assert desk.due(NOW + HOUR) == 0


def test_at_19_several_unsent_notices_of_one_alert_become_the_newest(desk: Desk, slack: Inbox) -> None:
    desk.announce("first_breach", "warning")
    desk.announce("worse", "critical", at=NOW + SECOND, value="10")
    desk.announce("escalation", "critical", at=NOW + 2 * SECOND, value="9", to=(("slack", ("Bob",)),))
    desk.deliver()
    (message,) = slack.messages
    (line,) = message.lines
    assert (line.told.reason, line.told.level, line.told.content["value"]) == ("first_breach", "critical", "9")
    assert slack.recipients == [("Ann", "Bob")]
    assert [row.status for row in desk.rows(delivery)] == ["cancelled", "cancelled", "grouped"]


@pytest.mark.parametrize(
    ("notices", "expected"),
    [
        ([("worse", "critical", "warning"), ("better", "warning", "critical")], []),
        ([("worse", "critical", "warning"), ("resolved", "ok", "critical")], [("resolved", "ok")]),
        ([("better", "warning", "critical"), ("worse", "critical", "warning")], []),
        ([("repeat", "critical", "critical"), ("escalation", "critical", "critical")], [("escalation", "critical")]),
        (
            [("silence_expired", "critical", "ok"), ("repeat", "critical", "critical")],
            [("silence_expired", "critical")],
        ),
        ([("milestone", "info", "ok"), ("milestone", "info", "ok")], [("milestone", "info"), ("milestone", "info")]),
    ],
)
def test_at_19_the_reason_that_tells_most_is_kept(
    desk: Desk, slack: Inbox, notices: list[tuple[str, str, str]], expected: list[tuple[str, str]]
) -> None:
    for number, (reason, level, before) in enumerate(notices):
        desk.announce(reason, level, at=NOW + number * SECOND, before=before, mark="50")
    desk.deliver()
    lines = [(line.told.reason, line.told.level) for message in slack.messages for line in message.lines]
    assert lines == expected


def test_at_19_a_correction_of_the_past_does_not_undo_what_fires_now(desk: Desk, slack: Inbox) -> None:
    desk.announce("first_breach", "critical")
    desk.announce("corrected", "ok", past=True, restated=[{"day": "2026-03-01", "before": "20", "after": "30"}])
    desk.deliver()
    assert slack.reasons == [["first_breach", "corrected"]]


def test_at_19_a_new_episode_is_told_beside_the_end_of_the_last(desk: Desk, slack: Inbox) -> None:
    desk.announce("first_breach", "critical")
    desk.deliver(sent := NOW + GROUP_WAIT)
    desk.announce("resolved", "ok", at=sent)
    desk.announce("first_breach", "critical", at=sent + SECOND, episode=2)
    desk.announce("resolved", "ok", at=sent + 2 * SECOND, episode=2)
    desk.announce("first_breach", "warning", at=sent + 3 * SECOND, episode=3)
    desk.deliver(sent + 5 * MINUTE)
    assert slack.reasons == [["first_breach"], ["resolved", "first_breach"]]
    assert [line.told.episode for line in slack.messages[1].lines] == [1, 3]


def test_at_33_a_worker_that_died_after_claiming_is_followed_by_another(desk: Desk, slack: Inbox) -> None:
    desk.announce("first_breach", "critical")

    def die(_message: Message) -> None:
        raise KeyboardInterrupt

    slack.does = die
    with pytest.raises(KeyboardInterrupt):
        desk.deliver()
    slack.does = lambda _message: None
    assert (desk.due(NOW + GROUP_WAIT + 4 * MINUTE), desk.deliver(NOW + GROUP_WAIT + 4 * MINUTE)) == (0, [])
    desk.deliver(NOW + GROUP_WAIT + 5 * MINUTE)
    assert len(slack.messages) == 1


def test_at_33_a_message_that_kills_whoever_sends_it_is_given_up(desk: Desk, slack: Inbox) -> None:
    desk.announce("first_breach", "critical")

    def die(_message: Message) -> None:
        raise KeyboardInterrupt

    slack.does, at = die, NOW + GROUP_WAIT
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            desk.deliver(at)
        at += 5 * MINUTE
    (attempt,) = desk.deliver(at)
    assert (attempt.outcome, slack.messages) == ("dead", [])
    assert "it was begun 12 times and never finished" in str(attempt.error)


def test_at_34_waits_double_and_spread_and_end_after_a_day_or_twelve_attempts() -> None:
    waits = [next_try(n, NOW, NOW, chance=0.5) for n in range(1, 12)]
    seconds = [(at - NOW).total_seconds() for at in waits if at is not None]
    assert seconds == [30.0, 60.0, 120.0, 240.0, 480.0, 960.0, 1_920.0, 3_840.0, 7_680.0, 14_400.0, 14_400.0]
    assert next_try(12, NOW, NOW, chance=0.5) is None
    assert next_try(1, NOW, NOW, chance=0.0) == NOW + timedelta(seconds=22.5)
    assert next_try(1, NOW, NOW, chance=0.999999) < NOW + timedelta(seconds=37.5)  # type: ignore[operator]
    assert next_try(1, NOW, NOW, chance=0.5, after_s=120) == NOW + 2 * MINUTE
    assert next_try(1, NOW, NOW, chance=0.5, after_s=3) == NOW + 30 * SECOND
    assert next_try(5, NOW, NOW + 24 * HOUR - 8 * MINUTE, chance=0.5) == NOW + 24 * HOUR
    assert next_try(5, NOW, NOW + 24 * HOUR - 8 * MINUTE + SECOND, chance=0.5) is None


def test_at_34_a_channel_that_says_when_is_not_asked_before(desk: Desk, slack: Inbox) -> None:
    slack.failures = [busy(after_s=120)]
    for subject in ("a", "b"):
        desk.announce("first_breach", "critical", subject=subject, run_id=subject)
    at = NOW + GROUP_WAIT
    assert [attempt.outcome for attempt in desk.deliver(at)] == ["delayed"]
    assert (desk.due(at + 119 * SECOND), desk.deliver(at + 119 * SECOND)) == (0, [])
    assert [attempt.outcome for attempt in desk.deliver(at + 120 * SECOND)] == ["sent", "sent"]
    assert [row.attempts for row in desk.rows(dispatch)] in ([2, 1], [1, 2])


def test_at_34_a_refusal_is_final_at_once(desk: Desk, slack: Inbox) -> None:
    slack.failures = [gone()]
    desk.announce("first_breach", "critical")
    (attempt,) = desk.deliver()
    assert (attempt.outcome, attempt.error) == ("dead", "posting: HTTP 404. Trying again cannot help. new webhook")
    (row,) = desk.rows(dispatch)
    assert (row.status, row.attempts, row.error) == ("dead", 1, attempt.error)
    assert desk.deliver(NOW + HOUR) == []


def test_at_34_a_channel_that_stays_away_is_given_up_after_twelve_attempts(desk: Desk, slack: Inbox) -> None:
    slack.failures = [away() for _ in range(40)]
    desk.announce("first_breach", "critical", to=BOTH)
    at = NOW + GROUP_WAIT
    while desk.rows(dispatch)[0:2] == [] or any(row.status in ("pending", "unanswered") for row in desk.rows(dispatch)):
        desk.deliver(at)
        at += 10 * MINUTE
        assert at < NOW + 25 * HOUR
    found = {row.channel: row for row in desk.rows(dispatch)}
    assert (found["slack"].status, found["slack"].attempts, found["mail"].status) == ("dead", 12, "sent")


@pytest.mark.parametrize("silent", ["slack", "mail"])
def test_at_35_a_channel_that_hangs_delays_another_by_no_more_than_the_patience(
    desk: Desk, slack: Inbox, mail: Inbox, silent: str
) -> None:
    hangs, arrived = threading.Event(), threading.Event()
    desk.patience_s = 0.1
    hanging, other = (slack, mail) if silent == "slack" else (mail, slack)
    hanging.does = lambda _message: hangs.wait(10) and None
    other.does = lambda _message: arrived.set()
    for subject in ("a", "b"):
        desk.announce("first_breach", "critical", subject=subject, run_id=subject, to=BOTH)
    running = threading.Thread(target=desk.deliver)
    running.start()
    assert arrived.wait(2), f"the other channel waited for {silent}"
    assert hanging.messages == []
    hangs.set()
    running.join()
    assert (len(slack.messages), len(mail.messages)) == (2, 2)


def test_at_33_of_all_channels_one_has_a_message_that_is_not_noted(desk: Desk, slack: Inbox, mail: Inbox) -> None:
    """What a death would repeat: looked at by every sender while it has a message."""
    unnoted: list[int] = []

    def look(_message: Message) -> None:
        rows = desk.rows(dispatch)
        unnoted.append(sum(row.status == "claimed" for row in rows))

    slack.does = mail.does = look
    for number in range(6):
        desk.announce("first_breach", "critical", subject=f"k{number}", run_id=str(number), to=BOTH)
    desk.deliver()
    assert unnoted == [1] * 12


def test_nobody_waits_for_the_pace_of_another_channel(desk: Desk) -> None:
    seconds, probed = [0.0], threading.Event()
    desk.patience_s = 30.0

    def probe() -> None:
        with box.turns.one("another"):
            probed.set()

    def sleep(left: float) -> None:
        seconds[0] += left
        threading.Thread(target=probe, daemon=True).start()
        assert probed.wait(2), "the channel sleeps in its turn"

    pace = Pace(Wire(lambda: NOW, sleep, lambda: seconds[0]), 1.0)
    desk.senders = {"slack": Sender(lambda _message, _recipients: pace.take(), pace)}
    for subject in ("a", "b"):
        desk.announce("first_breach", "critical", subject=subject, run_id=subject)
    box = desk.box(NOW + GROUP_WAIT)
    assert [attempt.outcome for attempt in outbox.deliver(box)] == ["sent", "sent"]
    assert seconds == [1.0], "nor does it sleep when it has nothing more to send"


def test_at_35_who_nobody_answers_is_left_alone_until_the_next_pass(desk: Desk, slack: Inbox, mail: Inbox) -> None:
    slack.failures = [away()]
    for subject in ("a", "b", "c"):
        desk.announce("first_breach", "critical", subject=subject, run_id=subject, to=BOTH)
    outcomes = [(attempt.channel, attempt.outcome) for attempt in desk.deliver()]
    assert sorted(outcomes) == [("mail", "sent")] * 3 + [("slack", "delayed")]
    # The channel answers: what waited for it longest need not wait for its time.
    assert [attempt.outcome for attempt in desk.deliver(NOW + GROUP_WAIT + SECOND)] == ["sent"] * 3
    assert len(slack.messages) == 3


def test_a_later_message_about_an_alert_waits_for_the_earlier_one(desk: Desk, slack: Inbox) -> None:
    slack.failures = [busy()]
    desk.announce("first_breach", "warning", subject="a", run_id="1")
    at = NOW + GROUP_WAIT
    desk.deliver(at)
    desk.announce("worse", "critical", subject="a", run_id="2", at=at)
    desk.announce("resolved", "ok", subject="a", run_id="3", at=at + SECOND, before="critical")
    desk.announce("first_breach", "warning", subject="b", run_id="2", at=at)
    desk.deliver(at + 20 * SECOND, flush=True)
    assert [[line.told.subject for line in message.lines] for message in slack.messages] == [["b"]]
    desk.deliver(at + HOUR)
    assert slack.reasons == [["first_breach"], ["first_breach"], ["resolved"]]


def test_what_waits_behind_an_earlier_message_becomes_one(desk: Desk, slack: Inbox) -> None:
    slack.failures = [busy()]
    desk.announce("first_breach", "warning", run_id="1")
    desk.deliver(at := NOW + GROUP_WAIT)
    desk.announce("worse", "critical", run_id="2", at=at)
    desk.deliver(at + SECOND, flush=True)
    desk.announce("resolved", "ok", run_id="3", at=at + SECOND)
    desk.deliver(at + 2 * SECOND, flush=True)
    desk.deliver(at + HOUR)
    assert slack.reasons == [["first_breach"], ["resolved"]]


def test_messages_of_one_alert_made_at_once_keep_their_order(desk: Desk, slack: Inbox) -> None:
    desk.announce("first_breach", "warning", run_id="1")
    desk.deliver(at := NOW + GROUP_WAIT)
    desk.announce("resolved", "ok", run_id="2", at=at)
    desk.announce("first_breach", "critical", run_id="3", episode=2, at=at + SECOND)
    slack.failures = [busy()]
    desk.deliver(at + MINUTE)
    assert [row.status for row in desk.rows(dispatch)].count("pending") == 2
    desk.deliver(at + HOUR)
    assert slack.reasons == [["first_breach"], ["resolved"], ["first_breach"]]


def test_who_has_a_mail_does_not_get_it_again(desk: Desk, mail: Inbox) -> None:
    mail.failures = [DeliveryDelayed("mailing", "SMTP 451", remedy="wait", reached=["ann@acme.example"])]
    desk.announce("first_breach", "critical", to=(("mail", ("ann@acme.example", "bob@acme.example")),))
    desk.deliver()
    desk.deliver(NOW + HOUR)
    assert mail.recipients == [("bob@acme.example",)]


def test_what_follows_knows_the_first_message_of_its_episode(desk: Desk, slack: Inbox) -> None:
    desk.announce("first_breach", "warning", subject="a")
    desk.announce("first_breach", "warning", subject="b")
    desk.deliver(NOW + HOUR)
    desk.announce("worse", "critical", subject="a", at=NOW + HOUR)
    desk.deliver(NOW + 2 * HOUR)
    desk.announce("resolved", "ok", subject="a", at=NOW + 2 * HOUR)
    desk.deliver(NOW + 3 * HOUR)
    desk.announce("first_breach", "warning", subject="a", episode=2, at=NOW + 3 * HOUR)
    desk.deliver(NOW + 4 * HOUR)
    desk.announce("resolved", "ok", subject="b", at=NOW + 4 * HOUR)
    desk.announce("first_breach", "critical", subject="c", at=NOW + 4 * HOUR)
    desk.deliver(NOW + 5 * HOUR)
    first = slack.messages[0]
    assert [[each.id for each in message.answers] for message in slack.messages] == [[], [first.id], [first.id], [], []]
    assert slack.messages[1].answers[0].reference == "ref-1"


def test_notices_stay_as_they_were_made(desk: Desk, slack: Inbox) -> None:
    desk.announce("first_breach", "warning")
    desk.announce("worse", "critical", at=NOW + SECOND)
    desk.deliver()
    assert [(row.reason, row.content["before"]) for row in desk.rows(notice)] == [
        ("first_breach", "ok"),
        ("worse", "warning"),
    ]

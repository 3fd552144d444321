"""AT-37: what Slack gets by webhook and by bot, and what is made of its answers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from kpi_pipeline.alerts.channels import KINDS, blocks
from kpi_pipeline.alerts.channels.wire import Accepted, Sender
from kpi_pipeline.alerts.message import Earlier, Listing, Message, Outdated
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused
from kpi_pipeline_tests.alerts.receiving import Answer, Receiver
from kpi_pipeline_tests.alerts.sending import WIRE, Waits, message, told

WEBHOOK = Channel(kind="slack", url="ACME_SLACK")
BOT = Channel(kind="slack_bot", url="ACME_SLACK_API", secret="ACME_SLACK_TOKEN", room="#kpi")
FIRST = "C1/1770000000.000001"
POSTED = json.dumps({"ok": True, "channel": "C1", "ts": "1774000000.000100"})


def bot(receiver: Receiver) -> Sender:
    secrets = {"ACME_SLACK_API": f"{receiver.url}/api", "ACME_SLACK_TOKEN": "xoxb-1"}
    return KINDS["slack_bot"].sender(BOT, secrets, WIRE)


def texts(body: dict[str, object]) -> list[str]:
    found = body["blocks"]
    assert isinstance(found, list)
    return [block["text"]["text"] for block in found if "text" in block]


def hostile(*, facts: tuple[tuple[str, str], ...] = (), **changes: object) -> Message:
    found = message()
    return replace(found, lines=(replace(found.lines[0], facts=facts, **changes),))  # type: ignore[arg-type]


def test_at_37_user_text_can_neither_mention_nor_link() -> None:
    found = hostile(headline="<!channel> & <https://evil.example|here>", facts=(("<!here>", "<@U1>"),))
    body = blocks.body(replace(found, headline="<!channel> & co"), ("<!everyone>",))
    wire = json.dumps(body)
    assert body["text"] == "&lt;!channel&gt; &amp; co"
    assert not any(forged in wire for forged in ("<!", "<@", "<https://evil"))
    assert "&lt;https://evil.example|here&gt;" in wire


def test_at_37_a_section_stays_under_the_limit_and_ends_with_the_link() -> None:
    facts = tuple((f"feit {number}", "<&>" * 20) for number in range(100))
    found = hostile(facts=facts, listings=(Listing("Acties", ("x" * 400,) * 20, boxes=True),))
    body = blocks.body(found, ("Ann",))
    (text,) = texts(body)
    assert 2_500 < len(text) <= 3_000
    kept, ending = text.split("\n…\n")
    assert "<https://kpi.acme.example/acme/kpi/conversion.html|Pagina>" in ending
    assert "kpi alerts ack acme conversion" in ending
    assert kept.endswith("&gt;"), "cut between lines, not inside an escaped character"


def test_at_37_one_long_line_is_cut_too() -> None:
    assert max(len(text) for text in texts(blocks.body(hostile(facts=(("a", "x" * 9_000),)), ()))) <= 3_000


def test_at_37_a_large_group_says_how_many_more() -> None:
    group = message(
        *(told("first_breach", "warning", subject=f"k{number}", notice_id=f"n{number}") for number in range(32))
    )
    body = blocks.body(group, ("Ann",))
    assert len(body["blocks"]) <= 50
    assert "en 12 meer; alles met: kpi alerts list acme" in texts(body)


def test_no_section_is_empty() -> None:
    body = blocks.body(hostile(chart=None, link=None, commands=(), headline="x"), ())
    assert [block["type"] for block in body["blocks"]] == ["section", "context"]


@pytest.mark.parametrize("channel", [WEBHOOK, BOT])
def test_at_37_at_most_one_message_a_second(receiver: Receiver, channel: Channel) -> None:
    receiver.answers = [(200, {}, "ok" if channel is WEBHOOK else POSTED)]
    waits = Waits()
    secrets = {"ACME_SLACK": receiver.url, "ACME_SLACK_API": receiver.url, "ACME_SLACK_TOKEN": "xoxb-1"}
    send = KINDS[channel.kind].sender(channel, secrets, waits.wire())
    for _ in range(3):
        send(message(), ("Ann",))
    assert waits.slept == [1.0, 1.0]


def test_at_37_a_webhook_posts_anew_and_must_answer_ok(receiver: Receiver) -> None:
    send = KINDS["slack"].sender(WEBHOOK, {"ACME_SLACK": receiver.url}, WIRE)
    assert send(message(told("resolved", "ok"), answers=(Earlier("m0", "1.1"),)), ("Ann",)) is None
    assert "thread_ts" not in receiver.got[0].json
    receiver.answers = [(200, {}, "<html>log in</html>")]
    with pytest.raises(DeliveryRefused, match="HTTP 200 without the word 'ok'"):
        send(message(), ())


def test_at_37_a_bot_names_its_room_and_keeps_what_slack_calls_the_message(receiver: Receiver) -> None:
    receiver.answers = [(200, {}, POSTED)]
    assert bot(receiver)(message(), ("Ann",)) == Accepted("C1/1774000000.000100")
    (got,) = receiver.got
    assert (got.path.rpartition("/")[2], got.headers["Authorization"]) == ("chat.postMessage", "Bearer xoxb-1")
    assert (got.json["channel"], "thread_ts" in got.json) == ("#kpi", False)
    assert got.json["metadata"]["event_payload"] == {"id": "m1"}


@pytest.mark.parametrize(
    ("reason", "level", "shown"),
    [
        ("resolved", "ok", True),
        ("worse", "critical", True),
        ("repeat", "critical", False),
        ("better", "warning", False),
    ],
)
def test_at_37_what_follows_goes_into_the_thread_of_the_first_message(
    receiver: Receiver, reason: str, level: str, shown: bool
) -> None:
    receiver.answers = [(200, {}, POSTED)]
    answer = message(told(reason, level), answers=(Earlier("m0", FIRST),))
    assert bot(receiver)(answer, ("Ann",)) == Accepted(FIRST), "the thread keeps the name of its first message"
    body = receiver.got[0].json
    assert (body["thread_ts"], body["reply_broadcast"]) == ("1770000000.000001", shown)


def test_at_37_several_first_messages_have_no_common_thread(receiver: Receiver) -> None:
    receiver.answers = [(200, {}, POSTED)]
    both = message(told("resolved", "ok"), answers=(Earlier("m0", "1.1"), Earlier("m9", "2.2")))
    bot(receiver)(both, ("Ann",))
    assert "thread_ts" not in receiver.got[0].json


def test_a_thread_that_was_deleted_begins_anew(receiver: Receiver) -> None:
    receiver.answers = [(200, {}, '{"ok": false, "error": "thread_not_found"}'), (200, {}, POSTED)]
    answer = message(told("resolved", "ok"), answers=(Earlier("m0", "1.1"),))
    assert bot(receiver)(answer, ("Ann",)) == Accepted("C1/1774000000.000100")
    assert ["thread_ts" in got.json for got in receiver.got] == [True, False]


def follow_up(reference: str = FIRST, *, reason: str = "better", level: str = "warning") -> Message:
    """News of an alert whose first message is to be updated."""
    news = told(reason, level)
    old = Outdated(reference, message(news, id="m0"), ("Bob",))
    return message(news, id="m2", answers=(Earlier("m0", reference),), outdated=(old,))


def test_at_37_the_first_message_shows_how_it_stands_before_the_thread_gets_the_news(receiver: Receiver) -> None:
    receiver.answers = [(200, {}, POSTED)]
    assert bot(receiver)(follow_up(), ("Ann",)) == Accepted(FIRST)
    update, post = receiver.got
    assert update.path.rpartition("/")[2] == "chat.update"
    # Slack takes the room of an update by its id only; what is left out (metadata) stays as it was.
    assert {name: update.json[name] for name in ("channel", "ts")} == {"channel": "C1", "ts": "1770000000.000001"}
    assert update.json.keys() == {"channel", "ts", "text", "blocks"}
    assert (update.json["text"], "Bob · " in update.body.decode()) == (blocks.escape(follow_up().headline), True)
    assert (post.json["channel"], post.json["thread_ts"]) == ("#kpi", "1770000000.000001")
    assert post.json["reply_broadcast"] is False


def test_a_first_message_of_before_rooms_were_kept_is_updated_in_the_channels_room(receiver: Receiver) -> None:
    receiver.answers = [(200, {}, POSTED)]
    bot(receiver)(follow_up("1770000000.000001"), ())
    assert [receiver.got[0].json[name] for name in ("channel", "ts")] == ["#kpi", "1770000000.000001"]


@pytest.mark.parametrize(
    "error", ["message_not_found", "edit_window_closed", "cant_update_message", "channel_not_found"]
)
def test_at_37_what_cannot_be_updated_is_still_told_and_shown_in_the_room(receiver: Receiver, error: str) -> None:
    receiver.answers = [(200, {}, json.dumps({"ok": False, "error": error})), (200, {}, POSTED)]
    accepted = bot(receiver)(follow_up(), ("Ann",))
    assert accepted == Accepted(FIRST, f"an earlier message could not be updated: Slack said '{error}'")
    assert receiver.got[1].json["reply_broadcast"] is True


@pytest.mark.parametrize(
    "answer",
    [(200, {}, '{"ok": false, "error": "ratelimited"}'), (429, {"Retry-After": "7"}, ""), (500, {}, ""), "reset"],
)
def test_at_37_an_update_that_may_work_later_is_tried_again_before_anything_is_posted(
    receiver: Receiver, answer: Answer
) -> None:
    receiver.answers = [answer, (200, {}, POSTED)]
    send = bot(receiver)
    with pytest.raises(DeliveryDelayed, match="posting to Slack"):
        send(follow_up(), ())
    assert [got.path.rpartition("/")[2] for got in receiver.got] == ["chat.update"]
    send(follow_up(), ())
    assert [got.path.rpartition("/")[2] for got in receiver.got[1:]] == ["chat.update", "chat.postMessage"]


@pytest.mark.parametrize(
    "error", ["ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable"]
)
def test_at_37_an_error_that_passes_is_tried_again(receiver: Receiver, error: str) -> None:
    receiver.answers = [(200, {"Retry-After": "9"}, json.dumps({"ok": False, "error": error}))]
    with pytest.raises(DeliveryDelayed, match=f"Slack said '{error}'") as caught:
        bot(receiver)(message(), ())
    assert caught.value.after_s == 9.0


@pytest.mark.parametrize(
    "error", ["invalid_auth", "channel_not_found", "not_in_channel", "invalid_blocks", "token_revoked"]
)
def test_at_37_an_error_with_status_200_is_an_error(receiver: Receiver, error: str) -> None:
    receiver.answers = [(200, {}, json.dumps({"ok": False, "error": error}))]
    with pytest.raises(
        DeliveryRefused, match=f"posting to the Slack room #kpi: Slack said '{error}'.*ACME_SLACK_TOKEN"
    ):
        bot(receiver)(message(), ())


@pytest.mark.parametrize(
    "body", ["<html>", "[]", "{}", '{"ok": true}', '{"ok": true, "ts": "1"}', '{"ok": "yes", "ts": "1"}']
)
def test_what_is_no_answer_of_slack_is_refused(receiver: Receiver, body: str) -> None:
    receiver.answers = [(200, {}, body)]
    with pytest.raises(DeliveryRefused, match="HTTP 200 that is no answer of Slack"):
        bot(receiver)(message(), ())

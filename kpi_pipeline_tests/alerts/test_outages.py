"""A receiver that throttles, fails, hangs, resets or is away for two hours: all arrives, in order, others on time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from kpi_pipeline.alerts.channels import KINDS
from kpi_pipeline.alerts.tables import delivery, dispatch
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.alerts.receiving import Answer, Receiver
from kpi_pipeline_tests.alerts.sending import NOW, Desk, Waits

MINUTE = timedelta(minutes=1)
RECOVERS, ENDS = 120, 260
SLACK, HOOK = Channel(kind="slack", url="SLACK"), Channel(kind="webhook", url="HOOK", secret="SECRET")
BOTH = (("slack", ("Ann",)), ("hook", ("Ann",)))
STORY = {
    0: ("a", "first_breach", "warning", 1, "ok"),
    20: ("a", "worse", "critical", 1, "warning"),
    30: ("b", "first_breach", "critical", 1, "ok"),
    50: ("a", "resolved", "ok", 1, "critical"),
    100: ("b", "resolved", "ok", 1, "critical"),
    105: ("d", "first_breach", "warning", 1, "ok"),
    110: ("c", "first_breach", "critical", 1, "ok"),
    130: ("c", "worse", "critical", 1, "warning"),
}


@pytest.fixture
def slack() -> Iterator[Receiver]:
    with Receiver() as found:
        yield found


@pytest.mark.parametrize(
    "fault",
    [(429, {"Retry-After": "90"}, "rate_limited"), (500, {}, "rollup_error"), "hang", "reset", "away"],
    ids=["429", "500", "hang", "reset", "away"],
)
def test_two_hours_of_trouble_in_one_channel(
    store: HistoryStore, company: Company, slack: Receiver, receiver: Receiver, fault: Answer | str
) -> None:
    wire = Waits().wire(timeout_s=0.05)
    senders = {
        "slack": KINDS["slack"].sender(SLACK, {"SLACK": slack.url}, wire),
        "hook": KINDS["webhook"].sender(HOOK, {"HOOK": receiver.url, "SECRET": "s"}, wire),
    }
    desk = Desk(store, company, senders, patience_s=0.02)  # what hangs does so for longer
    with ExitStack() as back:
        if fault == "away":
            slack.__exit__()
        else:
            slack.answers = [fault]  # type: ignore[list-item]
        for minute in range(ENDS):
            at = NOW + minute * MINUTE
            if minute == RECOVERS and fault == "away":
                back.enter_context(slack)
            if minute == RECOVERS:
                slack.answers = [(200, {}, "ok")]
                slack.got.clear()
            if minute in STORY:
                subject, reason, level, episode, before = STORY[minute]
                title = f"subject-{subject}"
                desk.announce(
                    reason,
                    level,
                    subject=subject,
                    run_id=str(minute),
                    episode=episode,
                    before=before,
                    at=at,
                    to=BOTH,
                    title=title,
                )
            if desk.due(at):
                desk.deliver(at)
            if minute - 1 in STORY:
                assert len(receiver.got) == sum(each < minute for each in STORY), "the other channel is on time"
    assert {row.status for row in desk.rows(dispatch)} == {"sent"}
    assert {row.status for row in desk.rows(delivery)} <= {"grouped", "cancelled"}
    assert _told(slack) == {
        "a": ["over de grens", "weer binnen de grens"],
        "b": ["over de grens", "weer binnen de grens"],
        "c": ["over de grens", "verslechterd"],
        "d": ["over de grens"],
    }
    assert max(row.attempts for row in desk.rows(dispatch)) <= 12


def _told(slack: Receiver) -> dict[str, list[str]]:
    """What Slack got about each alert since it recovered, in order."""
    phrases = ("weer binnen de grens", "verslechterd", "over de grens")
    found: dict[str, list[str]] = {}
    for got in slack.got:
        text = str(got.json)
        subject = next(each for each in "abcd" if f"subject-{each}" in text)
        found.setdefault(subject, []).append(next(phrase for phrase in phrases if phrase in text))
    return found

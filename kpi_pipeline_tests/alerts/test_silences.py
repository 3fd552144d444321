"""What silences match, how long they last, and that they change nothing but what is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from kpi_pipeline.alerts import silences
from kpi_pipeline.alerts.matching import labels_of, matches, parse_matcher
from kpi_pipeline.alerts.model import AlertState
from kpi_pipeline.alerts.rules import rules_of
from kpi_pipeline.alerts.tables import notice
from kpi_pipeline.catalogue import Company
from kpi_pipeline.errors import UsageError
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.alerts.alarm import NOW, Alarm

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LABELS = {"kpi": "conversion", "owner": ("ann", "bob"), "severity": "critical", "segment": ""}
Observed = Callable[..., Observation]


@pytest.fixture
def alarm(store: HistoryStore, company: Company) -> Alarm:
    return Alarm(store, company)


def silence(alarm: Alarm, **changes: Any) -> silences.Silence:
    fields: dict[str, Any] = {
        "matchers": ["kpi=conversion"],
        "starts_at": NOW,
        "ends_at": NOW + DAY,
        "author": "Ann",
        "reason": "campagne",
        "now": NOW,
    }
    found = alarm.do(silences.add, "acme", **{**fields, **changes})
    assert isinstance(found, silences.Silence)
    return found


@pytest.mark.parametrize(
    ("matchers", "holds"),
    [
        (["kpi=conversion"], True),
        (["kpi=conv"], False),
        (["kpi!=visits"], True),
        (["kpi!=conversion"], False),
        (["kpi=~conv.*"], True),
        (["kpi=~onv.*"], False),
        (["kpi=~conv"], False),
        (["kpi!~visits|leads"], True),
        (["kpi!~conv.*"], False),
        (["owner=bob"], True),
        (["owner!=bob"], False),
        (["owner=~cas|ann"], True),
        (["owner!~cas"], True),
        (["segment="], True),
        (["source=stripe"], False),
        (["kpi=conversion", "severity=critical"], True),
        (["kpi=conversion", "severity=warning"], False),
    ],
)
def test_at_23_all_matchers_must_hold_of_the_whole_value(matchers: list[str], holds: bool) -> None:
    assert matches([parse_matcher(text) for text in matchers], LABELS) is holds


def test_labels_are_those_of_rule_and_kpi(company: Company) -> None:
    (rule,) = rules_of(company)
    state = AlertState("acme", "conversion", "threshold", phase="firing", level="warning", told_level="critical")
    assert labels_of(company, rule, state) == {
        "company": "acme", "kpi": "conversion", "rule": "threshold", "owner": ("ann", "bob"), "severity": "warning",
        "group": "", "segment": "", "source": "",
    }  # fmt: skip
    resolved = replace(state, phase="ok", level="ok")
    assert labels_of(company, rule, resolved)["severity"] == "critical", "what is over is what was told last"
    assert labels_of(company, rule, replace(state, subject="source/stripe"))["source"] == "stripe"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"matchers": []}, "no matcher was given"),
        ({"matchers": ["conversion"]}, "write LABEL=VALUE"),
        ({"matchers": ["kpis=conversion"]}, "with a label of company, kpi, rule"),
        ({"matchers": ["kpi=~("]}, "is no pattern"),
        ({"ends_at": NOW}, "the end is not after the start"),
        ({"starts_at": NOW - 2 * DAY, "ends_at": NOW - DAY}, "the end is past"),
        ({"ends_at": NOW + 90 * DAY + HOUR}, "it would last longer than 90 days"),
        ({"author": " "}, "the author is missing"),
        ({"reason": ""}, "the reason is missing"),
    ],
)
def test_at_23_a_silence_needs_matchers_an_end_within_90_days_author_and_reason(
    alarm: Alarm, changes: dict[str, Any], fault: str
) -> None:
    with pytest.raises(UsageError, match="silencing alerts of acme") as caught:
        silence(alarm, **changes)
    assert fault in str(caught.value)
    assert alarm.do(silences.listed, "acme") == []


def test_at_23_ninety_days_are_allowed(alarm: Alarm) -> None:
    assert silence(alarm, ends_at=NOW + 90 * DAY).ends_at == NOW + 90 * DAY


def test_at_23_a_silence_may_begin_later(alarm: Alarm, observed: Observed) -> None:
    silence(alarm, starts_at=NOW + 5 * HOUR)
    assert alarm.do(silences.current, "acme", NOW) == []
    assert len(alarm.do(silences.current, "acme", NOW, also_future=True)) == 1
    assert len(alarm.do(silences.current, "acme", NOW + 5 * HOUR)) == 1
    assert alarm.do(silences.current, "acme", NOW + DAY) == [], "its end is no part of it"
    alarm.record(observed(0, 40, "ok"), now=NOW)
    alarm.record(observed(1, 20, "critical"), now=NOW + HOUR)
    assert alarm.told() == [("first_breach", "critical")]
    alarm.record(observed(2, 40, "ok"), now=NOW + 6 * HOUR)
    assert len(alarm.told()) == 1
    alarm.watch(NOW + DAY)
    assert alarm.told()[1:] == [("resolved", "ok")], "who was told that it began is told that it is over, afterwards"


def test_at_23_ending_a_silence_early_tells_once_what_still_fires(alarm: Alarm, observed: Observed) -> None:
    kept = silence(alarm, ends_at=NOW + 9 * DAY)
    alarm.record(observed(0, 40, "ok"), now=NOW)
    alarm.record(observed(1, 20, "critical"), now=NOW + HOUR)
    alarm.do(silences.end, "acme", kept.id[:5], author="Bob", now=NOW + 2 * HOUR)
    alarm.watch(NOW + 2 * HOUR)
    alarm.watch(NOW + 3 * HOUR)
    assert alarm.told() == [("silence_expired", "critical")]


@pytest.mark.parametrize(
    ("silence_id", "author", "fault"),
    [("zzz", "Bob", "there is none of that id"), ("", "Bob", "several begin like that"), ("zzz", "", "the author is")],
)
def test_a_silence_is_ended_by_who_names_it(alarm: Alarm, silence_id: str, author: str, fault: str) -> None:
    silence(alarm)
    silence(alarm, reason="nog een")
    with pytest.raises(UsageError, match=fault):
        alarm.do(silences.end, "acme", silence_id, author=author, now=NOW)


def test_at_23_a_silence_changes_no_state(store: HistoryStore, company: Company, observed: Observed) -> None:
    """The same life with and without a silence leaves the same phases, levels and episodes."""

    def lived(alarm: Alarm) -> list[tuple[str, str, int, datetime | None]]:
        found = []
        for offset, value in enumerate([40, 26, 20, 26, 40, 20, 40]):
            alarm.record(observed(offset, value, "ok"), now=NOW + offset * HOUR)
            state = alarm.state()
            found.append((state.phase, state.level, state.episode, state.since_at))
        return found

    alarm = Alarm(store, company)
    silence(alarm, matchers=["severity=~.*"])
    silent = lived(alarm)
    other = HistoryStore.open("sqlite://")
    assert lived(Alarm(other, company)) == silent
    other.engine.dispose()
    assert alarm.rows(notice) == []


def test_reminders_wait_for_the_end_of_a_silence(store: HistoryStore, company: Company) -> None:
    rule = {"id": "friday", "owners": ["ann"], "remind": {"every": "week", "on": "fri"}}
    alarm = Alarm(store, company, rules=[rule])
    alarm.watch(NOW - 7 * DAY)
    silence(alarm, matchers=["rule=friday"], ends_at=NOW + 9 * HOUR)
    alarm.watch(NOW + 3 * HOUR)
    assert alarm.told() == []
    alarm.watch(NOW + 9 * HOUR)
    alarm.watch(NOW + 10 * HOUR)
    assert alarm.told() == [("reminder", "info")]

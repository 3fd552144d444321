"""Acknowledgements, escalation and decisions: who has it in hand, who is next, and by when it must be decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kpi_pipeline.alerts import acknowledgements, decisions
from kpi_pipeline.alerts.tables import delivery, notice
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import WorkingCalendar
from kpi_pipeline.errors import UsageError
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.alerts.alarm import NOW, Alarm

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Observed = Callable[..., Observation]
ASKS = {
    "id": "low", "kpi": "conversion", "warning": "< 28",
    "decision": {"within": "5 working days", "question": {"nl": "Wat nu?"}, "by": ["bob"]},
}  # fmt: skip


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) - HOUR  # Amsterdam in winter time


@pytest.fixture
def alarm(store: HistoryStore, company: Company, observed: Observed) -> Alarm:
    """Critical since Friday 20 March 2026 07:00; Ann's deputy is Cas, management is Bob."""
    people = {**company.people, "ann": company.people["ann"].model_copy(update={"deputy": "cas"})}
    one = company.kpis["conversion"].model_copy(update={"owners": ("ann",)})
    named = company.model_copy(update={"people": people, "kpis": {"conversion": one}})
    found = Alarm(store, named, management=["bob"])
    found.record(observed(0, 40, "ok"), now=NOW - DAY)
    found.record(observed(1, 20, "critical"), now=NOW)
    return found


def acknowledge(alarm: Alarm, now: datetime, until: datetime) -> None:
    alarm.do(acknowledgements.acknowledge, alarm.state(), author="Ann", reason="bel ze na", until=until, now=now)


def escalated(alarm: Alarm) -> list[str]:
    """Who was told by escalation, in order."""
    ids = [row.id for row in alarm.rows(notice) if row.reason == "escalation"]
    return [name for row in alarm.rows(delivery) if row.notice_id in ids for name in row.recipients]


def test_at_31_escalation_counts_working_time_and_each_step_comes_once(alarm: Alarm) -> None:
    alarm.watch(local("2026-03-23 08:59"))
    assert escalated(alarm) == [], "Friday 09:00 and one working day is Monday 09:00"
    for hour in ("09:00", "12:00", "16:00"):
        alarm.watch(local(f"2026-03-23 {hour}"))
    assert escalated(alarm) == ["Cas"]
    for day in ("2026-03-24 09:00", "2026-03-25 09:00", "2026-04-01 09:00"):
        alarm.watch(local(day) if day < "2026-03-29" else local(day) - HOUR)
    assert escalated(alarm) == ["Cas", "Bob", "bob@acme.example"]


def test_at_31_escalation_skips_holidays_of_the_calendar(
    store: HistoryStore, company: Company, observed: Observed
) -> None:
    working = WorkingCalendar.model_validate({"days": "mon-fri", "opens": "09:00", "closes": "17:00", "holidays": "NL"})
    known = company.model_copy(update={"calendars": {"working": working}})
    alarm = Alarm(store, known, management=["cas"], escalation=[{"after": "1 working day", "to": "management"}])
    friday = datetime(2026, 5, 22, 8, tzinfo=UTC)  # Monday the 25th is Whit Monday
    alarm.record(observed(0, 40, "ok"), now=friday - DAY)
    alarm.record(observed(1, 20, "critical"), now=friday)
    alarm.watch(friday + 3 * DAY)
    assert escalated(alarm) == []
    alarm.watch(friday + 4 * DAY)
    assert escalated(alarm) == ["Cas"]


def test_at_31_escalation_stops_on_acknowledgement_and_goes_on_when_it_is_over(alarm: Alarm) -> None:
    acknowledge(alarm, NOW, local("2026-03-24 12:00"))
    alarm.watch(local("2026-03-24 11:59"))
    assert escalated(alarm) == []
    alarm.watch(local("2026-03-24 12:00"))
    assert escalated(alarm) == ["Cas", "Bob", "bob@acme.example"]


def test_at_31_escalation_stops_on_resolve(alarm: Alarm, observed: Observed) -> None:
    alarm.record(observed(2, 40, "ok"), now=NOW + HOUR)
    alarm.watch(NOW + 9 * DAY)
    assert escalated(alarm) == []


def test_at_31_a_warning_never_escalates_and_its_time_does_not_count(alarm: Alarm, observed: Observed) -> None:
    alarm.record(observed(2, 40, "ok"), now=NOW + HOUR)
    alarm.record(observed(3, 26, "warning"), now=NOW + 2 * HOUR)
    alarm.watch(NOW + 6 * DAY)
    assert escalated(alarm) == []
    alarm.record(observed(4, 20, "critical"), now=NOW + 6 * DAY)  # Thursday 07:00
    alarm.watch(NOW + 6 * DAY + 9 * HOUR)
    assert escalated(alarm) == [], "it is critical since today only"
    alarm.watch(NOW + 7 * DAY + 3 * HOUR)
    assert escalated(alarm) == ["Cas"]


def test_at_30_repeats_stop_until_the_acknowledgement_is_over(alarm: Alarm) -> None:
    acknowledge(alarm, NOW + HOUR, NOW + 7 * DAY)
    for day in range(7):
        alarm.watch(NOW + day * DAY + 5 * HOUR)
    assert alarm.told() == [("first_breach", "critical")]
    alarm.watch(NOW + 7 * DAY + 5 * HOUR)
    assert ("repeat", "critical") in alarm.told()


def test_at_30_an_acknowledged_warning_is_told_when_it_gets_worse(
    store: HistoryStore, company: Company, observed: Observed
) -> None:
    alarm = Alarm(store, company)
    alarm.record(observed(0, 40, "ok"), now=NOW - DAY)
    alarm.record(observed(1, 26, "warning"), now=NOW)
    acknowledge(alarm, NOW + HOUR, NOW + 7 * DAY)
    alarm.record(observed(2, 20, "critical"), now=NOW + 2 * HOUR)
    assert alarm.told()[-1] == ("worse", "critical")
    alarm.watch(NOW + 4 * DAY)
    assert ("repeat", "critical") in alarm.told(), "nobody said that the critical one is in hand"


def test_at_30_the_acknowledgement_is_gone_when_it_fires_anew(alarm: Alarm, observed: Observed) -> None:
    acknowledge(alarm, NOW + HOUR, NOW + 30 * DAY)
    alarm.record(observed(2, 40, "ok"), now=NOW + 2 * HOUR)
    (resolved,) = [row for row in alarm.rows(notice) if row.reason == "resolved"]
    assert resolved.content["acknowledged_by"] == "Ann", "the last notice says who had it in hand"
    alarm.record(observed(3, 20, "critical"), now=NOW + 3 * HOUR)
    assert alarm.do(acknowledgements.current, alarm.state()) is None
    alarm.watch(NOW + 4 * DAY)
    assert ("repeat", "critical") in alarm.told()


def test_at_30_an_acknowledgement_can_be_taken_back(alarm: Alarm) -> None:
    acknowledge(alarm, NOW + HOUR, NOW + 30 * DAY)
    alarm.do(acknowledgements.withdraw, alarm.state(), author="Bob", reason="", now=NOW + 2 * HOUR)
    assert alarm.do(acknowledgements.current, alarm.state()) is None
    with pytest.raises(UsageError, match="nobody has it in hand"):
        alarm.do(acknowledgements.withdraw, alarm.state(), author="Bob", reason="", now=NOW + 3 * HOUR)
    alarm.watch(NOW + 4 * DAY)
    assert ("repeat", "critical") in alarm.told()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"until": NOW}, "the end is past"),
        ({"author": " "}, "the author is missing"),
        ({"reason": ""}, "the reason is missing"),
    ],
)
def test_at_30_an_acknowledgement_needs_an_end_who_and_why(alarm: Alarm, changes: dict[str, Any], fault: str) -> None:
    fields = {"author": "Ann", "reason": "bel ze na", "until": NOW + DAY, "now": NOW, **changes}
    with pytest.raises(UsageError, match=fault):
        alarm.do(acknowledgements.acknowledge, alarm.state(), **fields)


@pytest.fixture
def asking(store: HistoryStore, company: Company, observed: Observed) -> Alarm:
    found = Alarm(store, company, rules=[ASKS])
    found.record(observed(0, 40, "ok"), now=NOW - DAY)
    return found


def overdue(alarm: Alarm) -> list[str]:
    return [row.reason for row in alarm.rows(notice) if row.rule == "decision_overdue"]


def test_at_32_a_decision_is_asked_once_each_time_it_fires(asking: Alarm, observed: Observed) -> None:
    asking.record(observed(1, 26, "warning"), now=NOW)
    asking.record(observed(2, 26, "warning"), now=NOW + HOUR)
    (first,) = asking.do(decisions.listed, "acme")
    assert (first["episode"], first["owners"], first["due_at"]) == (1, ["bob"], local("2026-03-27 09:00"))
    asking.record(observed(3, 40, "ok"), now=NOW + 2 * HOUR)
    asking.record(observed(4, 26, "warning"), now=NOW + 3 * HOUR)
    assert [row["episode"] for row in asking.do(decisions.listed, "acme")] == [1, 2], (
        "that it got better decides nothing"
    )


def test_at_32_it_is_overdue_after_five_working_days_and_over_when_it_is_taken(
    asking: Alarm, observed: Observed
) -> None:
    asking.record(observed(1, 26, "warning"), now=NOW)
    (asked,) = asking.do(decisions.listed, "acme")
    asking.watch(asked["due_at"] - timedelta(seconds=1))
    assert overdue(asking) == []
    asking.watch(asked["due_at"])
    asking.watch(asked["due_at"] + HOUR)
    assert overdue(asking) == ["first_breach"]
    decide(asking, asked["id"], now=asked["due_at"] + 2 * HOUR)
    asking.watch(asked["due_at"] + 3 * HOUR)
    assert overdue(asking) == ["first_breach", "resolved"]


def test_at_32_a_decision_taken_in_time_is_never_overdue(asking: Alarm, observed: Observed) -> None:
    asking.record(observed(1, 26, "warning"), now=NOW)
    (asked,) = asking.do(decisions.listed, "acme")
    decide(asking, asked["id"][:7], now=asked["due_at"] - HOUR)
    asking.watch(asked["due_at"] + DAY)
    assert overdue(asking) == []
    (kept,) = asking.do(decisions.listed, "acme")
    assert (kept["decided_by"], kept["decision"], kept["action_owner"], kept["action_due"]) == (
        "Bob", "Bel ze", "ann", date(2026, 4, 3),
    )  # fmt: skip


def decide(alarm: Alarm, key: str, *, now: datetime, **changes: Any) -> None:
    fields: dict[str, Any] = {"author": "Bob", "text": "Bel ze", "action_owner": "ann", "action_due": date(2026, 4, 3)}
    alarm.do(decisions.decide, "acme", key, now=now, **{**fields, **changes})


def test_a_decision_is_taken_once_and_concluded_once(asking: Alarm, observed: Observed) -> None:
    asking.record(observed(1, 26, "warning"), now=NOW)
    (asked,) = asking.do(decisions.listed, "acme")
    with pytest.raises(UsageError, match="what was decided, or by whom, is missing"):
        decide(asking, asked["id"], now=NOW, text=" ")
    with pytest.raises(UsageError, match="it was not decided yet"):
        asking.do(decisions.conclude, "acme", asked["id"], author="Ann", text="ja", now=NOW)
    decide(asking, asked["id"], now=NOW + DAY)
    with pytest.raises(UsageError, match="that was done by Bob on 2026-03-21"):
        decide(asking, asked["id"], now=NOW + 2 * DAY, author="Ann")
    asking.do(decisions.conclude, "acme", asked["id"], author="Ann", text="Werkt", now=NOW + 9 * DAY)
    with pytest.raises(UsageError, match="that was done by Ann on 2026-03-29"):
        asking.do(decisions.conclude, "acme", asked["id"], author="Bob", text="Werkt niet", now=NOW + 10 * DAY)
    for key in ("zzz", ""):
        with pytest.raises(UsageError, match="there is no such decision"):
            decide(asking, key, now=NOW)

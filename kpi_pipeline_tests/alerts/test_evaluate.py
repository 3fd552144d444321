"""From recorded observations to states, log and notices in one transaction, and what time alone brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from kpi_pipeline.alerts import acknowledgements, decisions, ledger, silences
from kpi_pipeline.alerts.lines import line_of
from kpi_pipeline.alerts.lines.base import Reader
from kpi_pipeline.alerts.message import Told
from kpi_pipeline.alerts.tables import alert_event, alert_state, delivery, notice
from kpi_pipeline.alerts.watch import Finding
from kpi_pipeline.catalogue import Company
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.alerts.alarm import NOW, Alarm

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Observed = Callable[..., Observation]


@pytest.fixture
def alarm(store: HistoryStore, company: Company) -> Alarm:
    return Alarm(store, company)


def test_at_44_what_was_wrong_before_anybody_listened_is_summed_up_once(alarm: Alarm, observed: Observed) -> None:
    alarm.record(*[observed(day, 20, "critical") for day in range(10)])
    assert alarm.told() == []
    assert (alarm.state().shown, alarm.state().told_level, alarm.state().episode) == ("firing(critical)", "critical", 1)
    for _ in range(2):
        alarm.watch(NOW)
    (summary,) = alarm.rows(notice)
    assert (summary.reason, [each["subject"] for each in summary.content["alerts"]]) == ("summary", ["conversion"])
    alarm.record(observed(10, 40, "ok"), now=NOW + DAY)
    assert alarm.told()[-1] == ("resolved", "ok")


def test_what_goes_wrong_in_the_newest_period_is_news_even_at_first(alarm: Alarm, observed: Observed) -> None:
    alarm.record(*[observed(day, 40, "ok") for day in range(10)], observed(10, 26, "warning"))
    assert alarm.told() == [("first_breach", "warning")]
    found = {(row.channel, tuple(row.recipients), row.due_at) for row in alarm.rows(delivery)}
    assert found == {
        ("slack", ("Ann", "Bob"), NOW + timedelta(seconds=30)),
        ("mail", ("ann@acme.example", "bob@acme.example"), NOW + timedelta(seconds=30)),
    }


def test_at_10_getting_worse_better_and_well_is_told_at_once(alarm: Alarm, observed: Observed) -> None:
    for offset, value in enumerate([40, 26, 20, 26, 40]):
        alarm.record(observed(offset, value, "ok"), now=NOW + offset * HOUR)
    assert alarm.told() == [
        ("first_breach", "warning"),
        ("worse", "critical"),
        ("better", "warning"),
        ("resolved", "ok"),
    ]


def test_what_came_and_went_between_two_evaluations_is_no_news(alarm: Alarm, observed: Observed) -> None:
    alarm.record(observed(0, 40, "ok"))
    alarm.record(observed(1, 20, "critical"), observed(2, 40, "ok"), now=NOW + HOUR)
    assert alarm.told() == []
    assert [row.why for row in alarm.rows(alert_event)] == ["baseline", "ok_to_critical", "critical_to_ok"]


def test_at_17_the_same_run_again_announces_nothing(alarm: Alarm, observed: Observed) -> None:
    alarm.record(observed(0, 40, "ok"))
    for _ in range(3):
        alarm.record(observed(1, 20, "critical"), now=NOW + HOUR)
    assert alarm.told() == [("first_breach", "critical")]


def test_at_07_a_period_is_judged_once_its_sources_were_read_beyond_its_end_and_settling(
    alarm: Alarm, observed: Observed
) -> None:
    alarm.record(observed(0, 40, "ok"))
    late = observed(1, 20, "critical")
    alarm.record(late, now=NOW + HOUR, closed_until=late.period_end - timedelta(seconds=1))
    assert (alarm.told(), alarm.state().judged_day) == ([], date(2026, 3, 2))
    alarm.record(late, now=NOW + 2 * HOUR, closed_until=late.period_end)
    assert alarm.told() == [("first_breach", "critical")], "although nothing was written the second time"


def test_at_06_open_periods_are_judged_only_where_the_rule_says_so(
    store: HistoryStore, company: Company, observed: Observed
) -> None:
    alarm = Alarm(store, company, rules=[{"id": "early", "kpi": "conversion", "warning": "< 28", "check_open": True}])
    alarm.record(observed(0, 40, "ok"))
    alarm.record(observed(1, 20, "provisional", closed=False, provisional=True), now=NOW + HOUR)
    assert [row.rule for row in alarm.rows(notice)] == ["early"]
    assert alarm.rows(notice)[0].content["provisional"] is True
    assert alarm.state("threshold").judged_day == date(2026, 3, 2)


def test_at_20_21_repeats_come_at_the_cadence_in_working_time_and_a_change_restarts_them(
    alarm: Alarm, observed: Observed
) -> None:
    alarm.record(observed(0, 40, "ok"))
    alarm.record(observed(1, 26, "warning"), now=NOW)  # Friday 07:00 in Amsterdam
    monday = datetime(2026, 3, 23, 8, tzinfo=UTC)  # 09:00: Saturday 07:00 is not working time
    alarm.watch(monday - timedelta(minutes=1))
    assert alarm.told() == [("first_breach", "warning")]
    alarm.record(observed(2, 20, "critical"), now=monday - timedelta(minutes=1))
    alarm.watch(monday + HOUR)
    assert alarm.told() == [("first_breach", "warning"), ("worse", "critical")], "the change stands for the repeat"
    alarm.watch(datetime(2026, 3, 24, 8, 5, tzinfo=UTC))
    assert ("repeat", "critical") in alarm.told()


def test_at_23_a_silence_holds_back_and_its_end_is_told(alarm: Alarm, observed: Observed) -> None:
    alarm.record(observed(0, 40, "ok"))
    alarm.do(
        silences.add, "acme", matchers=["kpi=conversion"], starts_at=NOW, ends_at=NOW + 3 * HOUR, author="Ann",
        reason="campaign", now=NOW,
    )  # fmt: skip
    alarm.record(observed(1, 20, "critical"), now=NOW + HOUR)
    assert (alarm.told(), alarm.state().phase, alarm.state().shown) == ([], "firing", "suppressed(silence)")
    alarm.watch(NOW + 2 * HOUR)
    assert alarm.told() == []
    alarm.watch(NOW + 3 * HOUR)
    alarm.watch(NOW + 3 * HOUR)
    assert alarm.told() == [("silence_expired", "critical")]


def test_what_passed_within_a_silence_is_never_told(alarm: Alarm, observed: Observed) -> None:
    alarm.record(observed(0, 40, "ok"))
    alarm.do(
        silences.add, "acme", matchers=["severity=~warning|critical"], starts_at=NOW, ends_at=NOW + 9 * HOUR,
        author="Ann", reason="campaign", now=NOW,
    )  # fmt: skip
    alarm.record(observed(1, 20, "critical"), now=NOW + HOUR)
    alarm.record(observed(2, 40, "ok"), now=NOW + 2 * HOUR)
    alarm.watch(NOW + 10 * HOUR)
    assert (alarm.told(), alarm.state().shown) == ([], "ok")


def test_at_26_27_a_stale_source_holds_back_until_the_kpi_was_judged_again(alarm: Alarm, observed: Observed) -> None:
    alarm.upstream = ("stripe",)
    alarm.record(observed(0, 40, "ok"))
    stale = Finding("source/stripe", "freshness", "warning", ("ann",), {"source": "stripe"}, "stale")
    well = replace(stale, level="ok")
    alarm.watch(NOW + HOUR, stale)
    assert (alarm.told(), alarm.state().shown) == ([("first_breach", "warning")], "stale")
    alarm.record(observed(1, 20, "critical"), now=NOW + 2 * HOUR)
    assert len(alarm.told()) == 1
    alarm.watch(NOW + 3 * HOUR, well)
    assert alarm.told()[1:] == [("resolved", "ok")], "the source is told, the KPI waits for its new value"
    alarm.watch(NOW + 3 * HOUR + DAY / 24)
    assert len(alarm.told()) == 2
    alarm.record(observed(1, 40, "ok"), now=NOW + 5 * HOUR)
    alarm.watch(NOW + 6 * HOUR, well)
    assert len(alarm.told()) == 2, "it was a breach of stale data only"


def test_at_30_31_escalation_stops_when_somebody_acknowledges(
    store: HistoryStore, company: Company, observed: Observed
) -> None:
    people = {
        name: person.model_copy(update={"deputy": "cas" if name == "ann" else None})
        for name, person in company.people.items()
    }
    alarm = Alarm(store, company.model_copy(update={"people": people}), management=["cas"])
    alarm.record(observed(0, 40, "ok"))
    alarm.record(observed(1, 20, "critical"), now=NOW)
    alarm.watch(NOW + 4 * DAY + 3 * HOUR)  # Tuesday 10:00: two working days since Friday's opening
    assert [each for each in alarm.told() if each[0] == "escalation"] == [("escalation", "critical")] * 2
    assert {row.channel for row in alarm.rows(delivery)} == {"slack", "mail", "teams"}
    state = alarm.state()
    alarm.do(acknowledgements.acknowledge, state, author="Ann", reason="on it", until=NOW + 9 * DAY, now=NOW + 4 * DAY)
    alarm.watch(NOW + 8 * DAY)
    assert len(alarm.told()) == 4, "first, repeat and two steps; nothing after the acknowledgement"
    alarm.watch(NOW + 12 * DAY)
    assert alarm.told()[-1] == ("repeat", "critical")


def test_at_32_a_decision_is_opened_with_its_clock_and_told_when_overdue(
    store: HistoryStore, company: Company, observed: Observed
) -> None:
    rule = {
        "id": "low", "kpi": "conversion", "warning": "< 28", "for": "2 measurements",
        "decision": {"within": "5 working days", "question": {"nl": "Wat nu?"}},
    }  # fmt: skip
    alarm = Alarm(store, company, rules=[rule])
    alarm.record(observed(0, 40, "ok"))
    alarm.record(observed(1, 26, "warning"), observed(2, 26, "warning"), now=NOW)
    (opened,) = alarm.do(decisions.listed, "acme")
    assert (opened["question"], opened["due_at"]) == ("Wat nu?", datetime(2026, 3, 27, 8, tzinfo=UTC))
    alarm.watch(opened["due_at"] - timedelta(seconds=1))
    assert "decision_overdue" not in {row.rule for row in alarm.rows(notice)}
    alarm.watch(opened["due_at"])
    (late,) = [row for row in alarm.rows(notice) if row.rule == "decision_overdue"]
    assert late.content["question"] == "Wat nu?"
    alarm.do(
        decisions.decide, "acme", opened["id"], author="Ann", text="Bel ze", action_owner="bob", action_due=None,
        now=NOW + 8 * DAY,
    )  # fmt: skip
    alarm.watch(NOW + 8 * DAY)
    assert [row.reason for row in alarm.rows(notice) if row.rule == "decision_overdue"] == ["first_breach", "resolved"]


def test_at_45_a_restated_day_is_corrected_or_told_with_hindsight(alarm: Alarm, observed: Observed) -> None:
    alarm.record(observed(0, 40, "ok"))
    alarm.record(observed(1, 20, "critical"), now=NOW + HOUR)
    alarm.record(observed(1, 33, "ok"), now=NOW + 2 * HOUR)
    assert alarm.told() == [("first_breach", "critical"), ("corrected", "ok")]
    assert alarm.state().shown == "ok"
    alarm.record(observed(2, 40, "ok"), now=NOW + 3 * HOUR)
    alarm.record(observed(1, 20, "critical"), now=NOW + 4 * HOUR)
    assert alarm.told()[2:] == [("retroactive", "warning")]
    (hindsight,) = [row.content for row in alarm.rows(notice) if row.reason == "retroactive"]
    assert hindsight["restated"] == [{"day": "2026-03-03", "before": "33", "after": "20"}]
    assert alarm.state().shown == "ok", "the newest day is fine"


def test_at_15_a_segment_that_disappears_does_not_recover(alarm: Alarm, observed: Observed) -> None:
    north, south = {"segment": "north"}, {"segment": "south"}
    alarm.record(observed(0, 40, "ok", **north), observed(0, 40, "ok", **south))
    alarm.record(observed(1, 20, "critical", **north), observed(1, 40, "ok", **south), now=NOW + HOUR)
    alarm.record(observed(6, 40, "ok", **south), now=NOW + 2 * HOUR)
    found = {row.segment: (row.phase, row.evidence) for row in alarm.rows(alert_state)}
    assert found == {"north": ("firing", "no_data"), "south": ("ok", "")}
    assert alarm.told() == [("first_breach", "critical")]


def test_at_01_13_thresholds_are_exact_and_nothing_is_not_zero(alarm: Alarm, observed: Observed) -> None:
    alarm.record(observed(0, 28, "below_target"))
    alarm.record(replace(observed(1, 0, "warning"), value=Decimal("27.999999999999")), now=NOW + HOUR)
    assert alarm.told() == [("first_breach", "warning")]
    nothing = {"numerator": Decimal(0), "denominator": Decimal(0), "n": 0}
    alarm.record(observed(2, None, "no_data", **nothing), now=NOW + 2 * HOUR)
    assert (alarm.state().shown, alarm.rows(alert_event)[-1].why) == ("firing(warning)", "kept_on_undefined")


def test_at_46_the_log_alone_gives_the_state(alarm: Alarm, observed: Observed) -> None:
    for offset, value in enumerate([40, 26, 20, None, 26, 40, 20]):
        alarm.record(observed(offset, value, "ok" if value else "no_data"), now=NOW + offset * HOUR)
        alarm.watch(NOW + offset * HOUR + HOUR / 2)
    for row in alarm.rows(alert_state):
        with alarm.store.engine.connect() as connection:
            key = (row.company, row.subject, row.rule, row.segment)
            assert ledger.replay(connection, *key) == ledger.load(connection, *key)


def test_a_reminder_comes_once_each_time_it_is_due_and_lists_what_is_incomplete(
    store: HistoryStore, company: Company
) -> None:
    rule = {"id": "friday", "owners": ["ann"], "remind": {"every": "week", "on": "fri", "only_if": "incomplete"}}
    alarm = Alarm(store, company, rules=[rule])
    alarm.watch(NOW)
    alarm.watch(NOW + DAY / 2, incomplete=({"kpi": "conversion", "what": "stale"},))
    alarm.watch(NOW + DAY, incomplete=({"kpi": "conversion", "what": "stale"},))
    (told,) = alarm.rows(notice)
    assert (told.reason, told.content["incomplete"][0]["kpi"]) == ("reminder", "conversion")
    alarm.watch(NOW + 8 * DAY)
    assert len(alarm.rows(notice)) == 1, "a week later nothing was incomplete"


def test_a_target_that_is_reached_is_told_by_its_name_and_asks_nothing(
    store: HistoryStore, company: Company, observed: Observed
) -> None:
    rule = {
        "id": "stage", "kpi": "conversion", "info": ">= 33", "by": date(2026, 4, 5),
        "decision": {"within": "5 working days", "question": {"nl": "Wat betekent dat?"}},
    }  # fmt: skip
    alarm = Alarm(store, company, rules=[rule])
    alarm.record(*[observed(day, 30 + 2 * day, "ok") for day in range(3)], now=NOW)
    with store.engine.connect() as connection:
        columns = (*(notice.c[name] for name in Told.__slots__ if name != "notice_id"), notice.c.id.label("notice_id"))
        (found,) = [Told(**row._mapping) for row in connection.execute(select(*columns))]
    line = line_of(Reader(company, lambda _kpi: None), found)
    assert "doel ≥ 33%" in line.headline
    assert [value for label, value in line.facts if label == "Doel"] == ["≥ 33%"]
    assert {"Grens", "Besluit gevraagd"}.isdisjoint(label for label, _ in line.facts)
    assert not any("decide" in command for _, command in line.commands)
    assert alarm.do(decisions.listed, "acme") == []


def test_a_target_that_is_missed_by_its_day_is_told_once_and_asks(
    store: HistoryStore, company: Company, observed: Observed
) -> None:
    rule = {
        "id": "stage", "kpi": "conversion", "info": ">= 32", "by": date(2026, 3, 5),
        "decision": {"within": "5 working days", "question": {"nl": "Wat betekent dat?"}},
    }  # fmt: skip
    alarm = Alarm(store, company, rules=[rule])
    alarm.watch(NOW - 20 * DAY)
    alarm.record(*[observed(day, 30, "below_target") for day in range(4)], now=NOW)
    for _ in range(2):
        alarm.watch(NOW)
    assert [(row.rule, row.reason) for row in alarm.rows(notice)] == [("stage", "missed")]
    assert [row["question"] for row in alarm.do(decisions.listed, "acme")] == ["Wat betekent dat?"]

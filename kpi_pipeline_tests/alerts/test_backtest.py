"""AT-42: history as it was known then, played through the rules again, tells what was told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from kpi_pipeline.alerts import backtest, silences, tables
from kpi_pipeline.alerts.around import Sight
from kpi_pipeline.alerts.backtest import Span
from kpi_pipeline.alerts.course import Alert, RuleCourse
from kpi_pipeline.alerts.evaluate import Evaluation, evaluate
from kpi_pipeline.alerts.known_then import KnownThen
from kpi_pipeline.alerts.watch import Watch, watch
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.alerting import Alerting
from kpi_pipeline.history.database import writing
from kpi_pipeline.history.observation import Observation, Recorded
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.history.tables import metadata
from kpi_pipeline_tests.alerts.observing import observation

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
START = datetime(2026, 3, 20, 6, tzinfo=UTC)  # a Friday; the clocks change nine days later
LOW = {"id": "low", "kpi": "conversion", "warning": "< 28", "critical": "< 24", "recovery": ">= 30"}
MILD = {"id": "mild", "kpi": "conversion", "warning": "< 31", "for": "1 working day"}
GOAL = {"id": "goal", "kpi": "conversion", "info": ">= 33", "by": date(2026, 3, 24)}
NIGHTS = {"id": "nights", "from": "19:00", "to": "07:00"}


def with_rules(company: Company, *rules: dict[str, Any], mutes: Sequence[dict[str, Any]] = ()) -> Company:
    """The company with these rules only: its KPI has no thresholds of its own."""
    bare = company.kpis["conversion"].model_copy(update={"warning": (), "critical": ()})
    alerts = Alerting.model_validate({"rules": list(rules), "mutes": list(mutes)})
    return company.model_copy(update={"kpis": {"conversion": bare}, "alerts": alerts})


def known(company: Company, rows: Sequence[Recorded]) -> dict[str, KnownThen]:
    return {"conversion": KnownThen(company.kpis["conversion"], rows, (), timedelta(0))}


def rows_of(values: Sequence[int], recorded: datetime | None = None) -> list[Recorded]:
    """A value a day from 2 March on, each recorded at six the next morning, or all of them at one moment."""
    found = []
    for offset, value in enumerate(values):
        starts = datetime(2026, 3, 2, tzinfo=UTC) + offset * DAY
        at = starts + DAY + 6 * HOUR if recorded is None else recorded
        found.append(as_recorded(of_day(starts, value), at))
    return found


def of_day(starts: datetime, value: int) -> Observation:
    return replace(observation(starts, value), period_end=starts + 23 * HOUR)


def as_recorded(row: Observation, at: datetime, cause: str = "first") -> Recorded:
    content = {name: getattr(row, name) for name in Observation.__match_args__}
    return Recorded(**content, run_id="r", recorded_at=at, superseded_at=None, cause=cause)


def at(day: int, hour: int = 6) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def played(company: Company, rows: Sequence[Recorded], first: int = 1, last: int = 31) -> RuleCourse:
    (course,) = backtest.play(company, known(company, rows), (), Span(at(first, 0), at(last, 0)))
    return course


def test_alerts_levels_time_in_state_flaps_and_notices_by_hand(company: Company) -> None:
    """Days 2 to 9: fine, low, very low, low, fine, fine, low, fine; each is known the next morning at six."""
    acme = with_rules(company, {**LOW, "recovery": ">= 28"})
    course = played(acme, rows_of([33, 26, 20, 26, 31, 33, 27, 33]), last=12)
    assert course.alerts == (
        Alert(date(2026, 3, 3), at(4), at(7), "critical", Decimal(20)),
        Alert(date(2026, 3, 8), at(9), at(10), "warning", Decimal(27)),
    )
    assert course.flaps == 1, "it fired again two days after it was over"
    assert {state: length / DAY for state, length in course.spent.items()} == {
        "ok": 3.25 + 2 + 1.75,
        "firing(warning)": 1 + 1 + 1,
        "firing(critical)": 1,
    }
    assert [(notice.at, notice.reason, notice.level) for notice in course.notices] == [
        (at(4), "first_breach", "warning"),
        (at(5), "worse", "critical"),
        (at(6), "better", "warning"),
        (at(7), "resolved", "ok"),
        (at(9), "first_breach", "warning"),
        (at(10), "resolved", "ok"),
    ]
    assert {receiver for notice in course.notices for receiver in notice.receivers} == {
        "Ann", "Bob", "ann@acme.example", "bob@acme.example",
    }  # fmt: skip


def test_days_that_were_filled_in_count_as_known_when_they_would_have_been(company: Company) -> None:
    acme, values = with_rules(company, LOW), [33, 26, 20, 26, 31, 33, 27, 33]
    live, later = rows_of(values), rows_of(values, recorded=at(30))
    assert (known(acme, live)["conversion"].filled_in, known(acme, later)["conversion"].filled_in) == (1, 8)
    filled, lived = played(acme, later), played(acme, live)
    assert [(each.since_day, each.level, each.worst) for each in filled.alerts] == [
        (each.since_day, each.level, each.worst) for each in lived.alerts
    ]
    # A filled-in day is known when it ends, seven hours before the run of six.
    assert [notice.at + 7 * HOUR for notice in filled.notices] == [notice.at for notice in lived.notices]


def test_what_was_corrected_later_was_not_known_before(company: Company) -> None:
    """The low value of 3 March is corrected on the 10th: it was told and resolved, and only then corrected."""
    rows = rows_of([33, 20, 33, 33, 33, 33])
    corrected = as_recorded(replace(rows[1], value=Decimal(33)), at(10), cause="late_records")  # type: ignore[arg-type]
    course = played(with_rules(company, LOW), [*rows, corrected])
    assert [(notice.at, notice.reason) for notice in course.notices] == [
        (at(4), "first_breach"),
        (at(5), "resolved"),
        (at(10), "corrected"),
    ]


def test_only_what_falls_in_the_span_counts_and_what_was_before_says_where_it_stands(company: Company) -> None:
    course = played(with_rules(company, LOW), rows_of([33, 26, 26, 26, 33]), first=5, last=6)
    assert [(alert.began_at, alert.ended_at) for alert in course.alerts] == [(at(4), None)]
    assert {state: length / DAY for state, length in course.spent.items()} == {"firing(warning)": 1}
    assert [notice.reason for notice in course.notices] == ["repeat"]


def test_a_silence_of_then_holds_notices_back_and_changes_no_state(company: Company) -> None:
    acme, rows = with_rules(company, LOW), rows_of([33, 26, 26, 33])
    held = silences.Silence("s", "acme", (("kpi", "=", "conversion"),), at(3), at(20), "Ann", "known", at(3))
    span = Span(at(1), at(15))
    (loud,) = backtest.play(acme, known(acme, rows), (), span)
    (quiet,) = backtest.play(acme, known(acme, rows), [held], span)
    assert (quiet.alerts, quiet.spent) == (loud.alerts, loud.spent)
    assert (len(quiet.notices), len(loud.notices)) == (0, 3)


def test_a_target_that_is_missed_by_its_day_is_told(company: Company) -> None:
    course = played(with_rules(company, GOAL), rows_of([30] * 25))
    (missed,) = course.notices
    assert (missed.reason, missed.at.date()) == ("missed", date(2026, 3, 25))


def test_a_milder_alert_says_nothing_while_the_kpi_is_critical(company: Company) -> None:
    acme = with_rules(company, {"id": "deep", "kpi": "conversion", "critical": "< 24"}, {**MILD, "for": "1 periods"})
    courses = backtest.play(acme, known(acme, rows_of([32, 20, 20, 35])), (), Span(at(1), at(20)))
    assert {course.rule: [notice.reason for notice in course.notices] for course in courses} == {
        "deep": ["first_breach", "repeat", "escalation", "resolved"],
        "mild": [],
    }


def test_equal_history_and_rules_give_equal_answers(company: Company) -> None:
    acme, rows = with_rules(company, LOW, MILD, GOAL, mutes=[NIGHTS]), rows_of([33, 26, 20, 26, 31, 33, 27, 33])
    span = Span(at(1), at(31))
    once = backtest.play(acme, known(acme, rows), (), span)
    assert once == backtest.play(acme, known(acme, list(reversed(rows))), (), span)


LOOKS = range(5, 19)  # at night nothing is due here


class Lived:
    """Days as they were: a value each morning at six, sometimes corrected later, and a look at the clock every hour."""

    def __init__(self, store: HistoryStore, company: Company) -> None:
        self.store, self.company, self.now = store, company, START
        with store.engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))

    def play(self, steps: Sequence[tuple[str, int]]) -> None:
        for what, size in steps:
            if what == "value":
                self._until(self.now.replace(hour=6) + DAY, size)
            elif what == "restate":
                self._until(self.now + HOUR, size)
            else:
                self._until(self.now + size * DAY)
        self._until(self.now + 2 * DAY)

    def _until(self, end: datetime, value: int | None = None) -> None:
        """What is recorded comes before the look at the clock of the same moment."""
        while self.now < end:
            self.now += HOUR
            if self.now == end and value is not None:
                self._record(value)
            if self.now.hour in LOOKS:
                with writing(self.store.engine, "watching", "acme") as connection:
                    watch(connection, Watch(self.company, self.now))

    def _record(self, value: int) -> None:
        row = of_day(self.now.replace(hour=0) - DAY, value)
        run = Evaluation(self.company, lambda _kpi: Sight(self.now), self.now, "r")
        self.store.record([row], run_id="r", now=self.now, within=evaluate(run, ["conversion"]))

    def told(self) -> list[tuple[datetime, str, str, str]]:
        columns = (tables.notice.c.created_at, tables.notice.c.rule, tables.notice.c.reason, tables.notice.c.level)
        with self.store.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(select(*columns)) if row.rule not in ("data", "summary")]


@pytest.fixture(scope="module")
def memory() -> Iterator[HistoryStore]:
    store = HistoryStore.open("sqlite://")
    yield store
    store.engine.dispose()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("value"), st.sampled_from([20, 26, 29, 33])),
        st.tuples(st.just("restate"), st.sampled_from([20, 33])),
        st.tuples(st.just("wait"), st.integers(1, 2)),
    ),
    min_size=1,
    max_size=5,
)


@given(steps=STEPS, periods=st.integers(1, 2), muted=st.booleans())
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
def test_at_42_a_backtest_of_what_was_lived_tells_what_was_told(
    memory: HistoryStore, company: Company, steps: list[tuple[str, int]], periods: int, muted: bool
) -> None:
    """Two implementations agree: the evaluation in its database, hour by hour, and the replay of what that recorded."""
    rule = {**LOW, "for": f"{periods} periods"}
    acme = with_rules(company, rule, MILD, GOAL, mutes=[NIGHTS] if muted else [])
    lived = Lived(memory, acme)
    lived.play([("value", 31), *steps])  # the first day ended before anything was recorded
    rows = memory.known("acme", ["conversion"], date(2026, 1, 1), date(2026, 12, 31))["conversion"]
    courses = backtest.play(acme, known(acme, rows), (), Span(START, lived.now + HOUR))
    replayed = sorted(
        (notice.at, notice.rule, notice.reason, notice.level) for course in courses for notice in course.notices
    )
    assert replayed == sorted(lived.told())
    for course in courses:
        assert sum(course.spent.values(), timedelta(0)) == lived.now + HOUR - START
        assert all(one.ended_at is not None and one.ended_at <= two.began_at for one, two in pairwise(course.alerts))

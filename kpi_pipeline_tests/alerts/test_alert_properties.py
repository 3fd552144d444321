"""Whatever happens in whatever order: who was told it began is told it ended, and silence changes nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from kpi_pipeline.alerts import acknowledgements, ledger, silences, tables
from kpi_pipeline.alerts.around import Sight
from kpi_pipeline.alerts.evaluate import Evaluation, evaluate
from kpi_pipeline.alerts.watch import Watch, watch
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.alerting import Alerting
from kpi_pipeline.history.database import writing
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.history.tables import metadata
from kpi_pipeline_tests.alerts.observing import observation

START = datetime(2026, 3, 20, 6, tzinfo=UTC)  # a Friday; the clocks change nine days later
DAY = timedelta(days=1)
OPENING = ("first_breach", "silence_expired", "mute_ended", "inhibit_ended", "retroactive")
CLOSING = ("resolved", "corrected")
RULE = {"id": "low", "kpi": "conversion", "warning": "< 28", "critical": "< 24", "recovery": ">= 30"}
MUTE = {"id": "nights", "from": "19:00", "to": "07:00"}

Step = tuple[str, int]
steps = st.lists(
    st.one_of(
        st.tuples(st.just("value"), st.sampled_from([20, 26, 29, 33, 0])),
        st.tuples(st.just("restate"), st.sampled_from([20, 33])),
        st.tuples(st.just("wait"), st.integers(1, 60)),
        st.tuples(st.just("silence"), st.integers(1, 72)),
        st.tuples(st.just("ack"), st.integers(1, 72)),
    ),
    min_size=1,
    max_size=14,
)


class World:
    """A store on which steps are played; `silenced` False leaves out what only holds notices back."""

    def __init__(self, store: HistoryStore, company: Company, periods: int, *, silenced: bool = True) -> None:
        alerts: dict[str, Any] = {"rules": [{**RULE, "for": f"{periods} periods"}], "mutes": [MUTE] if silenced else []}
        self.store, self.silenced = store, silenced
        self.company = company.model_copy(update={"alerts": Alerting.model_validate(alerts)})
        self.now, self.day = START, START.replace(hour=0) - 30 * DAY
        with store.engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))

    def play(self, found: list[Step]) -> None:
        for what, size in found:
            getattr(self, what)(size)
            with writing(self.store.engine, "watching", "acme") as connection:
                watch(connection, Watch(self.company, self.now))

    def value(self, size: int) -> None:
        self.day += DAY
        self._record(self.day, size)
        self.now += timedelta(hours=6)

    def restate(self, size: int) -> None:
        if self.day > START.replace(hour=0) - 30 * DAY:
            self._record(self.day, size)

    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    def silence(self, hours: int) -> None:
        self.now += timedelta(seconds=1)
        if self.silenced:
            with writing(self.store.engine, "silencing", "acme") as connection:
                until = self.now + timedelta(hours=hours)
                silences.add(
                    connection, "acme", matchers=["kpi=conversion"], starts_at=self.now, ends_at=until, author="Ann",
                    reason="known", now=self.now,
                )  # fmt: skip

    def ack(self, hours: int) -> None:
        with writing(self.store.engine, "acknowledging", "acme") as connection:
            state = ledger.load(connection, "acme", "conversion", "low")
            if state.fires:
                until = self.now + timedelta(hours=hours)
                acknowledgements.acknowledge(connection, state, author="Ann", reason="on it", until=until, now=self.now)

    def _record(self, day: datetime, value: int) -> None:
        run = Evaluation(self.company, lambda _kpi: Sight(self.now), self.now, "r")
        row = observation(day, value)
        self.store.record([row], run_id="r", now=self.now, within=evaluate(run, ["conversion"]))

    def told(self) -> list[tuple[str, str, int]]:
        with self.store.engine.connect() as connection:
            columns = (tables.notice.c.reason, tables.notice.c.level, tables.notice.c.episode)
            query = select(*columns).where(tables.notice.c.rule == "low").order_by(tables.notice.c.created_at)
            return [tuple(row) for row in connection.execute(query)]

    def course(self) -> list[tuple[str, str]]:
        """Every phase and level the alert had, as its log has them."""
        kept: list[tuple[str, str]] = []
        phase, level = "ok", "ok"
        with self.store.engine.connect() as connection:
            query = select(tables.alert_event.c.changes).where(tables.alert_event.c.rule == "low")
            for (changes,) in connection.execute(query.order_by(tables.alert_event.c.id)):
                phase, level = changes.get("phase", phase), changes.get("level", level)
                if not kept or kept[-1] != (phase, level):
                    kept.append((phase, level))
        return kept


@pytest.fixture(scope="module")
def memory() -> HistoryStore:
    return HistoryStore.open("sqlite://")


@given(found=steps, periods=st.integers(1, 2))
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_no_two_openings_without_a_closing_and_the_log_gives_the_state(
    memory: HistoryStore, company: Company, found: list[Step], periods: int
) -> None:
    world = World(memory, company, periods)
    world.play([("value", 33), *found])
    first = world.told()
    is_open = False
    for reason, _level, _episode in first:
        if reason == "first_breach":
            assert not is_open, first
        is_open = reason not in CLOSING if reason in (*OPENING, *CLOSING) else is_open
    with memory.engine.connect() as connection:
        key = ("acme", "conversion", "low", "")
        assert ledger.replay(connection, *key) == ledger.load(connection, *key)
    again = World(memory, company, periods)
    again.play([("value", 33), *found])
    assert again.told() == first, "the same input gives the same notices"


@given(found=steps, periods=st.integers(1, 2))
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_silences_and_mutes_change_what_is_told_and_nothing_else(
    memory: HistoryStore, company: Company, found: list[Step], periods: int
) -> None:
    courses = []
    for silenced in (True, False):
        world = World(memory, company, periods, silenced=silenced)
        world.play([("value", 33), *found])
        courses.append(world.course())
    assert courses[0] == courses[1]

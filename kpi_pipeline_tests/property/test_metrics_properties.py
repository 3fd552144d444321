"""Measurements against slow loops that follow the definitions word by word, on facts that Hypothesis makes up."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kpi_pipeline.catalogue.model import Company, Kpi, WorkingCalendar
from kpi_pipeline.clock import epoch_ms
from kpi_pipeline.metrics import windows
from kpi_pipeline.metrics.business import BusinessTime
from kpi_pipeline.metrics.engine import Engine
from kpi_pipeline.metrics.kinds import PARAMS
from kpi_pipeline.metrics.percentiles import type_7
from kpi_pipeline.metrics.spine import Spine
from kpi_pipeline.metrics.windows import day_index, day_of_index

ZONE = ZoneInfo("Europe/Amsterdam")
BACKEND = ibis.duckdb.connect()
COMPANY = Company(id="x", name="X", zone="Europe/Amsterdam", currency="EUR", language="nl", sources={}, people={})
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
# Facts lie around the short night of 29 March 2026, measured long afterwards.
FIRST, LAST = date(2026, 3, 20), date(2026, 4, 10)
BASE = epoch_ms(datetime(2026, 3, 15, tzinfo=UTC))
SPAN = 35 * DAY
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EXAMPLES = settings(max_examples=10)

instants = st.integers(0, SPAN // MINUTE).map(lambda minute: BASE + minute * MINUTE)
late = st.one_of(st.none(), st.integers(0, 20 * DAY // MINUTE))


def kpi(kind: str, window: str, unit: str, **params: Any) -> Kpi:
    made = PARAMS[kind].model_validate(params)
    return Kpi(
        id="k", company="x", name={"nl": "K"}, kind=kind, params=made, window=window, unit=unit, better="higher",
        cadence="daily", origin="", file="", line=1,
    )  # fmt: skip


def table(rows: list[dict[str, Any]], **types: str) -> ibis.Table:
    return ibis.memtable({name: [row[name] for row in rows] for name in types}, schema=types)


def midnight(day: date) -> int:
    return epoch_ms(datetime.combine(day, time(), ZONE).astimezone(UTC))


def days() -> list[date]:
    return [FIRST + timedelta(days=offset) for offset in range((LAST - FIRST).days + 1)]


EVENTS = st.lists(
    st.tuples(st.sampled_from("abcdef"), instants, late, st.integers(-50, 50)).map(
        lambda e: {"key": e[0], "at": e[1], "until_at": None if e[2] is None else e[1] + e[2] * MINUTE, "minor": e[3]}
    ),
    max_size=40,
).map(lambda events: [{**event, "happened_at": event["at"]} for event in events])
TYPES = {"key": "string", "happened_at": "int64", "until_at": "int64", "minor": "int64"}


@EXAMPLES
@given(
    EVENTS,
    st.sampled_from(
        ["rolling 7 days", "rolling 5 days ending 3 days ago", "calendar week", "calendar month", "calendar day"]
    ),
)
def test_running_sums_equal_a_loop_over_every_day_and_row(events: list[dict[str, Any]], words: str) -> None:
    """A distinct count over a sum, each of rows in the window whose `until` has not come."""
    window = windows.parse(words)
    definition = kpi(
        "ratio",
        words,
        "ratio",
        numerator={"fact": "event", "time": "happened_at", "until": "until_at", "sum": "minor"},
        denominator={"fact": "event", "time": "happened_at", "until": "until_at", "count": "distinct key"},
    )
    found = Engine(BACKEND, {"event": table(events, **TYPES)}, COMPANY, now=NOW).measure(definition, FIRST, LAST)
    for day, measured in zip(days(), found, strict=True):
        start, end, as_of = midnight(window.first_day(day)), midnight(window.end_day(day)), midnight(day + timedelta(1))
        seen = [
            event
            for event in events
            if start <= event["at"] < end and (event["until_at"] is None or event["until_at"] >= as_of)
        ]
        keys = {event["key"] for event in seen}
        assert (measured.numerator, measured.denominator) == (sum(e["minor"] for e in seen), len(keys)), day


@EXAMPLES
@given(EVENTS, st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter(events: list[dict[str, Any]], shuffler: random.Random) -> None:
    shuffled = list(events)
    shuffler.shuffle(shuffled)
    of = {"fact": "event", "start": "happened_at", "end": "until_at", "select": "start"}
    definition = kpi("duration", "rolling 7 days", "hours", of=of, statistic="mean", waiting="when_longer")
    first, second = (
        Engine(BACKEND, {"event": table(rows, **TYPES)}, COMPANY, now=NOW).measure(definition, FIRST, LAST)
        for rows in (events, shuffled)
    )
    assert first == second


@pytest.mark.parametrize(
    "words",
    [
        "rolling 7 days",
        "rolling 5 days ending 3 days ago",
        "calendar day",
        "calendar week",
        "calendar month",
        "calendar quarter",
        "calendar year",
        "last 3 complete months",
    ],
)
def test_a_day_is_in_view_exactly_when_the_window_holds_it(words: str) -> None:
    """Every local day of two years against every business day of a quarter."""
    window, first, last = windows.parse(words), date(2026, 1, 20), date(2026, 4, 20)
    local = Spine.rows(
        ("local_day",), [(index,) for index in range(day_index(date(2025, 1, 1)), day_index(date(2027, 1, 1)))]
    )
    enter, leave = window.days_in_view(local.local_day, first, last)
    rows = BACKEND.to_pyarrow(local.select("local_day", enter=enter, leave=leave)).to_pylist()
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        seen = {day_of_index(r["local_day"]) for r in rows if r["enter"] <= day_index(day) < r["leave"]}
        start, end = window.first_day(day), window.end_day(day)
        assert seen == {start + timedelta(days=step) for step in range((end - start).days)}, day


CALENDARS = (
    WorkingCalendar(days="mon-sun", opens="09:00", closes="21:00"),
    WorkingCalendar(days="mon-fri", opens="08:30", closes="17:00", holidays="NL"),
    WorkingCalendar(days="mon-sun", opens="00:00", closes="00:00"),
)


@EXAMPLES
@given(
    st.lists(st.tuples(instants, st.integers(0, 4 * DAY // MINUTE)), min_size=1, max_size=15),
    st.sampled_from(CALENDARS),
)
@example([(midnight(date(2026, 4, 2)), 4 * DAY // MINUTE)], CALENDARS[1])
def test_business_time_equals_counting_minutes(spans: list[tuple[int, int]], calendar: WorkingCalendar) -> None:
    """Easter and the short night are among the days."""
    spine = Spine(FIRST, LAST, windows.parse("rolling 30 days"), zone=ZONE, now=NOW, settle=timedelta(0))
    business = BusinessTime(calendar, ZONE, date(2026, 2, 1), date(2026, 6, 1))
    rows = [
        {"id": place, "a_at": start, "b_at": start + minutes * MINUTE} for place, (start, minutes) in enumerate(spans)
    ]
    both = business.add(table(rows, id="int64", a_at="int64", b_at="int64"), "a_at", spine, "a")
    both = business.add(both, "b_at", spine, "b")
    found = {row["id"]: row["b"] - row["a"] for row in BACKEND.to_pyarrow(both).to_pylist()}
    for place, (start, minutes) in enumerate(spans):
        open_minutes = sum(is_open(calendar, start + minute * MINUTE) for minute in range(minutes))
        assert found[place] == open_minutes * MINUTE


# The law on terms (Algemene termijnenwet, article 3) counts Good Friday with the holidays.
EASTER = {date(2026, 4, 3), date(2026, 4, 5), date(2026, 4, 6)}


def is_open(calendar: WorkingCalendar, instant: int) -> bool:
    local = datetime.fromtimestamp(instant // 1_000, ZONE)
    if calendar.holidays is not None and local.date() in EASTER:
        return False
    whole_day = calendar.opens == calendar.closes
    return local.isoweekday() in calendar.days and (whole_day or calendar.opens <= local.time() < calendar.closes)


STATES = st.sampled_from(["down", "paused", "maintenance", "unchecked"])
OUTAGES = st.lists(
    st.tuples(st.sampled_from("ab"), STATES, st.integers(0, 8_000), st.one_of(st.none(), st.integers(0, 2_000))),
    max_size=12,
)


@EXAMPLES
@given(OUTAGES)
def test_uptime_equals_watching_every_second(outages: list[tuple[str, str, int, int | None]]) -> None:
    """Windows of the hour before two midnights; seconds counted one by one."""
    start = midnight(FIRST + timedelta(days=1)) - 8_000 * 1_000
    rows = [{"monitor": m, "state": "unchecked", "start_at": 0, "end_at": 1} for m in "ab"]
    for monitor, state, since, length in outages:
        until = None if length is None else start + (since + length) * 1_000
        rows.append({"monitor": monitor, "state": state, "start_at": start + since * 1_000, "end_at": until})
    facts = {"monitor_interval": table(rows, monitor="string", state="string", start_at="int64", end_at="int64")}
    definition = kpi("uptime", "rolling 3600 seconds", "percent", monitors=["a", "b"])
    for measured in Engine(BACKEND, facts, COMPANY, now=NOW).measure(definition, FIRST, FIRST + timedelta(days=1)):
        end = epoch_ms(measured.period_end)
        up = watched = 0
        for second in range(end - HOUR, end, 1_000):
            states = {
                r["state"] for r in rows if r["start_at"] <= second and (r["end_at"] is None or second < r["end_at"])
            }
            if not states & {"paused", "maintenance", "unchecked"}:
                watched += 1_000
                up += 0 if "down" in states else 1_000
        assert (measured.numerator, measured.denominator) == (up, watched)


@EXAMPLES
@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=40), st.integers(0, 100))
def test_percentiles_are_type_7_exactly(values: list[int], percent: int) -> None:
    rows = table([{"day_index": 1, "ms": value} for value in values], day_index="int64", ms="int64")
    (found,) = BACKEND.to_pyarrow(type_7(rows, "ms", percent)).to_pylist()
    ranked = sorted(values)
    place = Decimal(percent) * (len(values) - 1) / 100
    below = int(place)
    above = min(below + 1, len(values) - 1)
    exact = ranked[below] + (place - below) * (ranked[above] - ranked[below])
    assert (Decimal(found["numerator"]) / found["denominator"], found["n"]) == (exact, len(values))

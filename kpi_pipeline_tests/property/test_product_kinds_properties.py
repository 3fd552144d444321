"""Data lag and things per entity against slow loops over every sample, row and day, around the short night of March."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_pipeline.catalogue.model import Company, Kpi
from kpi_pipeline.clock import epoch_ms
from kpi_pipeline.metrics import windows
from kpi_pipeline.metrics.engine import Engine
from kpi_pipeline.metrics.kinds import PARAMS
from kpi_pipeline.metrics.windows import day_index

ZONE = ZoneInfo("Europe/Amsterdam")
BACKEND = ibis.duckdb.connect()
COMPANY = Company(id="x", name="X", zone="Europe/Amsterdam", currency="EUR", language="nl", sources={}, people={})
MINUTE, DAY = 60_000, 86_400_000
FIRST, LAST = date(2026, 3, 26), date(2026, 4, 3)
BASE = epoch_ms(datetime(2026, 3, 22, tzinfo=UTC))
NOW = datetime(2026, 4, 3, 9, 2, 30, tzinfo=UTC)
EXAMPLES = settings(max_examples=12)
WINDOWS = st.sampled_from(["calendar day", "rolling 3 days", "calendar week", "rolling 2 days ending 1 days ago"])


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


SYNCS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 13 * 24 * 60), st.integers(0, 59_999)).map(
        lambda sync: {"source_name": sync[0], "synced_at": BASE + sync[1] * MINUTE + sync[2]}
    ),
    max_size=25,
)


@EXAMPLES
@given(SYNCS, WINDOWS, st.sampled_from([5, 7, 60]), st.sampled_from([1, 30, 72]))
def test_lag_equals_looking_at_every_source_at_every_instant_of_the_grid(
    syncs: list[dict[str, Any]], words: str, every: int, idle: int
) -> None:
    of = {"fact": "sync", "per": "source_name", "time": "synced_at"}
    definition = kpi("lag", words, "minutes", of=of, every=f"{every} minutes", idle_after=f"{idle} hours")
    facts = {"sync": table(syncs, source_name="string", synced_at="int64")}
    found = Engine(BACKEND, facts, COMPANY, now=NOW).measure(definition, FIRST, LAST)
    window, step = windows.parse(words), every * MINUTE
    arrivals = {name: [s["synced_at"] for s in syncs if s["source_name"] == name] for name in "ab"}
    for day, measured in zip(days(), found, strict=True):
        start, end = midnight(window.first_day(day)), min(midnight(window.end_day(day)), epoch_ms(NOW))
        lags, sources = [], set()
        for instant in range(-(-start // step) * step, end, step):
            for name, times in arrivals.items():
                newest = max((at for at in times if at <= instant), default=None)
                if newest is not None and instant - newest < idle * 60 * MINUTE:
                    lags.append(instant - newest)
                    sources.add(name)
        assert (measured.numerator, measured.denominator, measured.n) == (sum(lags), len(lags), len(sources)), day
        if lags:
            assert measured.value == pytest.approx(Decimal(sum(lags)) / len(lags) / MINUTE, abs=Decimal("1e-12"))
        else:
            assert measured.value is None


USE = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "cas"]),
        st.sampled_from(["login", "chart", "share", "export"]),
        st.integers(0, 14),
        st.booleans(),
    ).map(
        lambda use: {
            "user_id": use[0],
            "event": use[1],
            "day": day_index(date(2026, 3, 21)) + use[2],
            "qualifying": use[3],
        }
    ),
    max_size=40,
)


@EXAMPLES
@given(USE, WINDOWS, st.integers(1, 3))
def test_things_per_entity_equal_a_loop_over_every_day_and_user(
    use: list[dict[str, Any]], words: str, at_least: int
) -> None:
    """Who does core things on days without a qualifying one is not active and counts nowhere."""
    rows = {"fact": "usage_day", "time": "day", "per": "user_id"}
    definition = kpi(
        "per_entity",
        words,
        "percent",
        having={**rows, "where": "event in ('chart', 'share', 'export')", "distinct": "event", "at_least": at_least},
        among={**rows, "where": "qualifying"},
    )
    facts = {"usage_day": table(use, user_id="string", event="string", day="int64", qualifying="boolean")}
    found = Engine(BACKEND, facts, COMPANY, now=NOW).measure(definition, FIRST, LAST)
    window = windows.parse(words)
    for day, measured in zip(days(), found, strict=True):
        begin, end = day_index(window.first_day(day)), min(day_index(window.end_day(day)), day_index(day) + 1)
        things, active = defaultdict(set), set()
        for row in use:
            if begin <= row["day"] < end:
                if row["event"] != "login":
                    things[row["user_id"]].add(row["event"])
                if row["qualifying"]:
                    active.add(row["user_id"])
        enough = sum(len(things[user]) >= at_least for user in active)
        assert (measured.numerator, measured.denominator, measured.n) == (enough, len(active), len(active)), day
        assert (measured.value is None) == (not active)


@EXAMPLES
@given(USE, WINDOWS)
def test_the_lowest_share_equals_a_loop_over_every_day_and_entity(use: list[dict[str, Any]], words: str) -> None:
    """Of each kind of event, its users ever until the day, and those of them that the window shows to be active."""
    rows = {"fact": "usage_day", "time": "day", "per": "event", "distinct": "user_id"}
    definition = kpi("lowest_share", words, "percent", seen={**rows, "where": "qualifying"}, members=rows)
    facts = {"usage_day": table(use, user_id="string", event="string", day="int64", qualifying="boolean")}
    found = Engine(BACKEND, facts, COMPANY, now=NOW).measure(definition, FIRST, LAST)
    window = windows.parse(words)
    for day, measured in zip(days(), found, strict=True):
        begin, end = day_index(window.first_day(day)), min(day_index(window.end_day(day)), day_index(day) + 1)
        everybody, some = defaultdict(set), defaultdict(set)
        for row in use:
            if row["day"] <= day_index(day):
                everybody[row["event"]].add(row["user_id"])
            if begin <= row["day"] < end and row["qualifying"]:
                some[row["event"]].add(row["user_id"])
        shares = [(Decimal(len(some[e])) / len(everybody[e]), -len(everybody[e]), len(some[e])) for e in everybody]
        _, minus_all, few = min(shares, default=(Decimal(0), 0, 0))
        assert (measured.numerator, measured.denominator, measured.n) == (few, -minus_all, len(everybody)), day
        assert (measured.value is None) == (not everybody)

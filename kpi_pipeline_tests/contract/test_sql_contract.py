"""The connector and the simulated product database: the clock hides what has not happened, faults are seen and named.

The general contract is about HTTP; what it asks of a vendor's pages is asked of tables in connectors/sql.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import requests

from kpi_pipeline.connectors.registry import open_connector
from kpi_pipeline.connectors.sql import STREAMS
from kpi_pipeline.errors import ContractError, KpiError, SettingsError, SourceUnavailable
from kpi_pipeline.landing.page import Window
from kpi_pipeline.sandbox import Sandbox
from kpi_pipeline.sandbox.faults import Fault
from kpi_pipeline.sandbox.world.model import (
    ApiUse,
    Assignment,
    ConnectionAttempt,
    Dashboard,
    Events,
    HelpdeskTicket,
    ProductAccount,
    ProductUse,
    ProductUser,
    Sessions,
    Syncs,
    World,
)
from kpi_pipeline.schemas.base import dtypes
from kpi_pipeline_tests.connectors.wire import COMPANY, NOW, utc, world

START = utc("2026-11-01 00:00")
HOUR = 3_600_000
EVERY = {stream.name: None for stream in STREAMS} | {"product_events": {"cursor": "recorded_at"}}


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def product() -> ProductUse:
    at = ms(START) + np.arange(1000, dtype=np.int64) * HOUR
    late = np.where(np.arange(1000) % 100 == 0, 30 * HOUR, 0)
    day = (ms(START) // 86_400_000) + np.arange(30, dtype=np.int64)
    mid = utc("2026-11-10 12:00")
    return ProductUse(
        users=[
            ProductUser("ann", "acme", "admin", START, disabled_at=utc("2026-11-20 00:00")),
            ProductUser("bob", "acme", "member", START, profile_set_at=mid),
            ProductUser("bot", None, "robot", START, internal=True),
            ProductUser("eve", "acme", "member", utc("2026-12-01 00:00")),
        ],
        accounts=[ProductAccount("acme", "Acme", "school", START, "c1", START, mid, setup_completed_at=mid)],
        dashboards=[Dashboard("d1", "ann", "acme", START, mid), Dashboard("d2", "ann", "acme", mid)],
        connection_attempts=[ConnectionAttempt("t1", "acme", "shopify", mid, False)],
        assignments=[Assignment("w1", "bob", "acme", START, mid)],
        tickets=[
            HelpdeskTicket(
                "q1", "acme", "c1", START, (START + timedelta(hours=1), mid), mid, None, "core", "high", True
            )
        ],
        events=Events(("look", "make"), at, np.arange(1000) % 4 - 1, np.arange(1000) % 2, recorded_at=at + late),
        sessions=Sessions(np.array([0, 1]), at[[0, 900]], at[[1, 901]], np.array([3, 4])),
        syncs=Syncs(("shopify", "stripe"), at, np.arange(1000) % 2, np.ones(1000, np.int64)),
        api_use=ApiUse(np.zeros(30, np.int64), day, np.arange(30, dtype=np.int64)),
    )


class Store:
    """The sandbox's database and a connector to it."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox, self.folder = sandbox, folder
        self.address = sandbox.environment(COMPANY)["MISTER_DJ_SQL_BASE_URL"]

    def read(self, stream: str, now: datetime = NOW, **settings: Any) -> pl.DataFrame:
        self.sandbox.set_now(now)
        connector = open_connector(
            "sql",
            company=COMPANY,
            base_url=self.address,
            key=None,
            key_variable="MISTER_DJ_SQL_BASE_URL",
            settings={"instants": "ms", "tables": EVERY, "statement_timeout": "1 second", **settings},
            budget_root=self.folder,
            now=lambda: now,
        )
        found = next(each for each in connector.streams if each.name == stream)
        try:
            reading = connector.read(found, Window(START - timedelta(days=40), now))
            frames = [pl.read_ipc_stream(page.body) for page in reading]
            assert reading.proof.expected == sum(frame.height for frame in frames)
        finally:
            connector.close()
        return pl.concat(frames) if frames else pl.DataFrame(schema=dtypes(found.model))


@pytest.fixture(scope="module")
def made() -> World:
    return world(product=product())


@pytest.fixture
def store(made: World, tmp_path: Path) -> Iterator[Store]:
    with Sandbox(vendor_names=("sql",), now=lambda: NOW, build=lambda *_: made) as sandbox:
        yield Store(sandbox, tmp_path)


@pytest.mark.parametrize("stream", [stream.name for stream in STREAMS])
def test_every_table_fits_the_model_of_its_stream(store: Store, stream: str) -> None:
    found = store.read(stream)
    model = next(each for each in STREAMS if each.name == stream).model
    wanted = dtypes(model)
    assert found.height > 0
    assert list(found.columns) == list(wanted)
    assert dict(found.schema) == wanted
    model.validate(found)


def test_an_event_is_there_from_when_it_was_recorded(store: Store, made: World) -> None:
    now = utc("2026-11-10 00:00")
    found = store.read("product_events", now)
    expected = int((made.product.events.recorded_at < ms(now)).sum())
    assert found.height == expected < int((made.product.events.at < ms(now)).sum())
    assert found.filter(pl.col("user_id").is_null()).height > 0, "visitors have no user"
    assert set(found["event"]) == {"look", "make"}


def test_values_that_lie_after_the_clock_are_hidden(store: Store) -> None:
    before, after = utc("2026-11-10 11:59"), utc("2026-11-10 12:01")
    ticket = store.read("tickets", before).row(0, named=True)
    assert (ticket["replies"], ticket["resolved_at"], ticket["updated_at"]) == (1, None, START + timedelta(hours=1))
    ticket = store.read("tickets", after).row(0, named=True)
    assert (ticket["replies"], ticket["resolved_at"]) == (2, utc("2026-11-10 12:00"))
    assert store.read("dashboards", before).height == 1
    assert store.read("assignments", before)["completed_at"].to_list() == [None]
    assert store.read("connection_attempts", before).height == 0
    assert sorted(store.read("users", after)["user_id"]) == ["ann", "bob", "bot"], "eve comes in December"
    assert store.read("users", after).filter(pl.col("user_id") == "ann")["disabled_at"].to_list() == [None]
    assert store.read("sessions", before).height == 1, "a session shows when it is over"


def test_a_day_of_api_calls_is_counted_after_local_midnight(store: Store) -> None:
    before, after = utc("2026-11-09 22:59"), utc("2026-11-09 23:01")  # midnight in Amsterdam
    assert store.read("api_calls", before)["day"].max() == date(2026, 11, 8)
    assert store.read("api_calls", after)["day"].max() == date(2026, 11, 9)


def test_a_clock_that_runs_shows_what_has_happened_by_the_machines_clock(made: World, tmp_path: Path) -> None:
    with Sandbox(vendor_names=("sql",), anchor=NOW.date(), build=lambda *_: made) as sandbox:
        store = Store(sandbox, tmp_path)
        store.sandbox.clock.set(None)
        connector_now = datetime.now(UTC)
        shown = _count(store.address, "product_events")
        assert shown == int((made.product.events.recorded_at <= ms(connector_now)).sum())


def _count(address: str, view: str) -> int:
    with sqlite3.connect(address.removeprefix("sqlite:///")) as database:
        return int(database.execute(f"SELECT count(*) FROM {view}").fetchone()[0])


@pytest.mark.parametrize(
    ("kind", "params", "error", "match"),
    [
        ("slow", {}, SourceUnavailable, "longer than the statement_timeout"),
        ("missing_field", {"field": "event"}, SettingsError, r"has no column 'event' \(for event\)"),
        ("deleted_between", {}, SettingsError, "no table 'product_events'"),
        ("number_as_string", {"field": "recorded_at"}, ContractError, "the cursor recorded_at holds str, not instants"),
    ],
)
def test_a_fault_of_the_database_is_named_and_passes(
    store: Store, kind: str, params: dict[str, str], error: type[KpiError], match: str
) -> None:
    before = store.read("product_events").height
    store.sandbox.faults.add(Fault(kind, vendor="sql", path="product_events", params=params))
    with pytest.raises(error, match=match):
        store.read("product_events")
    assert store.read("users").height == 3, "other tables are well"
    store.sandbox.faults.clear()
    assert store.read("product_events").height == before


def test_a_column_of_words_is_handed_on_as_words(store: Store) -> None:
    """Landing then names it: a value that does not fit is kept out there, for every source alike."""
    store.sandbox.faults.add(
        Fault("number_as_string", vendor="sql", path="product_events", params={"field": "occurred_at"})
    )
    found = store.read("product_events")
    assert found["occurred_at"].dtype == pl.String
    assert found["occurred_at"][0].startswith("about ")


def test_a_fault_that_a_database_cannot_have_is_refused(store: Store) -> None:
    answer = requests.post(
        f"{store.sandbox.url}/__sandbox__/faults", json={"kind": "throttle", "vendor": "sql"}, timeout=10
    )
    assert answer.status_code == 400
    assert "sql cannot have throttle" in answer.text

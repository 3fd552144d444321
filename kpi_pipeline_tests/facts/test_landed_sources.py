"""From the wire through landing to facts: what a vendor sends arrives whole, typed and without names of people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kpi_pipeline.clock import epoch_ms
from kpi_pipeline.facts.local_time import day_number
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.landing.page import Window
from kpi_pipeline.sandbox.world.days import Days
from kpi_pipeline.sandbox.world.model import (
    CodeRepository,
    CounterGrowth,
    Email,
    MailEvent,
    PipelineRun,
    RunAttempt,
    WebProperty,
    World,
)
from kpi_pipeline.sandbox.world.settling import web_day, web_reach
from kpi_pipeline.schemas.facts import MODELS
from kpi_pipeline_tests.connectors.wire import COMPANY, NOW, utc, wired, world
from kpi_pipeline_tests.facts.records import Company

START, HOUR, DAYS = utc("2026-11-10 00:00"), timedelta(hours=1), Days("Europe/Amsterdam")
Load = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def load(tmp_path: Path, duckdb: Any) -> Load:
    """All streams of a source read over HTTP and landed; the rows of a fact made of them."""

    def landed(source: str, records: World, settings: dict[str, Any], fact: str, now: datetime = NOW) -> Any:
        landing, run_id = Landing(tmp_path / "landing"), f"{now:%d%H%M}"
        with wired(source, records, tmp_path, settings, now=lambda: now) as wire:
            for stream in wire.connector.streams:
                window = Window(now, now) if stream.read == "snapshot" else Window(START, now)
                reading = wire.connector.read(stream, window)
                receipt = landing.load(
                    COMPANY,
                    stream.model,
                    iter(reading),
                    run_id=run_id,
                    window=window,
                    proof=lambda reading=reading: reading.proof,
                    kind="live",
                    api_version=wire.connector.api_version,
                    month_zone=DAYS.zone,
                    now=now,
                    salt="pepper",
                    snapshot=stream.read == "snapshot",
                )
                assert not receipt.quarantined
        with FactTables(landing, Company(), duckdb) as tables:
            frame = pl.DataFrame(tables.table(fact).to_pyarrow())
        MODELS[fact].validate(frame)
        return frame.sort(frame.columns).to_dicts()

    return landed


def test_runs_of_github(load: Load) -> None:
    attempts = (RunAttempt(START, START + HOUR, "failure"), RunAttempt(START + 2 * HOUR, START + 3 * HOUR, "success"))
    runs = [
        PipelineRun(1, "shop", "CI", "main", "push", attempts),
        PipelineRun(2, "shop", "CI", "main", "pull_request", attempts[:1], from_fork=True),
    ]
    made = world(repositories=[CodeRepository("shop", "main", utc("2025-01-01 00:00"))], pipeline_runs=runs)
    rows = load("github", made, {"repositories": ["mister-dj/shop"]}, "pipeline_run")
    assert [(row["run_id"], row["is_default_branch"], row["conclusion"], row["attempt"]) for row in rows] == [
        ("1", True, "success", 2),
        ("2", False, "failure", 1),
    ]
    assert (rows[0]["started_at"], rows[0]["completed_at"]) == (epoch_ms(START + 2 * HOUR), epoch_ms(START + 3 * HOUR))


def test_messages_of_mailgun(load: Load) -> None:
    at = START + timedelta(microseconds=123_456)
    events = [(at, "accepted"), (at + HOUR, "temporary"), (at + 2 * HOUR, "delivered")]
    sent = Email(
        "m1", "ann@example.org", "Hello", ("nps",), tuple(MailEvent(kind, when, when) for when, kind in events)
    )
    made = world(mail_domain="mail.example", emails=[sent])
    (row,) = load("mailgun", made, {"domain": "mail.example"}, "email_message")
    assert (row["accepted_at"], row["delivered_at"]) == (epoch_ms(at), epoch_ms(at + 2 * HOUR))
    assert (row["failed_at"], row["tag"]) == (None, "nps")
    assert row["message_id"].startswith("m1/")
    assert "ann" not in row["message_id"]


def test_traffic_of_google_analytics_as_it_is_restated(load: Load) -> None:
    day = date(2026, 11, 18)
    made = world(
        web_property=WebProperty("412345678", utc("2025-01-01 00:00")),
        web_days=[web_day(DAYS, day, "Direct", sessions=1000, engaged_sessions=600, page_views=3000, users=900)],
        web_reach=[web_reach(DAYS, day, users=5000, until_yesterday=4000)],
    )
    settings = {"property": "412345678", "time_zone": "Europe/Amsterdam"}
    for now, share in ((DAYS.start(day + timedelta(days=1)) + HOUR, 930), (NOW, 1000)):
        rows = load("ga4", made, settings, "web_day", now)
        assert [row["sessions"] for row in rows if row["channel"] == "Direct"] == [share]
        assert {row["day"] for row in rows} == {day_number(day)}
    (month,) = load("ga4", made, settings, "web_month", NOW + HOUR)
    assert (month["month_day"], month["users"], month["thresholded"]) == (day_number(day), 5000, False)


def test_counters_of_prometheus(load: Load) -> None:
    grown = [
        CounterGrowth("requests_total", (("status", status),), START + n * HOUR + HOUR / 3, by)
        for n in range(3)
        for status, by in (("200", 990.5), ("500", 10.0))
    ]
    query = {"name": "requests", "query": "requests_total", "kind": "counter", "step": "15 minutes"}
    rows = load("prometheus", world(counters=grown), {"queries": [query]}, "counter_increase")
    hours = [row["increase_e3"] for row in rows if row["series"] == 'status="200"']
    assert hours[:4] == [990_500, 990_500, 990_500, 0]
    assert sum(row["increase_e3"] for row in rows) == 3 * 1_000_500

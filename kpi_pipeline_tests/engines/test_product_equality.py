"""Facts of product use, and the kinds made for them, are the same on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.facts.backends import open_backend
from kpi_pipeline.facts.specs import product
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.metrics.kinds import PARAMS
from kpi_pipeline_tests.engines.test_equality import compare_facts, compare_kpis
from kpi_pipeline_tests.facts.records import SETTINGS, Records, utc

OWN = ("usage_day", "session", "product_user", "account", "dashboard", "connection_attempt", "sync", "api_usage")
NAMES = [spec.name for spec in product.SPECS if spec.name in (*OWN, "assignment")]
USE = {"fact": "usage_day", "time": "day", "per": "user_id"}
KINDS: dict[str, dict[str, Any]] = {
    "freshness": {
        "kind": "lag",
        "of": {"fact": "sync", "per": "source_name", "time": "synced_at"},
        "window": "rolling 3 days",
    },
    "adoption": {
        "kind": "per_entity",
        "having": {**USE, "distinct": "event", "at_least": 2},
        "among": {**USE, "where": "qualifying"},
        "window": "calendar week",
    },
    "worst_off": {
        "kind": "lowest_share",
        "seen": {"fact": "usage_day", "where": "qualifying", "time": "day", "per": "event", "distinct": "user_id"},
        "members": {"fact": "usage_day", "time": "day", "per": "event", "distinct": "user_id"},
        "window": "calendar week",
    },
}
STARTS = utc("2026-03-20 00:00")


def kpi(name: str, params: dict[str, Any]) -> Kpi:
    own = {key: value for key, value in params.items() if key not in ("kind", "window")}
    return Kpi(
        id=name, company="acme", name={"en": name}, kind=params["kind"], window=params["window"], unit="percent",
        params=PARAMS[params["kind"]].model_validate(own), better="higher", cadence="daily", origin="", file="", line=1,
    )  # fmt: skip


def acme(**sources: Any) -> Company:
    return Company.model_validate(
        {
            "id": "acme", "name": "Acme", "zone": "Europe/Amsterdam", "currency": "EUR", "language": "nl", "people": {},
            "sources": {name: {"owner": "x", "settings": settings} for name, settings in sources.items()},
            "kpis": {name: kpi(name, params) for name, params in KINDS.items()},
        }
    )  # fmt: skip


DATABASE = acme(sql=SETTINGS["sql"])
MIXPANEL = acme(mixpanel={"qualifying_events": ["teach"], "page_view_events": ["look"]})


def use(records: Records, seed: int = 11) -> Records:
    """Five weeks of a made-up product, in milliseconds, over the clock change."""
    r = Random(seed)

    def at() -> Any:
        return STARTS + timedelta(milliseconds=r.randrange(35 * 86_400_000))

    for n in range(8):
        records.add(
            "sql.users", user_id=f"u{n}", account_id=f"a{n % 3}", role="teacher", enabled_at=at(), internal=n == 7
        )
    for n in range(3):
        records.add("sql.accounts", account_id=f"a{n}", signed_up_at=STARTS)
    for n in range(400):
        who, what = f"u{r.randrange(9)}", r.choice(("teach", "look", "export_excel", "dashboard_created"))
        records.add("sql.product_events", event_id=f"e{n}", user_id=who, event=what, occurred_at=at())
        device, name = f"d{r.randrange(6)}", None if r.random() < 0.3 else f"u{r.randrange(6)}"
        moment = {"event": what, "occurred_at": at(), "insert_id": f"i{n}", "distinct_id": name or device}
        records.add("mixpanel.events", user_id=name, device_id=device, **moment)
    for n in range(60):
        start = at()
        records.add(
            "sql.sessions",
            session_id=f"s{n}",
            user_id=f"u{n % 8}",
            started_at=start,
            ended_at=start + timedelta(minutes=n),
            page_views=n,
        )
        records.add(
            "sql.connection_attempts",
            attempt_id=f"t{n:02}",
            account_id=f"a{n % 3}",
            source_name="crm",
            attempted_at=at(),
            succeeded=n % 4 == 0,
        )
        records.add("sql.syncs", sync_id=f"y{n}", source_name=f"src{n % 3}", synced_at=at(), succeeded=n % 5 > 0)
    for n in range(20):
        records.add("sql.dashboards", dashboard_id=f"b{n}", user_id="u1", account_id="a1", created_at=at())
        records.add("sql.assignments", assignment_id=f"w{n}", student_id="u2", started_at=STARTS, updated_at=STARTS)
        records.add(
            "sql.api_calls", account_id="a1", day=date(2026, 4, 1) + timedelta(days=n), calls=n, counted_at=STARTS
        )
    return records


@pytest.fixture(scope="module")
def used() -> Records:
    return use(Records())


def on(used: Records, company: Company, names: list[str], *engine: str) -> Iterator[FactTables]:
    backend = open_backend(*engine)
    with FactTables(used, company, backend) as tables:
        tables.materialise(names)
        yield tables
    backend.disconnect()


@pytest.mark.postgres
def test_postgres_gives_the_product_facts_and_kinds_of_duckdb(used: Records, postgres_url: str) -> None:
    for one in on(used, DATABASE, NAMES):
        for other in on(used, DATABASE, NAMES, "postgres", postgres_url):
            compare_facts(one, other, NAMES)
            compare_kpis(one, other, DATABASE, list(KINDS))


@pytest.mark.postgres
def test_postgres_gives_the_facts_of_duckdb_from_mixpanel_too(used: Records, postgres_url: str) -> None:
    names = ["usage_day", "session"]
    for one in on(used, MIXPANEL, names):
        for other in on(used, MIXPANEL, names, "postgres", postgres_url):
            compare_facts(one, other, names)

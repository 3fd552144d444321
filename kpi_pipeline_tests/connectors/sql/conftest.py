"""A product database with two tables of its own making, on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from kpi_pipeline.connectors.registry import open_connector
from kpi_pipeline.connectors.sql import Sql
from kpi_pipeline.landing.page import Proof, Window

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
START = datetime(2026, 11, 1, tzinfo=UTC)
NUMBERS = itertools.count()
EVENTS = 560
MAPPED = {
    "product_events": {
        "table": "activity",
        "columns": {"event_id": "id", "user_id": "person", "role": None, "event": "action", "occurred_at": "at"},
    },
    "users": {"table": "people", "columns": {"user_id": "id", "internal": "staff", "profile_set_at": None}},
}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'product.db'}"
    server: str = request.getfixturevalue("postgres_url")
    name = f"product_{next(NUMBERS)}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    admin.dispose()
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def filled(database: str) -> str:
    """560 events, one every hour and three-quarters, and three people; types as each database has them."""
    engine = sa.create_engine(database)
    instant = sa.DateTime(timezone=True) if engine.dialect.name == "postgresql" else sa.String()
    data = sa.MetaData()
    activity = sa.Table(
        "activity",
        data,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person", sa.String),
        sa.Column("account_id", sa.String),
        sa.Column("action", sa.String),
        sa.Column("at", instant),
    )
    people = sa.Table(
        "people",
        data,
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("account_id", sa.String),
        sa.Column("role", sa.String),
        sa.Column("enabled_at", instant),
        sa.Column("disabled_at", instant),
        sa.Column("staff", sa.Boolean),
    )
    data.create_all(engine)
    moments = [START - timedelta(days=20) + timedelta(minutes=105 * n, milliseconds=n) for n in range(EVENTS)]
    written = [at if engine.dialect.name == "postgresql" else f"{at:%Y-%m-%d %H:%M:%S.%f}" for at in moments]
    with engine.begin() as connection:
        events = [
            {"id": n, "person": f"p{n % 3}", "account_id": "a1", "action": "look", "at": at}
            for n, at in enumerate(written)
        ]
        connection.execute(activity.insert(), events)
        persons = [
            {"id": f"p{n}", "account_id": "a1", "role": "member", "enabled_at": written[n], "staff": n == 2}
            for n in range(3)
        ]
        connection.execute(people.insert(), persons)
    engine.dispose()
    return database


Open = Callable[..., Sql]


def opened(address: str, folder: Path, tables: Mapping[str, Any] = MAPPED, **settings: Any) -> Any:
    """The connector to a database of acme."""
    return open_connector(
        "sql",
        company="acme",
        base_url=address,
        key=None,
        key_variable="ACME_SQL_BASE_URL",
        settings={"tables": tables, **settings},
        budget_root=folder,
        now=lambda: NOW,
    )


@pytest.fixture
def connected(filled: str, tmp_path: Path) -> Iterator[Open]:
    """Opens the connector to the filled database, with settings changed as a test likes."""
    made: list[Any] = []

    def make(address: str = filled, tables: Mapping[str, Any] = MAPPED, **settings: Any) -> Any:
        made.append(opened(address, tmp_path, tables, **settings))
        return made[-1]

    yield make
    for each in made:
        each.close()


def read(connector: Sql, stream: str, start: datetime = START, end: datetime = NOW) -> tuple[pl.DataFrame, Proof]:
    """All rows of a read, and its proof."""
    found = next(each for each in connector.streams if each.name == stream)
    reading = connector.read(found, Window(start, end))
    frames = [pl.read_ipc_stream(page.body) for page in reading]
    return pl.concat(frames) if frames else pl.DataFrame(), reading.proof

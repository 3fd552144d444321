"""Opening the history database: SQLite by default, PostgreSQL by URL, the newest schema on both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kpi_pipeline.errors import SettingsError, StoreUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0007"
BUSY_TIMEOUT_MS = 30_000
UPGRADE_LOCK = 7_423_001  # any constant: PostgreSQL's advisory locks are numbers


def connect(url: str, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Engine:
    """An engine on the newest schema; creates the SQLite file and its folder when they are missing.

    Raises SettingsError for a URL we do not speak or a schema newer than this code, StoreUnavailable when the database
    does not answer.
    """
    address = make_url(url)
    backend = address.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise SettingsError(
            "opening the history database",
            f"{backend!r} is not supported",
            remedy="KPI_HISTORY_URL starts with sqlite:/// or postgresql://",
        )
    if backend == "sqlite" and address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    options: dict[str, Any] = {} if backend == "sqlite" else {"pool_pre_ping": True}
    engine = create_engine(address, **options)
    if backend == "sqlite":
        _tune_sqlite(engine, busy_timeout_ms)
    with answering(engine, "opening the history database"):
        _upgrade(engine)
    return engine


@dataclass(frozen=True, slots=True)
class Address:
    """Where a history database is, without its password; of SQLite `database` is the path of its file."""

    backend: str
    host: str
    database: str
    user: str


def address_of(url: str) -> Address:
    """The parts of a database URL that may be shown."""
    found = make_url(url)
    host = "" if found.host is None else f"{found.host}:{found.port or 5432}"
    return Address(found.get_backend_name(), host, found.database or "", found.username or "")


@contextmanager
def answering(engine: Engine, doing: str) -> Iterator[None]:
    """Turns a database that is locked, full or away into StoreUnavailable; the URL's password stays out of the text."""
    try:
        yield
    except DBAPIError as error:
        raise StoreUnavailable(
            f"{doing} ({engine.url.render_as_string(hide_password=True)})",
            f"the database said: {str(error.orig).strip().splitlines()[0]}",
            remedy="Nothing was written; check that it runs, is not locked by another program and has space",
        ) from error


@contextmanager
def writing(engine: Engine, doing: str, lock: str) -> Iterator[Connection]:
    """A transaction in which this process is the only writer of `lock` (a company), committed at the end."""
    with answering(engine, doing), engine.connect().execution_options(writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(hashtext(:lock))"), {"lock": lock})
        yield connection


def _tune_sqlite(engine: Engine, busy_timeout_ms: int) -> None:
    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        for pragma in (f"busy_timeout={busy_timeout_ms}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that reads first and writes later fails at once instead of waiting when another
        # process wrote in between (SQLITE_BUSY_SNAPSHOT), so writers take the lock at the start.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _upgrade(engine: Engine) -> None:
    with engine.connect() as connection:
        if _revision(connection) == HEAD:
            return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
        if _revision(connection) == HEAD:
            return
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise SettingsError(
                "bringing the history database to the newest schema",
                str(error),
                remedy="The database was written by a newer version of kpi_pipeline: update this one",
            ) from error
        except SQLAlchemyError:
            raise


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar_one_or_none()

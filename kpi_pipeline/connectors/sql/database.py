"""A database that we only look at: one connection, one snapshot, nothing that could write, a limit on every answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection

from kpi_pipeline.clock import monotonic
from kpi_pipeline.connectors.redact import Redactor
from kpi_pipeline.errors import ContractError, KpiError, SettingsError, SourceRefused, SourceUnavailable

CONNECT_SECONDS = 10
ROWS = 20_000  # a fetch: enough to make columns of, little enough to hold
REFUSED = ("28", "42501")  # SQLSTATE: invalid authorisation, insufficient privilege
SLOW = ("57014",)  # query_canceled, which is what statement_timeout does
MISSING = ("3D000", "42P01", "42703")  # no such database, table, column
_REFUSED_WORDS = ("authentication failed", "access denied", "no pg_hba.conf entry", "permission denied")


class Database:
    """The database at a URL. Nothing of the URL is ever shown: its variable is named instead."""

    def __init__(self, address: str, *, variable: str, timeout: int) -> None:
        self.variable, self.timeout = variable, timeout
        self._deadline = 0.0
        try:
            url = sa.make_url(address)
            dialect = url.get_dialect()()
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError, ValueError):
            raise self._unusable("it is no SQLAlchemy URL, or its dialect is not installed") from None
        self.dialect = dialect.name
        self._redact = Redactor([str(part) for part in (url.password, url.username, url.host, url.database) if part])
        if self.dialect == "sqlite":
            self._require_file(url)
        try:
            self.engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=self._arguments())
        except (ImportError, sa.exc.SQLAlchemyError):
            raise self._unusable(f"the driver of {self.dialect} is not installed") from None
        if self.dialect == "sqlite":
            sa.event.listen(self.engine, "connect", self._watch)

    @contextmanager
    def snapshot(self, doing: str) -> Iterator[sa.Connection]:
        """A connection in a transaction that cannot write and sees one state, where the database can do that.

        Raises SourceUnavailable when it does not answer or not in time, SourceRefused for a wrong password or a missing
        permission, SettingsError when the database, a table or a column is not there.
        """
        try:
            with self.engine.connect() as connection:
                for statement in self._opening():
                    connection.exec_driver_sql(statement)
                try:
                    yield connection
                finally:
                    connection.rollback()
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            raise self._error(doing, error) from None

    def rows(self, connection: sa.Connection, statement: sa.Select[Any]) -> Iterator[Sequence[Sequence[Any]]]:
        """The answer in parts of ROWS rows, from a cursor on the server: nobody ever holds all of it."""
        self._restart()
        if self.dialect == "sqlite":  # is its own server; without SQLAlchemy's rows a third of the time
            cursor = connection.execute(statement).cursor
            parts: Iterator[Sequence[Sequence[Any]]] = iter(lambda: cursor.fetchmany(ROWS), [])
        else:
            result = connection.execution_options(stream_results=True, yield_per=ROWS).execute(statement)
            parts = result.partitions()
        for part in parts:
            yield part
            self._restart()

    def one(self, connection: sa.Connection, statement: sa.Select[Any]) -> Any:
        """The first column of the first row, None without a row."""
        self._restart()
        return connection.execute(statement).scalar()

    def close(self) -> None:
        self.engine.dispose()

    def _arguments(self) -> dict[str, Any]:
        if self.dialect in ("postgresql", "mysql", "mariadb"):
            return {"connect_timeout": CONNECT_SECONDS}
        return {}

    def _opening(self) -> list[str]:
        """What makes the transaction read-only and bounded, by dialect; others are only rolled back."""
        match self.dialect:
            case "sqlite":
                return ["PRAGMA query_only = ON", "BEGIN"]
            case "postgresql":
                return [
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
                    f"SET LOCAL statement_timeout = {self.timeout * 1000}",
                ]
            case "mysql":
                return [
                    "ROLLBACK",
                    f"SET SESSION max_execution_time = {self.timeout * 1000}",
                    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
                ]
            case "mariadb":
                return [
                    "ROLLBACK",
                    f"SET SESSION max_statement_time = {self.timeout}",
                    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
                ]
            case _:
                return []

    def _watch(self, raw: DBAPIConnection, _: object) -> None:
        """SQLite has no timeout for a statement: it asks us every 50,000 steps whether to go on."""
        self._restart()
        raw.set_progress_handler(lambda: monotonic() > self._deadline, 50_000)

    def _restart(self) -> None:
        self._deadline = monotonic() + self.timeout

    def _error(self, doing: str, error: Exception) -> KpiError:
        origin = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        said = self._redact(str(origin).strip().partition("\n")[0])
        came_back = f"{type(origin).__name__}: {said}"
        state = str(getattr(origin, "sqlstate", None) or "")
        if state in SLOW or said == "interrupted":
            return SourceUnavailable(
                doing,
                f"the database took longer than the statement_timeout of {self.timeout} s",
                remedy="Put an index on the cursor's column, or raise statement_timeout in company.yaml.",
            )
        if state.startswith(REFUSED) or any(word in said.lower() for word in _REFUSED_WORDS):
            return SourceRefused(
                doing, came_back, remedy=f"Correct user and password in {self.variable}, or grant SELECT on the table."
            )
        if state in MISSING or "no such table" in said or "no such column" in said:
            return SettingsError(doing, came_back, remedy="Correct sources.sql.settings.tables in company.yaml.")
        if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError) or isinstance(origin, sqlite3.Error):
            return SourceUnavailable(
                doing,
                came_back,
                remedy=f"See whether the database runs and {self.variable} is right; the next run "
                "reads the same again.",
            )
        return ContractError(doing, came_back, remedy="Compare the table with its entry in company.yaml.")

    def _require_file(self, url: URL) -> None:
        """SQLite would make a new, empty database of a name that is wrong."""
        name = url.database or ""
        if not url.query and not Path(name).is_file():
            raise self._unusable("there is no such SQLite file")

    def _unusable(self, why: str) -> SettingsError:
        return SettingsError("sql: opening the database", why, remedy=f"Correct {self.variable}.")

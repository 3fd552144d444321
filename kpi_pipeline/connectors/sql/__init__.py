"""SQL: the tables of a company's own product, behind any SQLAlchemy URL."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import sqlalchemy as sa

from kpi_pipeline.connectors.base import Reading, Stream
from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.connectors.sql.database import Database
from kpi_pipeline.connectors.sql.mapping import REMEDY, Mapped, meant, tables, timeout_seconds
from kpi_pipeline.connectors.sql.values import arrow, bound
from kpi_pipeline.errors import ContractError, SettingsError
from kpi_pipeline.landing.page import Page, Proof, Window

LATE = timedelta(days=2)  # rows that are written after the instant they carry
HOUR = timedelta(hours=1)

STREAMS = (
    Stream("sql", "product_events", lookback=LATE),
    Stream("sql", "sessions", lookback=LATE),
    Stream("sql", "connection_attempts", lookback=HOUR),
    Stream("sql", "syncs", lookback=HOUR),
    Stream("sql", "api_calls", lookback=LATE, late_after=timedelta(hours=36)),
    Stream("sql", "assignments", lookback=HOUR),
    Stream("sql", "tickets", lookback=HOUR),
    Stream("sql", "users", read="snapshot"),
    Stream("sql", "accounts", read="snapshot"),
    Stream("sql", "dashboards", read="snapshot"),
)


def connect(
    *,
    base_url: str,
    key: str | None,
    key_variable: str,
    settings: Mapping[str, Any],
    budget: Callable[[Mapping[str, Rate]], Budget],
    now: Callable[[], datetime],
    **options: Any,
) -> Sql:
    """The database at a SQLAlchemy URL, which holds its user and password; a database has no key and no rate limit."""
    del key, budget, options
    variable = key_variable or "the base URL of the source sql"
    database = Database(base_url, variable=variable, timeout=timeout_seconds(settings))
    return Sql(database, tables(settings, tuple(stream.name for stream in STREAMS)), now=now)


class Sql:
    """One database. `settings`: `tables` (see mapping), `statement_timeout`."""

    source = "sql"
    api_version = "sqlalchemy"

    def __init__(self, database: Database, mapped: Mapping[str, Mapped], *, now: Callable[[], datetime]) -> None:
        self._database, self._mapped, self._now = database, mapped, now
        self.streams = tuple(stream for stream in STREAMS if stream.name in mapped)

    def read(self, stream: Stream, window: Window) -> Reading:
        """The rows of [start, end) by the cursor, or the whole table of a snapshot; counted in the same transaction.

        Raises SettingsError when the table or a column is not there, ContractError when the cursor is no instant.
        """
        if stream.name not in self._mapped:
            raise SettingsError(
                f"sql: reading {stream.name}",
                f"sources.sql.settings.tables has no {stream.name}",
                remedy="Name the table in company.yaml, or drop the KPIs that need it.",
            )
        return Reading(self._pages(stream, self._mapped[stream.name], window))

    def changes(self, stream: Stream, since: datetime, until: datetime) -> Reading | None:
        """None: a read by the cursor, or of the whole table, shows all a table can."""
        del stream, since, until
        return None

    def close(self) -> None:
        self._database.close()

    def _pages(self, stream: Stream, mapped: Mapped, window: Window) -> Generator[Page, None, Proof]:
        doing = f"sql: reading {stream.name}"
        if stream.read == "window":
            doing += f" of {window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M}"
        end = min(window.end, self._now())
        with self._database.snapshot(doing) as connection:
            types, theirs = self._columns(connection, stream, mapped, doing)
            table = sa.table(mapped.name, *map(sa.column, {*theirs.values()}), schema=mapped.schema)
            chosen = sa.select(*(table.c[theirs[ours]].label(ours) for ours in types)).select_from(table)
            counted = sa.select(sa.func.count()).select_from(table)
            if stream.read == "window":
                limits = self._limits(
                    connection, table.c[theirs["@cursor"]], mapped, Window(min(window.start, end), end), doing
                )
                chosen, counted = chosen.where(*limits), counted.where(*limits)
            expected = int(self._database.one(connection, counted))
            for rows in self._database.rows(connection, chosen):
                yield Page(arrow(rows, types, mapped), "", len(rows), format="arrow")
        return Proof("total", expected, end)

    def _columns(
        self, connection: sa.Connection, stream: Stream, mapped: Mapped, doing: str
    ) -> tuple[dict[str, pl.DataType], dict[str, str]]:
        """Our columns that the table has, with their types, and their names there; "@cursor" is the cursor's."""
        from kpi_pipeline.schemas.base import cursor_column, dtypes, required

        there = self._there(connection, mapped, doing)
        types, needed = dtypes(stream.model), required(stream.model)
        cursor = mapped.cursor or mapped.theirs(cursor_column(stream.model) or "") or ""
        faults = [
            f"{name!r} is no column of ours{meant(name, list(types))}" for name in mapped.columns if name not in types
        ]
        wanted = {name: mapped.theirs(name) for name in types}
        faults += [f"{name} must be there, and is mapped to nothing" for name in needed if wanted[name] is None]
        faults += [
            f"the table {mapped.table} has no column {column!r} (for {name}){meant(column, there)}"
            for name, column in [*wanted.items(), *([("the cursor", cursor)] if stream.read == "window" else [])]
            if column is not None and column not in there
        ]
        if faults:
            raise SettingsError(doing, "; ".join(dict.fromkeys(faults)), remedy=REMEDY)
        theirs = {name: column for name, column in wanted.items() if column is not None}
        held = {name: types[name] for name in theirs}
        return held, theirs | ({"@cursor": cursor} if stream.read == "window" else {})

    def _there(self, connection: sa.Connection, mapped: Mapped, doing: str) -> list[str]:
        inspector = sa.inspect(connection)
        try:
            return [str(column["name"]) for column in inspector.get_columns(mapped.name, mapped.schema)]
        except sa.exc.NoSuchTableError:
            known = [*inspector.get_table_names(mapped.schema), *inspector.get_view_names(mapped.schema)]
            raise SettingsError(
                doing, f"the database has no table {mapped.table!r}{meant(mapped.name, known)}", remedy=REMEDY
            ) from None

    def _limits(
        self, connection: sa.Connection, cursor: sa.ColumnClause[Any], mapped: Mapped, window: Window, doing: str
    ) -> tuple[sa.ColumnElement[bool], ...]:
        """Conditions for [start, end), written as the column writes its instants."""
        sample = self._database.one(connection, sa.select(cursor).where(cursor.is_not(None)).limit(1))
        if sample is None:  # an empty table: whatever we compare with
            return (cursor.is_not(None),)
        try:
            start, end = (bound(instant, sample, mapped) for instant in (window.start, window.end))
        except TypeError as found:
            number = isinstance(sample, int | float) and not isinstance(sample, bool)
            told = "Say `instants: ms` or `instants: s`, whichever it is." if number else "Name another cursor."
            raise ContractError(
                doing, f"the cursor {cursor.name} holds {found}, not instants", remedy=f"{told} {REMEDY}"
            ) from None
        return cursor >= start, cursor < end

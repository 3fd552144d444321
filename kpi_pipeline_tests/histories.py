"""New history databases, copied from one that was migrated: migrating each of them took a tenth of the whole suite."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from kpi_pipeline.history.database import connect

NUMBERS = itertools.count()


def new_history(path: Path) -> str:
    """The URL of a SQLite history on the newest schema with nothing in it, written to this file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_newest())
    return f"sqlite:///{path}"


@cache
def _newest() -> bytes:
    with TemporaryDirectory(prefix="history-") as folder:
        path = Path(folder) / "history.db"
        connect(f"sqlite:///{path}").dispose()  # the last to leave moves the write-ahead log into the file
        return path.read_bytes()


def new_postgres_history(server: str) -> str:
    """The URL of a database of this PostgreSQL server on the newest schema with nothing in it."""
    return new_database(server, template=_newest_of(server))


@cache
def _newest_of(server: str) -> str:
    url = new_database(server)
    connect(url).dispose()
    name = make_url(url).database
    assert name is not None
    return name


def new_database(server: str, template: str = "template1") -> str:
    """The URL of a new database of this PostgreSQL server: a copy of the template, by default without any table."""
    name = f"history_{next(NUMBERS)}"
    url = make_url(server)
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create database {name} template {template}"))
    admin.dispose()
    return url.set(database=name).render_as_string(hide_password=False)

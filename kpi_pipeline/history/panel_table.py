"""Tables beneath the KPIs as history keeps them: what was known of a day, when; append-only like observations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column, Date, Index, String, Table, and_, insert, or_, select, text, update

from kpi_pipeline.history.chain import canonical, sha256
from kpi_pipeline.history.columns import Utc
from kpi_pipeline.history.database import answering, writing
from kpi_pipeline.history.ledger import TICK
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.history.tables import RowId, metadata

Row = Mapping[str, Any]  # counts and minor units as int, words as str, or None: nothing that would be rounded

panel_table = Table(
    "panel_table",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("company", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("day", Date, nullable=False),
    Column("rows", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("definition_hash", String(16), nullable=False),
    Column("input_hash", String(64), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("recorded_at", Utc, nullable=False),
    Column("superseded_at", Utc),
    Index(
        "panel_table_current",
        "company",
        "name",
        "day",
        unique=True,
        sqlite_where=text("superseded_at is null"),
        postgresql_where=text("superseded_at is null"),
    ),
)


@dataclass(frozen=True, slots=True)
class PanelTable:
    """The rows of a table as of the end of `day`, with what proves them: definition, inputs, run, when recorded."""

    company: str
    name: str
    day: date
    rows: Sequence[Row]
    definition_hash: str
    input_hash: str
    run_id: str
    recorded_at: datetime

    @property
    def digest(self) -> str:
        """Fingerprint of what it says: the same rows in the same order."""
        return sha256(canonical(list(self.rows)))


def save(store: HistoryStore, table: PanelTable) -> bool:
    """Keep a table; False when history says the same already. Another one supersedes it. Raises StoreUnavailable."""
    with writing(store.engine, f"recording {table.company}/{table.name}", table.company) as connection:
        mine = and_(
            panel_table.c.company == table.company,
            panel_table.c.name == table.name,
            panel_table.c.day == table.day,
            panel_table.c.superseded_at.is_(None),
        )
        before = connection.execute(select(panel_table).where(mine)).one_or_none()
        if before is not None and (before.digest, before.definition_hash) == (table.digest, table.definition_hash):
            return False
        # A clock that was set back must not make two tables current at one instant.
        at = table.recorded_at if before is None else max(table.recorded_at, before.recorded_at + TICK)
        if before is not None:
            connection.execute(update(panel_table).where(mine).values(superseded_at=at))
        content = {
            "company": table.company,
            "name": table.name,
            "day": table.day,
            "rows": [dict(row) for row in table.rows],
            "digest": table.digest,
            "definition_hash": table.definition_hash,
            "input_hash": table.input_hash,
            "run_id": table.run_id,
            "recorded_at": at,
        }
        connection.execute(insert(panel_table).values(content))
    return True


def newest(
    store: HistoryStore, company: str, name: str, until: date, *, known_at: datetime, within: timedelta
) -> PanelTable | None:
    """The table of the newest day up to `until`, not more than `within` before it, as known at an instant."""
    query = (
        select(panel_table)
        .where(
            panel_table.c.company == company,
            panel_table.c.name == name,
            panel_table.c.day.between(until - within, until),
            panel_table.c.recorded_at <= known_at,
            or_(panel_table.c.superseded_at.is_(None), panel_table.c.superseded_at > known_at),
        )
        .order_by(panel_table.c.day.desc())
        .limit(1)
    )
    with answering(store.engine, f"reading {company}/{name}"), store.engine.connect() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return PanelTable(
        row.company,
        row.name,
        row.day,
        row.rows,
        row.definition_hash,
        row.input_hash,
        row.run_id,
        row.recorded_at,
    )

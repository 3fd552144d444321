"""When rules were last judged, watched and delivered: what a dead-man's switch looks at."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from kpi_pipeline.alerts.tables import evaluation

WATCH = "clock"
DELIVERY = "delivery"


def mark(connection: Connection, company: str, kind: str, now: datetime) -> None:
    """Note that something was done now."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = dialect.insert(evaluation).values(company=company, kind=kind, at=now)
    connection.execute(row.on_conflict_do_update(index_elements=["company", "kind"], set_={"at": now}))


def last(connection: Connection, company: str, kind: str) -> datetime | None:
    """When it was last done; None for never."""
    return connection.execute(
        select(evaluation.c.at).where(evaluation.c.company == company, evaluation.c.kind == kind)
    ).scalar_one_or_none()


def all_of(connection: Connection, company: str) -> dict[str, datetime]:
    """When each thing was last done."""
    rows = connection.execute(select(evaluation.c.kind, evaluation.c.at).where(evaluation.c.company == company))
    return {row.kind: row.at for row in rows}

"""What people write in reports: texts, causes, actions. Append-only; what was written is never rewritten."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Date, Index, Integer, String, Table, Text, func, insert, select

from kpi_pipeline.history.columns import Utc
from kpi_pipeline.history.database import answering, writing
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.history.tables import metadata

report_comment = Table(
    "report_comment",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("report", String(64), nullable=False),
    Column("period", String(32), nullable=False),
    Column("section", String(64), nullable=False),
    Column("kpi", String(128), nullable=False),
    Column("author", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("due", Date),
    Column("closes", Integer),
    Column("recorded_at", Utc, nullable=False),
    Index("report_comment_of", "company", "report", "period"),
)


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote in a section of one period's report, or beside a KPI of it (`section` "").

    An action has an `owner` and is `due`; an intervention has a probable `cause`. `closes` is the number of the action
    of which this says what came of it.
    """

    company: str
    report: str
    period: str
    section: str
    author: str
    text: str
    recorded_at: datetime
    kpi: str = ""
    cause: str = ""
    owner: str = ""
    due: date | None = None
    closes: int | None = None
    number: int = 0


NAMES = tuple(field.name for field in fields(Comment))


def add(store: HistoryStore, comment: Comment) -> Comment:
    """The comment as it was kept, with its number in the log of its company. Raises StoreUnavailable."""
    doing = f"keeping a comment on {comment.report} of {comment.company}"
    with writing(store.engine, doing, comment.company) as connection:
        mine = report_comment.c.company == comment.company
        last = connection.execute(select(func.max(report_comment.c.number)).where(mine)).scalar_one()
        kept = replace(comment, number=(last or 0) + 1)
        connection.execute(insert(report_comment).values(asdict(kept)))
    return kept


def comments(store: HistoryStore, company: str, *, known_at: datetime | None = None) -> list[Comment]:
    """Every comment of a company as known at an instant, in the order in which they were written."""
    query = select(report_comment).where(report_comment.c.company == company).order_by(report_comment.c.number)
    if known_at is not None:
        query = query.where(report_comment.c.recorded_at <= known_at)
    with answering(store.engine, f"reading the comments of {company}"), store.engine.connect() as connection:
        return [_comment(row._mapping) for row in connection.execute(query)]


def _comment(row: Any) -> Comment:
    return Comment(**{name: row[name] for name in NAMES})

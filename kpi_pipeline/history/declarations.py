"""What companies declared, by content: their files as they stood when a report was made from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from kpi_pipeline.history.database import answering, writing
from kpi_pipeline.history.evidence import company_files
from kpi_pipeline.history.store import HistoryStore


def save_files(store: HistoryStore, company: str, fingerprint: str, files: Mapping[str, str], now: datetime) -> None:
    """Keep the files of a company (path → text) under their fingerprint; again changes nothing."""
    if files_of(store, company, fingerprint) is not None:
        return
    dialect = postgresql if store.engine.dialect.name == "postgresql" else sqlite
    row = {"company": company, "sha256": fingerprint, "content": dict(files), "first_used_at": now}
    with writing(store.engine, f"keeping the files of {company}", company) as connection:
        connection.execute(dialect.insert(company_files).values(row).on_conflict_do_nothing())


def files_of(store: HistoryStore, company: str, fingerprint: str) -> dict[str, str] | None:
    """The files of a company by their fingerprint, None when they were never kept."""
    query = select(company_files.c.content).where(
        company_files.c.company == company, company_files.c.sha256 == fingerprint
    )
    with answering(store.engine, f"reading the files of {company}"), store.engine.connect() as connection:
        found = connection.execute(query).scalar_one_or_none()
    return None if found is None else dict(found)

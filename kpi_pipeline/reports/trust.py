"""The trust lines of the numbers of a report, from history as known at an instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.history.receipts import Receipt, receipts
from kpi_pipeline.history.restatements import Restatement
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.history.trust import Trust, trust
from kpi_pipeline.history.verdicts import newest, touching
from kpi_pipeline.reports.restated import restated


def trust_lines(store: HistoryStore, company: Company, rows: Sequence[Recorded], *, known_at: datetime) -> list[Trust]:
    """The trust line of each of these numbers, in the same order.

    A number counts as restated when its own day was, materially, by `known_at`.
    """
    return trust_of(store, company, receipts(store, company.id, rows), known_at=known_at)


def trust_of(store: HistoryStore, company: Company, found: Sequence[Receipt], *, known_at: datetime) -> list[Trust]:
    """The same of receipts that were read before."""
    if not found:
        return []
    late_after = {name: source.late_after for name, source in company.sources.items()}
    audits = newest(store, company.id, max(receipt.row.day for receipt in found), known_at=known_at)
    changed: dict[tuple[str, date], list[Restatement]] = defaultdict(list)
    for each in restated(store, company, known_at=known_at):
        if each.is_material:
            changed[each.kpi, each.day].append(each)
    return [
        trust(receipt, late_after, touching(audits, receipt.row.kpi), changed[receipt.row.kpi, receipt.row.day])
        for receipt in found
    ]

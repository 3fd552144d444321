"""Certificates and their validity."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.register import day, signed
from kpi_pipeline.facts.tables import FactTables

NOTICE_DAYS = 90


def build(facts: FactTables) -> Table:
    """One row a certificate and span; a revoked one is not valid on the day it was revoked."""
    rows = facts.records("registers", "certificates")
    spans = rows.select(
        name=rows.certificate,
        valid_from_day=day(rows.valid_from),
        valid_until_day=day(rows.valid_until),
        revoked_day=day(rows.revoked_date),
        **signed(rows),
    )
    after = spans.valid_until_day + 1
    spans = spans.mutate(expires_day=ibis.least(after, ibis.coalesce(spans.revoked_day, after)))
    return spans.mutate(expiring_day=spans.expires_day - NOTICE_DAYS)

"""How accounts fared when they connected their data sources."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms

DAY_MS = 86_400_000


def build(facts: FactTables) -> Table:
    """One row for the tries of an account to connect one source that lie less than 24 hours apart.

    Somebody who fails twice and then succeeds connected once. A success counts within 24 hours of the first try.
    """
    rows = facts.records("sql", "connection_attempts")
    rows = rows.select("attempt_id", "account_id", "source_name", "succeeded", at=epoch_ms(rows.attempted_at))
    per = [rows.account_id, rows.source_name]
    before = rows["at"].lag().over(group_by=per, order_by=[rows["at"], rows.attempt_id])
    rows = rows.mutate(begins=ibis.ifelse(before.isnull() | (rows["at"] - before >= DAY_MS), 1, 0))
    to_here = ibis.window(
        group_by=["account_id", "source_name"], order_by=["at", "attempt_id"], preceding=None, following=0
    )
    rows = rows.mutate(number=rows.begins.sum().over(to_here).cast("int64"))
    per_try = ["account_id", "source_name", "number"]
    place = ibis.row_number().over(group_by=per_try, order_by=["at", "attempt_id"])
    rows = rows.mutate(
        first_id=ibis.ifelse(place == 0, rows.attempt_id, ibis.null("string")),
        worked_at=ibis.ifelse(rows.succeeded, rows["at"], ibis.null("int64")),
    )
    tries = rows.group_by(*per_try).agg(
        attempt_id=rows.first_id.max(),
        first_attempt_at=rows["at"].min(),
        worked_at=rows.worked_at.min(),
        tries=rows.count().cast("int64"),
    )
    in_time = tries.worked_at - tries.first_attempt_at <= DAY_MS
    return tries.mutate(succeeded_at=ibis.ifelse(in_time, tries.worked_at, ibis.null("int64")))

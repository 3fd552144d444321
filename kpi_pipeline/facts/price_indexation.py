"""What indexing the price list added to recurring revenue."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.local_time import day_of_text, local_day
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a customer, product and day of indexation (setting `indexation_days`) on which what was held went on."""
    listed = [str(day) for day in facts.setting("stripe", "indexation_days")]
    days = ibis.memtable({"text": listed}, schema={"text": "string"}).mutate(day=lambda t: day_of_text(t.text))
    changes = facts.table("mrr_change")
    dated = changes.mutate(changed_day=local_day(changes.changed_at, facts.company.zone))
    seen = dated.join(days.select("day"), dated.changed_day <= days.day)
    on_the_day = seen.changed_day == seen.day
    rows = seen.group_by("customer_id", "product", "day").agg(
        before=ibis.ifelse(on_the_day, 0, seen.delta_minor).sum(),
        delta_minor=ibis.ifelse(on_the_day, seen.delta_minor, 0).sum(),
        changed_at=ibis.ifelse(on_the_day, seen.changed_at, ibis.null("int64")).max(),
    )
    return rows.filter(rows.before > 0, rows.before + rows.delta_minor > 0, rows.changed_at.notnull())

"""Customers' tenants in the product, and how far each came in its first days."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.product_events import is_one_of, names
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row an account. `key_events` and `dashboard_events` are settings of the source that fills usage_day."""
    accounts = facts.records("sql", "accounts")
    source = facts.filled_by("usage_day")
    use = facts.table("usage_day")

    def first(setting: str) -> ibis.expr.types.IntegerColumn:
        wanted = is_one_of(use.event, names(facts, source, setting))
        return ibis.ifelse(wanted, use.first_at, ibis.null("int64")).min()

    firsts = use.group_by(used_by="account_id").agg(
        first_key_event_at=first("key_events"), first_dashboard_at=first("dashboard_events")
    )
    rows = accounts.left_join(firsts, accounts.account_id == firsts.used_by)
    instants = ("plan_free_from_at", "plan_free_until_at", "signed_up_at", "setup_completed_at")
    return rows.mutate(**{name: epoch_ms(rows[name]) for name in instants})

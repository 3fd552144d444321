"""Logins to the product."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row a login, our own people's included and marked."""
    users = facts.records("sql", "users")
    return users.mutate(
        enabled_at=epoch_ms(users.enabled_at),
        disabled_at=epoch_ms(users.disabled_at),
        profile_set_at=epoch_ms(users.profile_set_at),
        internal=users.internal.coalesce(ibis.literal(False)),
    )

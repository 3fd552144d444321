"""What the people on the seats do: use of the product beside the seat it was done from."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a seat, kind of event and local day; a day on which the school changed phase is there for both seats."""
    seats = facts.table("seat")
    use = facts.table("usage_day").rename(by_user="user_id").drop("account_id", "role")
    return seats.join(use, seats.user_id == use.by_user)

"""Recurring revenue in the company's currency: movements at the rate that closed the month before, and at the end of
each month one revaluation of what is in another currency."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
from ibis.expr.types import Table

from kpi_pipeline.facts.arithmetic import FOREVER, total
from kpi_pipeline.facts.currency import converted, with_rates
from kpi_pipeline.facts.local_time import day_number, from_day_number, local_day, midnight_ms
from kpi_pipeline.facts.recurring.records import observed_until
from kpi_pipeline.facts.tables import FactTables

DAY = timedelta(days=1)
MONTHS = pa.schema([(name, pa.int64()) for name in ("first_day", "next_day", "rate_day", "closing_day", "end_at")])


def moved(facts: FactTables, levels: Table, months: Table) -> Table:
    """Changes of level in the company's currency: the columns of `levels` and `delta_minor`."""
    rows = levels.mutate(day=local_day(levels["at"], facts.company.zone))
    rows = rows.join(months, [rows.day >= months.first_day, rows.day < months.next_day])
    rows = _rated(facts, rows, "rate_day")
    home = facts.company.currency
    worth, was = (converted(rows[name], rows.currency, rows, home) for name in ("native", "before"))
    return rows.mutate(delta_minor=worth - was)


def revalued(facts: FactTables, levels: Table, months: Table) -> Table:
    """At each month-end what its closing rate does to levels in another currency, by customer and product.

    customer_id, product_id, at (the last millisecond of the month), delta_minor.
    """
    home = facts.company.currency
    rows = levels.filter((levels.currency != home) & (levels.native != 0))
    until = rows.until.coalesce(FOREVER)
    rows = rows.select("customer_id", "product_id", "currency", "native", since="at", until=until)
    rows = rows.join(months, [rows.since <= months.end_at, rows.until > months.end_at])
    for day, name in (("rate_day", "was"), ("closing_day", "worth")):
        rated = _rated(facts, rows, day)
        rows = rated.mutate(**{name: converted(rated.native, rated.currency, rated, home)}).drop("from_e6", "to_e6")
    grouped = rows.group_by("customer_id", "product_id", at="end_at")
    return grouped.agg(delta_minor=total(rows.worth - rows.was))


def _rated(facts: FactTables, rows: Table, day: str) -> Table:
    """`rows` with the rates of the day in their column `day`: from_e6 and to_e6."""
    pairs = with_rates(facts, rows.select("currency", day).distinct(), day=day, what="recurring revenue")
    return rows.join(pairs, ["currency", day])


def months_of(facts: FactTables, levels: Table) -> Table:
    """The local months from the first level to the last observation, and the days whose rates open and close them.

    `end_at` is null for the month that is not over.
    """
    first = levels.aggregate(first=levels["at"].min()).to_pyarrow().to_pylist()[0]["first"]
    rows: list[tuple[int | None, ...]] = []
    if first is not None:
        zone, until = facts.company.zone, observed_until(facts)
        day = from_day_number(first // 86_400_000 - 1).replace(day=1)
        while midnight_ms(day, zone) <= until:
            following = (day + 31 * DAY).replace(day=1)
            numbers = (day, following, day - DAY, following - DAY)
            end = midnight_ms(following, zone) - 1
            rows.append((*map(day_number, numbers), end if end <= until else None))
            day = following
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(MONTHS)
    return facts.inline(pa.Table.from_arrays([pa.array(each, pa.int64()) for each in columns], schema=MONTHS))

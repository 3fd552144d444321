"""What a page divides: columns of a table, which holds counts and minor units only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kpi_pipeline.catalogue.display import value_text
from kpi_pipeline.history.panel_table import PanelTable
from kpi_pipeline.reports.charts import Number

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Quotient:
    """`times` × the sum of a column ÷ the sum of another, over one row or over many."""

    column: str
    per: str
    times: Decimal = HUNDRED

    def of(self, rows: Sequence[Mapping[str, Any]]) -> Decimal | None:
        """None where there is nothing to divide by."""
        below = sum(int(row[self.per] or 0) for row in rows)
        return self.times * sum(int(row[self.column]) for row in rows) / below if below else None

    def number(self, found: PanelTable, rows: Sequence[Mapping[str, Any]], unit: str, language: str) -> Number:
        """As it is printed; of one row it says whose it is, so that it can be checked."""
        value = self.of(rows)
        return Number(value_text(value, unit, language), value, self.ref(found, rows))

    def ref(self, found: PanelTable, rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
        """Table and day, and of one row its place and what is divided."""
        table = (("table", found.name), ("day", found.day.isoformat()))
        if len(rows) != 1:
            return table
        place = next(number for number, row in enumerate(found.rows) if row is rows[0])
        divided = (("column", self.column), ("per", self.per), ("times", str(self.times)))
        return (*table, ("row", str(place)), *divided)

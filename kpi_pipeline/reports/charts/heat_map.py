"""A grid of values whose darkness is their size; every cell prints its value, a cell without one is empty."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from kpi_pipeline.catalogue.display import NOTHING
from kpi_pipeline.reports.charts import vega
from kpi_pipeline.reports.charts.spec import Chart, Number, Reference, Table, known
from kpi_pipeline.reports.charts.svg import FONT, width_of
from kpi_pipeline.reports.palette import HEAT, var

CELL = 30
NAMES = 136  # what the names of rows take of the width
SLANT = 35  # degrees, of the names of columns that are wider than these


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap(Chart):
    """`cells` a row of `rows` a column of `columns`; None is not known (yet), which is not zero.

    `refs` says of each cell whose it is. `low` and `high` are the ends of the scale of darkness; without them, the
    smallest and largest cell.
    """

    row_head: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Decimal | None, ...], ...]
    refs: tuple[tuple[Reference, ...], ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None

    def table(self) -> Table:
        rows = []
        for index, (label, cells) in enumerate(zip(self.rows, self.cells, strict=True)):
            numbers = tuple(
                "" if value is None else Number(self.text(value), value, self.refs[index][place] if self.refs else ())
                for place, value in enumerate(cells)
            )
            rows.append((label, numbers))
        return Table((self.row_head, *self.columns), tuple(rows))

    def summary(self) -> str:
        found = [
            (value, f"{row}, {column}")
            for row, cells in zip(self.rows, self.cells, strict=True)
            for column, value in zip(self.columns, cells, strict=True)
            if value is not None
        ]
        if not found:
            return f"{self.title}. {NOTHING}"
        least, most = min(found, key=lambda pair: pair[0]), max(found, key=lambda pair: pair[0])
        return f"{self.title}. {self.text(least[0])} ({least[1]}) – {self.text(most[0])} ({most[1]})"

    def shade(self, value: Decimal) -> int:
        """Which of the steps of darkness a value has, 0 the lightest."""
        found = known([each for row in self.cells for each in row])
        low = min(found) if self.low is None else self.low
        high = max(found) if self.high is None else self.high
        share = (value - low) / (high - low) if high > low else Decimal("0.5")
        return min(HEAT - 1, max(0, int(share * HEAT)))

    def _colours(self, value: Decimal) -> dict[str, str]:
        shade = self.shade(value)
        return {"fill": var(f"heat-{shade}"), "ink": var(f"on-heat-{shade}")}

    def draw(self, width: int) -> str:
        return vega.to_svg(partial(self.plot, width), self.language, self.summary())

    def plot(self, width: int) -> vega.Plot:
        import altair as alt

        points = [
            {"x": column, "y": row, "w": self.text(value), **self._colours(value)}
            for row, cells in enumerate(self.cells)
            for column, value in enumerate(cells)
            if value is not None
        ]
        room = max(40, (width - NAMES) // max(1, len(self.columns)))
        slanted = any(width_of(name, FONT) > room for name in self.columns)
        x_words = alt.Axis(
            title=None,
            orient="top",
            labelAngle=-SLANT if slanted else 0,
            labelAlign="left" if slanted else "center",
            labelExpr=f"{json.dumps(self.columns)}[datum.value]",
            labelLimit=NAMES if slanted else room,
            domain=False,
            ticks=False,
        )
        y_words = alt.Axis(
            title=None,
            labelExpr=f"{json.dumps(self.rows)}[datum.value]",
            labelLimit=NAMES - 30,
            domain=False,
            ticks=False,
        )
        every_x = alt.Scale(domain=list(range(len(self.columns))), padding=0.04)
        every_y = alt.Scale(domain=list(range(len(self.rows))), padding=0.06)
        base = vega.over("cells").encode(
            x=alt.X("x:O", axis=x_words, scale=every_x), y=alt.Y("y:O", axis=y_words, scale=every_y)
        )
        fill, ink = ({"field": name, "type": "nominal", "scale": None, "legend": None} for name in ("fill", "ink"))
        layers = [base.mark_rect(cornerRadius=2).encode(color=fill), base.mark_text().encode(text="w:N", color=ink)]
        return vega.Plot(layers, (width - NAMES, CELL * max(1, len(self.rows))), {"cells": points})

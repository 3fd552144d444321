"""Bars of one or several series, side by side or stacked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from kpi_pipeline.catalogue.display import NOTHING
from kpi_pipeline.reports.charts import vega
from kpi_pipeline.reports.charts.spec import Chart, Number, Reference, Series, Table, dated, known
from kpi_pipeline.reports.palette import var

WORDS = {"nl": {"target": "Doel"}, "en": {"target": "Target"}}
ROW = 26
LETTER = 8  # as wide as a letter of a label is, at most but for capitals


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars(Chart):
    """A bar a label and series. `lying`: labels at the left, for names. `label_head` heads the column of labels.

    `days` are those of the labels, where these are days. `target` is one line through all; a stacked chart shows parts
    of a whole and has no missing values.
    """

    label_head: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    stacked: bool = False
    lying: bool = False
    target: Decimal | None = None
    days: tuple[date, ...] = ()

    def table(self) -> Table:
        rows = []
        for index, label in enumerate(self.labels):
            cells = tuple(
                Number(
                    each.texts[index] if each.texts else self.text(each.values[index]),
                    each.values[index],
                    self._ref(each, index),
                )
                for each in self.series
            )
            rows.append((label, cells))
        return Table((self.label_head, *(each.name for each in self.series)), tuple(rows))

    def _ref(self, series: Series, index: int) -> Reference:
        if self.days:
            return dated(series.ref, self.days[index])
        return (*series.ref, ("row", str(index))) if series.ref else ()

    def summary(self) -> str:
        said = []
        for each in self.series:
            found = [(value, label) for value, label in zip(each.values, self.labels, strict=True) if value is not None]
            if found:
                highest = max(found, key=lambda pair: pair[0])
                said.append(f"{each.name}: {highest[1]} {self.text(highest[0])}")
        return f"{self.title}. {'; '.join(said) if said else NOTHING}"

    @property
    def _lengths(self) -> list[Decimal]:
        """What the axis reaches from and to: bars begin at zero."""
        if self.stacked:
            heights = zip(*(known(each.values) for each in self.series), strict=True)
            return [Decimal(0), *(sum(parts, Decimal(0)) for parts in heights)]
        return [Decimal(0), *(value for each in self.series for value in known(each.values))]

    def draw(self, width: int) -> str:
        return vega.to_svg(partial(self.plot, width), self.language, self.summary())

    def plot(self, width: int) -> vega.Plot:
        import altair as alt

        names = [each.name for each in self.series]
        colours = vega.colours(names, [each.colour for each in self.series])
        places = list(range(len(self.labels)))
        rows = [
            {"x": place, "y": value, "s": each.name, "order": order}
            for order, each in enumerate(self.series)
            for place, value in zip(places, vega.floats(each.values), strict=True)
        ]
        limit = width // 3 - 30
        # Two labels may be the same word, so places are numbers and the words are looked up.
        words = alt.Axis(
            title=None,
            grid=False,
            ticks=False,
            labelAngle=0,
            labelExpr=f"{json.dumps(self.labels)}[datum.value]",
            labelOverlap=not self.lying,
            labelLimit=limit,
        )
        along, across, offset = (alt.Y, alt.X, "yOffset") if self.lying else (alt.X, alt.Y, "xOffset")
        channel = "y" if self.lying else "x"
        ticks = max(2, width // 110) if self.lying else 5
        encoding: dict[str, Any] = {
            channel: along("x:O", axis=words, sort=places, scale=alt.Scale(paddingInner=0.25)),
            "x" if self.lying else "y": across(
                "y:Q",
                axis=vega.value_axis(self.unit, self.language, self._lengths, ticks=ticks),
                stack="zero" if self.stacked else None,
            ),
            "color": alt.Color(
                "s:N",
                scale=colours,
                legend=vega.legend(names, width - vega.MARGIN),
            ),
            "order": alt.Order("order:Q"),
        }
        if len(names) > 1 and not self.stacked:
            encoding[offset] = (alt.YOffset if self.lying else alt.XOffset)("s:N", sort=names)
        named: dict[str, list[dict[str, Any]]] = {"bars": rows}
        layers = [vega.over("bars").mark_bar().encode(**encoding)]
        if self.target is not None:
            named["aim"] = [{"t": float(self.target)}]
            aim = vega.over("aim")
            layers.append(
                aim.mark_rule(color=var("quiet"), strokeDash=[4, 3]).encode(**{"x" if self.lying else "y": "t:Q"})
            )
        height = ROW * max(1, len(places)) * (1 if self.stacked else len(names)) if self.lying else vega.HEIGHT
        taken = min(limit, max(map(len, self.labels), default=0) * LETTER) + 50 if self.lying else vega.MARGIN
        return vega.Plot(layers, (width - taken, height), named)

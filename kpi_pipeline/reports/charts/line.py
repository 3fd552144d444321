"""Values over time with their target, and a band where a range is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from kpi_pipeline.catalogue.display import NOTHING, day_text, month_text
from kpi_pipeline.reports.charts import vega
from kpi_pipeline.reports.charts.scale import in_view
from kpi_pipeline.reports.charts.spec import Chart, Number, Series, Table, dated, known
from kpi_pipeline.reports.palette import var

WORDS = {
    "nl": {"day": "Dag", "month": "Maand", "target": "Doel", "low": "Laagst", "high": "Hoogst", "last": "laatste"},
    "en": {"day": "Day", "month": "Month", "target": "Target", "low": "Lowest", "high": "Highest", "last": "last"},
}


@dataclass(frozen=True, slots=True)
class Band:
    """A range around the values, such as a forecast's interval; None where there is none."""

    name: str
    low: tuple[Decimal | None, ...]
    high: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Chart):
    """One to six series over the same days; a missing value is a gap. `target` a day, because targets are dated.

    `monthly` writes days as months. `dashed` names the series that are not measured, such as a forecast; what stands
    after `measured_until` is no number of history.
    """

    days: tuple[date, ...]
    series: tuple[Series, ...]
    target: tuple[Decimal | None, ...] = ()
    band: Band | None = None
    monthly: bool = False
    dashed: frozenset[str] = frozenset()
    measured_until: date | None = None

    def table(self) -> Table:
        words = WORDS[self.language]
        extra = [words["target"]] if self.has_target else []
        band = [words["low"], words["high"]] if self.band is not None else []
        rows = []
        for index, day in enumerate(self.days):
            cells: list[Number | str] = [self._cell(each, index, day) for each in self.series]
            if self.has_target:
                cells.append(self.text(self.target[index]))
            if self.band is not None:
                cells += [self.text(self.band.low[index]), self.text(self.band.high[index])]
            rows.append((self._day(day), tuple(cells)))
        head = (words["month" if self.monthly else "day"], *(each.name for each in self.series), *extra, *band)
        return Table(head, tuple(rows))

    def _cell(self, series: Series, index: int, day: date) -> Number:
        text = series.texts[index] if series.texts else self.text(series.values[index])
        is_theirs = self.measured_until is None or day <= self.measured_until
        return Number(text, series.values[index], dated(series.ref, day) if is_theirs else ())

    def summary(self) -> str:
        words = WORDS[self.language]
        said = []
        for each in self.series:
            last = next(((i, value) for i, value in reversed(list(enumerate(each.values))) if value is not None), None)
            if last is not None:
                said.append(f"{each.name}: {words['last']} {self.text(last[1])} ({self._day(self.days[last[0]])})")
        return f"{self.title}. {'; '.join(said) if said else NOTHING}"

    @property
    def has_target(self) -> bool:
        return bool(known(self.target))

    def _day(self, day: date) -> str:
        return month_text(day, self.language) if self.monthly else day_text(day, self.language)

    def draw(self, width: int) -> str:
        return vega.to_svg(partial(self.plot, width), self.language, self.summary())

    def plot(self, width: int) -> vega.Plot:
        import altair as alt

        names = [each.name for each in self.series]
        x = alt.X("x:T", axis=vega.day_axis(width, monthly=self.monthly), scale=alt.Scale(type="utc", nice=False))
        y = alt.Y("y:Q", axis=vega.value_axis(self.unit, self.language), scale=alt.Scale(zero=False, padding=6))
        base = vega.over("points").encode(x=x, y=y)
        colour = alt.Color("s:N", scale=vega.colours(names), legend=alt.Legend() if len(names) > 1 else None)
        dash = alt.StrokeDash(
            "s:N",
            scale=alt.Scale(domain=names, range=[[4, 3] if name in self.dashed else [1, 0] for name in names]),
            legend=None,
        )
        measured = alt.datum.kind == "value"
        layers: list[Any] = []
        if self.band is not None:
            area = base.transform_filter(alt.datum.kind == "band").mark_area(color=var("series-1"), opacity=0.18)
            layers.append(area.encode(y2="high:Q"))
        if self.has_target:
            aim = base.transform_filter(alt.datum.kind == "target")
            layers.append(aim.mark_line(color=var("quiet"), strokeDash=[2, 3], strokeWidth=1.5, interpolate="step"))
            named = aim.transform_filter(alt.datum.last).mark_text(
                align="right", dy=-7, fontSize=11, color=var("quiet")
            )
            layers.append(named.encode(text=alt.value(WORDS[self.language]["target"].lower())))
        lines = base.transform_filter(measured).mark_line(strokeWidth=2, invalid="break-paths-show-domains")
        layers.append(lines.encode(color=colour, strokeDash=dash))
        dots = base.transform_filter(measured & alt.datum.dot).mark_circle(size=40, opacity=1)
        layers.append(dots.encode(color=colour))
        return vega.Plot(layers, (width - vega.MARGIN, vega.HEIGHT), {"points": self._points()})

    def _near_target(self) -> list[Decimal | None]:
        found = [value for each in self.series for value in known(each.values)]
        return [aim if aim is not None and in_view(found, aim) else None for aim in self.target]

    def _points(self) -> list[dict[str, Any]]:
        """A row for every mark. A value gets a dot when it is the last, or stands alone and no line would show it."""
        days = [vega.instant(day) for day in self.days]
        rows: list[dict[str, Any]] = []
        for each in self.series:
            values = vega.floats(each.values)
            last = max((index for index, value in enumerate(values) if value is not None), default=-1)
            for index, (day, value) in enumerate(zip(days, values, strict=True)):
                around = values[max(0, index - 1) : index] + values[index + 1 : index + 2]
                dot = value is not None and (index == last or all(other is None for other in around))
                rows.append({"kind": "value", "x": day, "y": value, "s": each.name, "dot": dot})
        if self.has_target:
            last = max(index for index, aim in enumerate(self.target) if aim is not None)
            aims = enumerate(zip(days, vega.floats(self._near_target()), strict=True))
            rows += [{"kind": "target", "x": day, "y": aim, "last": index == last} for index, (day, aim) in aims]
        if self.band is not None:
            ranges = zip(days, vega.floats(self.band.low), vega.floats(self.band.high), strict=True)
            rows += [{"kind": "band", "x": day, "y": low, "high": high} for day, low, high in ranges if low is not None]
        return rows

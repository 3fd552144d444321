"""Values over time with their target, and a band where a range is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from kpi_pipeline.catalogue.display import NOTHING, day_text, month_text, tick_text
from kpi_pipeline.reports.charts import vega
from kpi_pipeline.reports.charts.scale import in_view
from kpi_pipeline.reports.charts.spec import Chart, Number, Series, Table, dated, known
from kpi_pipeline.reports.palette import var

WORDS = {
    "nl": {"day": "Dag", "month": "Maand", "target": "Doel", "low": "Laagst", "high": "Hoogst", "last": "laatste"},
    "en": {"day": "Day", "month": "Month", "target": "Target", "low": "Lowest", "high": "Highest", "last": "last"},
}

EDGE = Decimal("0.05")  # how much room, of the height, stays free below the lowest value


@dataclass(frozen=True, slots=True)
class Band:
    """A range around the values, such as a forecast's interval; None where there is none."""

    name: str
    low: tuple[Decimal | None, ...]
    high: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Chart):
    """One to six series over the same days; a missing value is a gap. `target` a day, because targets are dated.

    `target_of` says whose the target is where another series has another. `monthly` writes days as months. `dashed`
    names the series that are not measured, such as a forecast; what stands after `measured_until` is no number of
    history.
    """

    days: tuple[date, ...]
    series: tuple[Series, ...]
    target: tuple[Decimal | None, ...] = ()
    band: Band | None = None
    monthly: bool = False
    dashed: frozenset[str] = frozenset()
    target_of: str = ""
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
        of = series.days[index] if series.days else day
        return Number(text, series.values[index], dated(series.ref, of) if is_theirs and of is not None else ())

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
        scale = alt.Scale(zero=True) if self._stands_on_zero() else alt.Scale(zero=False, padding=6)
        y = alt.Y("y:Q", axis=vega.value_axis(self.unit, self.language, self._shown), scale=scale)
        base = vega.over("points").encode(x=x, y=y)
        colour = alt.Color("s:N", scale=vega.colours(names), legend=vega.legend(names, width - vega.MARGIN))
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
            layers.append(self._target_name(base))
        lines = base.transform_filter(measured).mark_line(strokeWidth=2, invalid="break-paths-show-domains")
        layers.append(lines.encode(color=colour, strokeDash=dash))
        dots = base.transform_filter(measured & alt.datum.dot).mark_circle(size=40, opacity=1)
        layers.append(dots.encode(color=colour))
        return vega.Plot(layers, (width - vega.MARGIN, vega.HEIGHT), {"points": self._points()})

    def _target_name(self, base: Any) -> Any:
        """The word at the end of the target's line where the values leave more room; one out of view at the edge."""
        import altair as alt

        word = f"{WORDS[self.language]['target'].lower()} {self.target_of}".rstrip()
        last = known(self.target)[-1]
        if self._near_target()[self._named_at] is None:
            arrow = "↑" if last > max(self._shown) else "↓"
            word = f"{word} {tick_text(last, self.unit, self.language)} {arrow}"
        named = base.transform_filter(alt.datum.kind == "name")
        side: Literal["left", "right"] = "left" if self._named_at < len(self.days) // 2 else "right"
        return named.mark_text(align=side, dy=-7, fontSize=11, color=var("quiet")).encode(text=alt.value(word))

    @property
    def _shown(self) -> list[Decimal]:
        return [value for each in self.series for value in known(each.values)]

    @property
    def _named_at(self) -> int:
        """The first or last day with the newest target, whichever is further from the values around it."""
        newest = known(self.target)[-1]
        days = [index for index, aim in enumerate(self.target) if aim == newest]
        return max((days[-1], days[0]), key=lambda index: self._room(index, newest))

    def _room(self, index: int, aim: Decimal) -> Decimal:
        """How far the values are from the target as far as its name reaches, which is a few days into the chart."""
        reach = 1 + len(self.days) // 8
        beside = (
            slice(index, index + reach) if index < len(self.days) // 2 else slice(max(0, index + 1 - reach), index + 1)
        )
        around = [value for each in self.series for value in known(each.values[beside])]
        return min((abs(value - aim) for value in around), default=abs(aim))

    def _name_level(self, aim: float | None) -> float | None:
        """The height of the target's name: on its line, or at the edge behind which it lies."""
        if aim is not None or not self._shown:
            return aim
        return float(max(self._shown) if known(self.target)[-1] > max(self._shown) else min(self._shown))

    def _stands_on_zero(self) -> bool:
        """Whether values that cannot fall below zero, as far as they show, come so near it that room below is none."""
        found = [*self._shown, *known(self._near_target())]
        if self.band is not None:
            found += known(self.band.low)
        low, high = (min(found), max(found)) if found else (Decimal(0), Decimal(0))
        return low >= 0 and low < (high - low) * EDGE

    def _near_target(self) -> list[Decimal | None]:
        found = self._shown
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
            aims = vega.floats(self._near_target())
            rows += [{"kind": "target", "x": day, "y": aim} for day, aim in zip(days, aims, strict=True)]
            rows.append({"kind": "name", "x": days[self._named_at], "y": self._name_level(aims[self._named_at])})
        if self.band is not None:
            ranges = zip(days, vega.floats(self.band.low), vega.floats(self.band.high), strict=True)
            rows += [{"kind": "band", "x": day, "y": low, "high": high} for day, low, high in ranges if low is not None]
        return rows

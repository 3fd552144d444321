"""A value against its target on one line, with the ranges that a warning and a critical threshold make."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kpi_pipeline.catalogue.display import tick_text
from kpi_pipeline.reports.charts.scale import Scale, ticks
from kpi_pipeline.reports.charts.spec import Chart, Number, Reference, Table
from kpi_pipeline.reports.charts.svg import drawing, element, label, rule
from kpi_pipeline.reports.palette import var

WORDS = {
    "nl": {"value": "Waarde", "target": "Doel", "warning": "Waarschuwing", "critical": "Kritiek"},
    "en": {"value": "Value", "target": "Target", "warning": "Warning", "critical": "Critical"},
}
TRACK, BAR, PAD = 22, 8, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullet(Chart):
    """`better` higher or lower says on which side of a threshold trouble lies."""

    value: Decimal | None
    target: Decimal | None = None
    warning: Decimal | None = None
    critical: Decimal | None = None
    better: str = "higher"
    ref: Reference = ()

    def table(self) -> Table:
        words = WORDS[self.language]
        rows: list[tuple[str, tuple[Number | str, ...]]] = [
            (words["value"], (Number(self.text(self.value), self.value, self.ref),))
        ]
        for key in ("target", "warning", "critical"):
            found = getattr(self, key)
            if found is not None:
                rows.append((words[key], (self.text(found),)))
        return Table(("", words["value"]), tuple(rows))

    def summary(self) -> str:
        words = WORDS[self.language]
        aim = "" if self.target is None else f"; {words['target'].lower()} {self.text(self.target)}"
        return f"{self.title}: {self.text(self.value)}{aim}"

    def draw(self, width: int) -> str:
        levels = [each for each in (self.value, self.target, self.warning, self.critical) if each is not None]
        marks = ticks(min([Decimal(0), *levels]), max([Decimal(0), *levels]), 5)
        x = Scale(marks[0], marks[-1], PAD, width - PAD)
        parts = [element("rect", x=PAD, y=0, width=width - 2 * PAD, height=TRACK, fill=var("soft"))]
        for limit, colour in ((self.warning, "warning"), (self.critical, "critical")):
            if limit is not None:
                start, end = (PAD, x(limit)) if self.better == "higher" else (x(limit), width - PAD)
                parts.append(
                    element(
                        "rect",
                        x=start,
                        y=0,
                        width=round(end - start, 1),
                        height=TRACK,
                        fill=var(colour),
                        fill_opacity=0.2,
                    )
                )
        if self.value is not None:
            start, end = sorted((x(Decimal(0)), x(self.value)))
            parts.append(
                element(
                    "rect",
                    x=start,
                    y=(TRACK - BAR) / 2,
                    width=round(max(end - start, 1), 1),
                    height=BAR,
                    fill=var("series-1"),
                )
            )
        if self.target is not None:
            parts.append(rule(x(self.target), 2, x(self.target), TRACK - 2, "ink", width=2.5))
        for index, mark in enumerate(marks):
            anchor = "start" if index == 0 else "end" if index == len(marks) - 1 else "middle"
            at = PAD if index == 0 else width - PAD if index == len(marks) - 1 else x(mark)
            parts.append(label(tick_text(mark, self.unit, self.language), at, TRACK + 15, anchor=anchor, size=11))
        return drawing(width, TRACK + 20, parts, self.summary())

"""Steps of a process: how many came to each, and how many of those that came to the step before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kpi_pipeline.catalogue.display import count_text, value_text
from kpi_pipeline.reports.charts.spec import Chart, Number, Reference, Table
from kpi_pipeline.reports.charts.svg import clipped, drawing, element, label
from kpi_pipeline.reports.palette import var

WORDS = {
    "nl": {"step": "Stap", "count": "Aantal", "rate": "Van vorige stap", "all": "Van eerste stap"},
    "en": {"step": "Step", "count": "Count", "rate": "Of the step before", "all": "Of the first step"},
}
BAR, GAP = 30, 26


@dataclass(frozen=True, slots=True)
class Step:
    """`count` None where it is not known. `ref` says whose number it is."""

    name: str
    count: Decimal | None
    ref: Reference = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel(Chart):
    """Absolute numbers as bars to scale, the rate of each step between them.

    A rate is only of the same people where the steps follow one cohort; `period` steps may exceed 100% and say so.
    """

    steps: tuple[Step, ...]

    def table(self) -> Table:
        words = WORDS[self.language]
        rows = tuple(
            (
                step.name,
                (
                    Number(count_text(step.count, self.language), step.count, step.ref),
                    self._rate(index, index - 1) if index else "",
                    self._rate(index, 0) if index else "",
                ),
            )
            for index, step in enumerate(self.steps)
        )
        return Table((words["step"], words["count"], words["rate"], words["all"]), rows)

    def _rate(self, index: int, base: int) -> str:
        count, of = self.steps[index].count, self.steps[base].count
        share = None if count is None or not of else Decimal(100) * count / of
        return value_text(share, "percent", self.language)

    def summary(self) -> str:
        said = ", ".join(f"{step.name} {count_text(step.count, self.language)}" for step in self.steps)
        return f"{self.title}. {said}"

    def draw(self, width: int) -> str:
        largest = max((step.count for step in self.steps if step.count is not None), default=Decimal(0))
        name_room = min(150, width // 3)
        room = width - name_room - 84
        parts = []
        y = 0.0
        for index, step in enumerate(self.steps):
            if index:
                parts.append(label(f"↓ {self._rate(index, index - 1)}", name_room, y + GAP / 2 + 4))
                y += GAP
            share = float(step.count / largest) if step.count is not None and largest else 0.0
            length = round(max(room * share, 1.5), 1)
            parts.append(label(clipped(step.name, name_room - 8), 0, y + BAR / 2 + 4, colour="ink"))
            if step.count is not None:
                parts.append(element("rect", x=name_room, y=y, width=length, height=BAR, rx=2, fill=var("series-1")))
            words = count_text(step.count, self.language)
            parts.append(label(words, name_room + length + 8, y + BAR / 2 + 4, colour="ink", weight=650))
            y += BAR
        return drawing(width, y + 2, parts, self.summary())

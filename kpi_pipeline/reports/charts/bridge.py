"""From an opening to a closing amount by the movements between them: MRR bridge, waterfall."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kpi_pipeline.catalogue.display import tick_text
from kpi_pipeline.reports.charts.scale import Scale, every, span, ticks
from kpi_pipeline.reports.charts.spec import Chart, Number, Reference, Table
from kpi_pipeline.reports.charts.svg import drawing, element, label, rule, width_of, wrapped
from kpi_pipeline.reports.palette import var

WORDS = {
    "nl": {"part": "Onderdeel", "amount": "Bedrag", "sum": "Som", "check": "Controle: som − eindstand"},
    "en": {"part": "Part", "amount": "Amount", "sum": "Sum", "check": "Check: sum − closing"},
}
TOP, ROW = 26, 28
SMALL, LINE = 11, 12


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    amount: Decimal
    ref: Reference = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge(Chart):
    """Opening, movements with their sign, closing. What does not add up is drawn and printed as it is, with the gap."""

    opening: Part
    movements: tuple[Part, ...]
    closing: Part

    @property
    def gap(self) -> Decimal:
        """Zero when the movements lead from the opening to the closing amount, exactly."""
        return self.opening.amount + sum((each.amount for each in self.movements), Decimal(0)) - self.closing.amount

    def table(self) -> Table:
        words = WORDS[self.language]
        reached = self.opening.amount
        rows: list[tuple[str, tuple[Number | str, ...]]] = [
            (self.opening.name, (self._cell(self.opening), self.text(reached)))
        ]
        for each in self.movements:
            reached += each.amount
            rows.append((each.name, (self._cell(each), self.text(reached))))
        rows.append((self.closing.name, (self._cell(self.closing), "")))
        rows.append((words["check"], (self.text(self.gap), "")))
        return Table((words["part"], words["amount"], words["sum"]), tuple(rows))

    def _cell(self, part: Part) -> Number:
        return Number(self.text(part.amount), part.amount, part.ref)

    def summary(self) -> str:
        said = ", ".join(f"{each.name} {self.text(each.amount)}" for each in (*self.movements, self.closing))
        return f"{self.title}. {self.opening.name} {self.text(self.opening.amount)}, {said}"

    def draw(self, width: int) -> str:
        rows = self._rows()
        levels = [level for _, _, start, end, _ in rows for level in (start, end) if level is not None]
        low, high = span(levels, with_zero=False)
        marks = ticks(low - (high - low) / 5, high, 4)
        longest = width_of(max((name for name, *_ in rows), key=len)) + 8
        names, amounts = (
            min(longest, width * 2 // 5),
            width_of(max((self.text(each) for _, each, *_ in rows), key=len)) + 8,
        )
        x = Scale(marks[0], marks[-1], names, width - amounts)
        bottom = TOP + ROW * len(rows)
        parts = []
        for index, mark in enumerate(marks):
            parts.append(rule(x(mark), TOP - 4, x(mark), bottom, "rule"))
            if index % every(len(marks), int((width - names - amounts) // 70)) == 0:
                words = tick_text(mark, self.unit, self.language)
                parts.append(label(words, x(mark), TOP - 8, anchor="middle", size=11))
        for index, (name, amount, start, end, colour) in enumerate(rows):
            top = TOP + ROW * index
            parts += self._name(name, names - 8, top + ROW / 2 + 4)
            if start is None:
                # A level is a place on the axis, not a length: the axis need not begin at zero.
                parts.append(rule(x(end), top + 3, x(end), top + ROW - 3, colour, width=4))
            else:
                left, length = min(x(start), x(end)), max(abs(x(start) - x(end)), 1.5)
                size = {"x": round(left, 1), "width": round(length, 1), "y": top + 5, "height": ROW - 10}
                parts.append(element("rect", fill=var(colour), **size))
            if index < len(rows) - 1:
                parts.append(rule(x(end), top + ROW / 2, x(end), top + ROW * 1.5, "quiet", dash="1 2"))
            parts.append(label(self.text(amount), width, top + ROW / 2 + 4, anchor="end", colour="ink"))
        return drawing(width, bottom + 4, parts, self.summary())

    def _name(self, name: str, room: float, middle: float) -> list[str]:
        """On one line, or on two smaller ones; what does not fit either stands whole in the table."""
        if width_of(name) <= room:
            return [label(name, 0, middle, colour="ink")]
        lines = wrapped(name, room, SMALL)
        start = middle - (len(lines) - 1) * LINE / 2
        return [label(line, 0, start + LINE * place, colour="ink", size=SMALL) for place, line in enumerate(lines)]

    def _rows(self) -> list[tuple[str, Decimal, Decimal | None, Decimal, str]]:
        """Name, amount, from where, to where, colour; a level comes from nowhere."""
        rows: list[tuple[str, Decimal, Decimal | None, Decimal, str]] = [
            (self.opening.name, self.opening.amount, None, self.opening.amount, "series-1")
        ]
        reached = self.opening.amount
        for each in self.movements:
            rows.append(
                (each.name, each.amount, reached, reached + each.amount, "gain" if each.amount >= 0 else "loss")
            )
            reached += each.amount
        return [*rows, (self.closing.name, self.closing.amount, None, self.closing.amount, "series-1")]

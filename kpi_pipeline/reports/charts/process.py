"""An XmR chart: points, centre and limits of each process, target; shape and colour say what each point is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil

from kpi_pipeline.catalogue.display import (
    NOTHING,
    day_text,
    month_text,
    short_day_text,
    tick_text,
    unit_text,
    value_text,
)
from kpi_pipeline.reports.charts.scale import Scale, every, in_view, span, ticks
from kpi_pipeline.reports.charts.spec import Chart, Number, Reference, Table, are_whole, dated, known
from kpi_pipeline.reports.charts.svg import drawing, element, label, rule, width_of
from kpi_pipeline.reports.palette import var

HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 250, 66, 64, 22, 28
AXIS = 11  # letters at the axis
LEVEL = 10.5  # size of the numbers at the ends of lines
LEFT_OUT = "left_out"
COLOURS = {"common": "quiet", "improvement": "improvement", "concern": "concern", "neutral": "neutral"}
WORDS = {
    "nl": {
        "day": "Dag",
        "value": "Waarde",
        "kind": "Wat het is",
        "target": "doel",
        "centre": "gemiddelde",
        "upper": "bovengrens",
        "lower": "ondergrens",
        "new": "nieuwe definitie",
        "common": "gewone variatie",
        "improvement": "verbetering",
        "concern": "reden tot zorg",
        "neutral": "verandering",
        LEFT_OUT: "telt niet mee: te weinig waarnemingen",
        "": "",
        "outside": "buiten de grenzen",
        "trend": "zeven op rij stijgend of dalend",
        "two_of_three": "twee van drie dicht bij een grens",
        "run": "zeven op rij aan één kant van het gemiddelde",
    },
    "en": {
        "day": "Day",
        "value": "Value",
        "kind": "What it is",
        "target": "target",
        "centre": "mean",
        "upper": "upper limit",
        "lower": "lower limit",
        "new": "new definition",
        "common": "common variation",
        "improvement": "improvement",
        "concern": "concern",
        "neutral": "change",
        LEFT_OUT: "left out: too few observations",
        "": "",
        "outside": "outside the limits",
        "trend": "seven in a row that rise or fall",
        "two_of_three": "two of three close to a limit",
        "run": "seven in a row on one side of the mean",
    },
}


@dataclass(frozen=True, slots=True)
class Dot:
    """A point: its value as printed, its kind (or left_out) and signal as XmR names them; `value` None is a gap."""

    day: date
    value: Decimal | None
    text: str
    kind: str
    signal: str = ""
    target: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """Centre and limits of one process, over the dots [first, last]; None beyond what the value can be."""

    first: int
    last: int
    centre: Decimal
    lower: Decimal | None
    upper: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessChart(Chart):
    """Dots in order of day; `lines` None where no limits are to be drawn (what only ever grows has no process)."""

    dots: tuple[Dot, ...]
    lines: tuple[Lines, ...] = ()
    ref: Reference = ()
    monthly: bool = False

    def table(self) -> Table:
        words = WORDS[self.language]
        rows = []
        for dot in self.dots:
            kind = words[dot.kind] + (f": {words[dot.signal]}" if dot.signal else "")
            number = Number(dot.text, dot.value, dated(self.ref, dot.day))
            cells: tuple[Number | str, ...] = (number, kind) if self.lines else (number,)
            rows.append((day_text(dot.day, self.language), cells))
        return Table((words["day"], words["value"], words["kind"])[: 3 if self.lines else 2], tuple(rows))

    def summary(self) -> str:
        words = WORDS[self.language]
        last = next((dot for dot in reversed(self.dots) if dot.value is not None), None)
        if last is None:
            return f"{self.title}. {NOTHING}"
        said = f"{self.title}. {day_text(last.day, self.language)}: {last.text}"
        if not self.lines:
            return said
        now = self.lines[-1]
        levels = (("centre", now.centre), ("lower", now.lower), ("upper", now.upper))
        limits = ", ".join(f"{words[name]} {self.text(level)}" for name, level in levels if level is not None)
        return f"{said}, {words[last.kind]}; {limits}"

    def draw(self, width: int) -> str:
        # What does not count does not set the axis: 6 of 1 would press all others into a line.
        dots = known([dot.value for dot in self.dots if dot.kind != LEFT_OUT]) or known(
            [dot.value for dot in self.dots]
        )
        found = dots + known([level for each in self.lines for level in (each.lower, each.upper)])
        aims = known([dot.target for dot in self.dots])
        low, high = span([*found, *(aim for aim in aims if in_view(found, aim))], with_zero=False)
        marks = ticks(low, high, 5, whole=are_whole(dots))
        y = Scale(marks[0], marks[-1], HEIGHT - BOTTOM, TOP)
        left = max([LEFT, *(ceil(width_of(self._tick(mark), AXIS)) + 10 for mark in marks)])
        first, last = self.dots[0].day.toordinal(), self.dots[-1].day.toordinal()
        x = Scale(Decimal(first), Decimal(max(last, first + 1)), left + 8, width - self._right - 8)
        places = [x(Decimal(dot.day.toordinal())) for dot in self.dots]
        parts = [*self._frame(left, width, marks, y, places)]
        parts += self._processes(y, places)
        parts += self._path(y, places)
        parts += self._targets(y, places, low, high)
        return drawing(width, HEIGHT, parts, self.summary())

    def _frame(self, left: int, width: int, marks: list[Decimal], y: Scale, places: list[float]) -> list[str]:
        parts = []
        word = unit_text(self.unit, self.language)
        if word not in ("%", "€", "US$", ""):
            parts.append(label(word, left - 8, 10, anchor="end", size=AXIS))
        for mark in marks:
            parts.append(rule(left, y(mark), width - self._right, y(mark), "rule", width=0.6))
            parts.append(label(self._tick(mark), left - 8, y(mark) + 4, anchor="end", size=AXIS))
        step = every(len(self.dots), (width - left - self._right) // 72)
        for index in range(len(self.dots) - 1, -1, -step):
            day = self.dots[index].day
            words = month_text(day, self.language) if self.monthly else short_day_text(day, self.language)
            parts.append(label(words, places[index], HEIGHT - 8, anchor="middle", size=11))
        return parts

    def _tick(self, mark: Decimal) -> str:
        return tick_text(mark, self.unit, self.language)

    def _processes(self, y: Scale, places: list[float]) -> list[str]:
        parts = []
        words = WORDS[self.language]
        for number, each in enumerate(self.lines):
            start, end = places[each.first] - 6, places[each.last] + 6
            top = TOP if each.upper is None else y(each.upper)
            bottom = HEIGHT - BOTTOM if each.lower is None else y(each.lower)
            box = {"x": round(start, 1), "y": top, "width": round(end - start, 1), "height": round(bottom - top, 1)}
            parts.append(element("rect", fill=var("soft"), **box))
            for level in known((each.upper, each.lower)):
                parts.append(rule(round(start, 1), y(level), round(end, 1), y(level), "quiet", dash="5 4"))
            parts.append(rule(round(start, 1), y(each.centre), round(end, 1), y(each.centre), "quiet"))
            if number:
                parts.append(label(words["new"], round(start, 1), TOP - 10, size=11))
        if self.lines:
            now = self.lines[-1]
            at = places[now.last] + 10
            middle = y(now.centre)
            parts.append(self._level(now.centre, at, middle))
            if now.upper is not None and now.upper != now.centre:
                parts.append(self._level(now.upper, at, min(y(now.upper), middle - 12)))
            if now.lower is not None and now.lower != now.centre:
                parts.append(self._level(now.lower, at, max(y(now.lower), middle + 12)))
        return parts

    @property
    def _right(self) -> int:
        """The room behind the last dot, where the numbers of the newest lines stand."""
        now = self.lines[-1:]
        levels = known([level for each in now for level in (each.centre, each.lower, each.upper)])
        return max([RIGHT, *(ceil(width_of(self._words(level), LEVEL)) + 4 for level in levels)])

    def _level(self, value: Decimal, x: float, y: float) -> str:
        return label(self._words(value), round(x, 1), y + 4, size=LEVEL)

    def _words(self, value: Decimal) -> str:
        """The number at the end of a line; its unit is at the axis, but of money, which is written before it."""
        now = self.lines[-1]
        others = known((now.centre, now.lower, now.upper))
        words = value_text(value, self.unit, self.language, apart_from=others)
        word = unit_text(self.unit, self.language)
        return words if word in ("€", "US$", "%") else words.removesuffix(f" {word}")

    def _targets(self, y: Scale, places: list[float], low: Decimal, high: Decimal) -> list[str]:
        """The target from halfway before each point to halfway after it; one out of view is named at the edge.

        Of a target that moves at every point the first and the last step are named: what lies between needs no word.
        """
        parts = []
        known_ = [index for index, dot in enumerate(self.dots) if dot.target is not None]
        moved = [
            index
            for place, index in enumerate(known_)
            if not place or self.dots[index].target != self.dots[known_[place - 1]].target
        ]
        for index, dot in enumerate(self.dots):
            if dot.target is None:
                continue
            start = places[index] - 6 if index == 0 else (places[index - 1] + places[index]) / 2
            end = places[index] + 6 if index == len(places) - 1 else (places[index] + places[index + 1]) / 2
            if low <= dot.target <= high:
                level = y(dot.target)
                parts.append(rule(round(start, 1), level, round(end, 1), level, "ink", width=1.4, dash="1.5 2.5"))
            if index in (moved[0], moved[-1]):
                starts = [round(start, 1), *self._behind(index, places)]
                parts.append(self._target_name(dot.target, starts, y, low, high, places))
        return parts

    def _behind(self, index: int, places: list[float]) -> Iterator[float]:
        """Where else the name of a target may stand: behind each later point that has the same target."""
        for later in range(index, len(self.dots) - 1):
            if self.dots[later + 1].target != self.dots[index].target:
                return
            yield round(places[later] + 8, 1)

    def _target_name(
        self, target: Decimal, starts: list[float], y: Scale, low: Decimal, high: Decimal, places: list[float]
    ) -> str:
        """The word where no point is in its way, above the line or else below it, as far to the left as there is."""
        word, x = WORDS[self.language]["target"], starts[0]
        if low <= target <= high:
            wide, level = width_of(word, 11), y(target)
            free = (
                (at, level + down)
                for at in starts
                for down, top, bottom in ((-5, level - 16, level - 1), (13, level + 2, level + 16))
                if self._is_free(at, wide, top, bottom, y, places)
            )
            at, height = next(free, (x, level - 5))
            return label(word, at, height, colour="ink", size=11, halo=True)
        words = f"{word} {tick_text(target, self.unit, self.language)} {'↑' if target > high else '↓'}"
        return label(words, x, TOP - 4 if target > high else HEIGHT - BOTTOM - 4, colour="ink", size=11)

    def _is_free(self, x: float, wide: float, top: float, bottom: float, y: Scale, places: list[float]) -> bool:
        """Whether no point lies where a word is to stand."""
        near = 5.0  # of a mark around its place
        return not any(
            dot.value is not None
            and x - near < place < x + wide + near
            and top - near < y(min(max(dot.value, y.low), y.high)) < bottom + near
            for dot, place in zip(self.dots, places, strict=True)
        )

    def _path(self, y: Scale, places: list[float]) -> list[str]:
        parts, run = [], list[str]()
        for place, dot in zip(places, self.dots, strict=True):
            if dot.value is None or not y.low <= dot.value <= y.high:
                parts.append(_line(run))
                run = []
            else:
                run.append(f"{place},{y(dot.value)}")
        parts.append(_line(run))
        for place, dot in zip(places, self.dots, strict=True):
            if dot.value is None:
                continue
            parts.append(_mark(dot.kind, place, y(min(max(dot.value, y.low), y.high))))
            if dot.value > y.high:
                parts.append(label(f"{dot.text} ↑", place + 6, TOP + 4, size=LEVEL, halo=True))
            elif dot.value < y.low:
                parts.append(label(f"{dot.text} ↓", place + 6, HEIGHT - BOTTOM + 4, size=LEVEL, halo=True))
        return parts


def _line(points: list[str]) -> str:
    if len(points) < 2:
        return ""
    return element("polyline", points=" ".join(points), fill="none", stroke=var("quiet"), stroke_width=1.2)


def _mark(kind: str, x: float, y: float) -> str:
    """Circle, triangle, square, diamond: those who see no colours see the kind too."""
    if kind == LEFT_OUT:
        return element("circle", cx=x, cy=y, r=3, fill=var("paper"), stroke=var("quiet"), stroke_width=1.2)
    fill = var(COLOURS[kind])
    if kind == "improvement":
        path = f"M{x} {y - 5}l5 8.6h-10z"
    elif kind == "concern":
        path = f"M{round(x - 4, 1)} {round(y - 4, 1)}h8v8h-8z"
    elif kind == "neutral":
        path = f"M{x} {y - 5}l5 5l-5 5l-5-5z"
    else:
        return element("circle", cx=x, cy=y, r=3, fill=fill)
    return element("path", d=path, fill=fill)

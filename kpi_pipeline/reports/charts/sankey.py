"""Where people go from step to step: bands as thick as they are many."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from kpi_pipeline.catalogue.display import count_text
from kpi_pipeline.reports.charts.spec import Chart, Number, Reference, Table
from kpi_pipeline.reports.charts.svg import clipped, drawing, element, label, number, width_of
from kpi_pipeline.reports.palette import SERIES, var

WORDS = {
    "nl": {"from": "Van", "to": "Naar", "count": "Aantal"},
    "en": {"from": "From", "to": "To", "count": "Count"},
}
NODE, GAP, HEIGHT, HEAD = 10, 12, 260, 22
NAME, LINE, BETWEEN = 11, 14, 6  # letters of names, the height of a line of them, the room between two


@dataclass(frozen=True, slots=True)
class Link:
    """`count` went from `source` of one stage to `target` of the next."""

    stage: int
    source: str
    target: str
    count: int
    ref: Reference = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sankey(Chart):
    """Links between neighbouring stages, whose names stand above; what ends at a node simply ends there.

    Nodes stand in each stage in order of size. Links of no one are left out.
    """

    stages: tuple[str, ...]
    links: tuple[Link, ...]

    def table(self) -> Table:
        words = WORDS[self.language]
        rows = tuple(
            (
                f"{self.stages[link.stage]}: {link.source}",
                (
                    f"{self.stages[link.stage + 1]}: {link.target}",
                    Number(count_text(link.count, self.language), link.count, link.ref),
                ),
            )
            for link in self.links
        )
        return Table((words["from"], words["to"], words["count"]), rows)

    def summary(self) -> str:
        largest = sorted(self.links, key=lambda link: -link.count)[:3]
        said = "; ".join(f"{link.source} → {link.target} {count_text(link.count, self.language)}" for link in largest)
        return f"{self.title}. {said}"

    def _sizes(self) -> list[dict[str, int]]:
        """A node is as large as what comes in or goes out of it, whichever is more."""
        into: list[dict[str, int]] = [defaultdict(int) for _ in self.stages]
        out: list[dict[str, int]] = [defaultdict(int) for _ in self.stages]
        for link in self.links:
            out[link.stage][link.source] += link.count
            into[link.stage + 1][link.target] += link.count
        found = []
        for comes, goes in zip(into, out, strict=True):
            sizes = {name: max(comes.get(name, 0), goes.get(name, 0)) for name in (*comes, *goes)}
            found.append(dict(sorted(sizes.items(), key=lambda item: (-item[1], item[0]))))
        return found

    def draw(self, width: int) -> str:
        sizes = self._sizes()
        most = max((sum(stage.values()) for stage in sizes), default=0)
        nodes_at_most = max((len(stage) for stage in sizes), default=1)
        step = (width - NODE - 4) / max(1, len(self.stages) - 1)
        lines = self._lines(step)
        head = HEAD + LINE * (lines - 1)
        room = HEIGHT - head - GAP * (nodes_at_most - 1)
        unit = room / most if most else 0.0
        colours = self._colours(sizes)
        tops: list[dict[str, float]] = []
        for stage in sizes:
            y, places = float(head), {}
            for name, size in stage.items():
                places[name] = y
                y += max(size * unit, 1.0) + GAP
            tops.append(places)
        drawn = self._bands(tops, unit, step, colours)
        for index, stage in enumerate(sizes):
            last = index == len(sizes) - 1
            x = round(index * step, 1)
            at = x + (NODE if last else 0), 12 + LINE * ((index + 1) % lines)
            drawn.append(label(self.stages[index], *at, anchor="end" if last else "start", size=NAME))
            for name, size in stage.items():
                height = round(max(size * unit, 1.0), 1)
                top = round(tops[index][name], 1)
                drawn.append(element("rect", x=x, y=top, width=NODE, height=height, fill=var(colours[name])))
                count = count_text(size, self.language)
                words = f"{clipped(name, step - NODE - 10 - width_of(f' {count}', NAME), NAME)} {count}"
                text_x = x - 5 if last else x + NODE + 5
                drawn.append(
                    label(
                        words,
                        text_x,
                        round(top + height / 2 + 4, 1),
                        anchor="end" if last else "start",
                        colour="ink",
                        size=NAME,
                    )
                )
        return drawing(width, HEIGHT + 4, drawn, self.summary())

    def _lines(self, step: float) -> int:
        """How many lines the names of the stages take: two, by turns, where they would run into one another."""
        widths = [width_of(name, NAME) for name in self.stages]
        rooms = [step] * (len(widths) - 2) + [
            step + NODE - each for each in widths[-1:]
        ]  # the last one ends at its node
        return 2 if any(width + BETWEEN > room for width, room in zip(widths, rooms, strict=False)) else 1

    def _colours(self, sizes: list[dict[str, int]]) -> dict[str, str]:
        names = list(dict.fromkeys(name for stage in sizes for name in stage))
        return {name: f"series-{index % SERIES + 1}" for index, name in enumerate(names)}

    def _bands(self, tops: list[dict[str, float]], unit: float, step: float, colours: dict[str, str]) -> list[str]:
        leaving = [dict(stage) for stage in tops]
        coming = [dict(stage) for stage in tops]
        ordered = sorted(
            self.links, key=lambda link: (link.stage, tops[link.stage][link.source], tops[link.stage + 1][link.target])
        )
        drawn = []
        for link in ordered:
            thick = link.count * unit
            x1, x2 = link.stage * step + NODE, (link.stage + 1) * step
            y1, y2 = leaving[link.stage][link.source], coming[link.stage + 1][link.target]
            leaving[link.stage][link.source] += thick
            coming[link.stage + 1][link.target] += thick
            middle = (x1 + x2) / 2
            p = number
            path = (
                f"M{p(x1)},{p(y1)}C{p(middle)},{p(y1)} {p(middle)},{p(y2)} {p(x2)},{p(y2)}"
                f"V{p(y2 + thick)}C{p(middle)},{p(y2 + thick)} {p(middle)},{p(y1 + thick)} {p(x1)},{p(y1 + thick)}Z"
            )
            drawn.append(element("path", d=path, fill=var(colours[link.source]), fill_opacity=0.32))
        return drawn

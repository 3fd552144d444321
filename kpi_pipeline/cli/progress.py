"""Progress of a run in the terminal: one line a phase while it works, plain lines where nobody watches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kpi_pipeline.catalogue import Company
from kpi_pipeline.cli.output import console
from kpi_pipeline.connectors import registry
from kpi_pipeline.orchestration.facts import available
from kpi_pipeline.orchestration.resources import Progress as Tell


class RunProgress:
    """Turns what a run tells into bars: streams loaded, facts built, KPIs measured. Counts are real, not estimated."""

    def __init__(self, company: Company, bars: Progress) -> None:
        self._bars = bars
        self._seen: dict[str, set[str]] = {"landing": set(), "fact": set(), "kpi": set()}
        self.records = 0
        totals = {
            "landing": sum(len(registry.streams(source)) for source in company.sources),
            "fact": len(available(company)),
            "kpi": len(company.headline_kpis()),
        }
        titles = {"landing": "Load streams", "fact": "Build facts", "kpi": "Measure KPIs"}
        self._tasks = {phase: bars.add_task(titles[phase], total=total, detail="") for phase, total in totals.items()}

    def __call__(self, what: str, count: int) -> None:
        kind, _, name = what.partition(" ")
        phase = kind if kind in ("fact", "kpi") else "landing"
        if kind == "report":
            return
        if phase == "landing":
            self.records += count
            name = what
        self._seen[phase].add(name)
        detail = f"{self.records:,} records" if phase == "landing" else name
        self._bars.update(self._tasks[phase], completed=len(self._seen[phase]), detail=detail)

    def finish(self) -> None:
        """Fill the bars of a run that went well: a stream without a page in this window told nothing."""
        for task in self._bars.tasks:
            if task.total is not None:
                self._bars.update(task.id, completed=task.total)


@contextmanager
def watched(company: Company) -> Iterator[tuple[RunProgress, Tell]]:
    """Bars while the block runs."""
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description:14}"),
        BarColumn(bar_width=28),
        TextColumn("{task.completed:>3.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}", style="dim"),
    )
    with Progress(*columns, console=console, transient=False) as bars:
        progress = RunProgress(company, bars)
        yield progress, progress

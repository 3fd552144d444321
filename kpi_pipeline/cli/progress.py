"""Progress of runs in the terminal: one line a company while it works, plain lines where nobody watches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from kpi_pipeline.catalogue import Company
from kpi_pipeline.cli.output import console
from kpi_pipeline.flow.streams import computed_facts, loaded_streams


@dataclass(slots=True)
class _Line:
    """What one company has told so far; streams, facts and KPIs are the steps of its bar."""

    task: TaskID
    records: int = 0
    done: set[str] = field(default_factory=set)


class RunProgress:
    """Turns what runs tell into bars. Counts are real, not estimated."""

    def __init__(self, companies: Sequence[Company], bars: Progress) -> None:
        self._bars = bars
        self._lines = {each.id: _Line(bars.add_task(each.name, total=_steps(each), detail="")) for each in companies}

    def __call__(self, company: str, what: str, count: int) -> None:
        line = self._lines[company]
        kind, _, name = what.partition(" ")
        if kind == "report":
            return
        if kind not in ("fact", "kpi"):
            line.records += count
        line.done.add(what)
        doing = {"fact": f"fact {name}", "kpi": f"KPI {name}"}.get(kind, what)
        self._bars.update(line.task, completed=len(line.done), detail=f"{line.records:,} records, {doing}")

    def finish(self, company: str) -> None:
        """Fill the bar of a company that went well: a stream without a page in this window told nothing."""
        line = self._lines[company]
        total = self._bars.tasks[line.task].total
        self._bars.update(line.task, completed=total, detail=f"{line.records:,} records")


def _steps(company: Company) -> int:
    streams = sum(map(len, loaded_streams(company).values()))
    return streams + len(computed_facts(company)) + len(company.headline_kpis())


@contextmanager
def watched(companies: Sequence[Company]) -> Iterator[RunProgress]:
    """Bars while the block runs."""
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description:16}"),
        BarColumn(bar_width=28),
        TextColumn("{task.completed:>3.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}", style="dim"),
    )
    with Progress(*columns, console=console, transient=False) as bars:
        yield RunProgress(companies, bars)

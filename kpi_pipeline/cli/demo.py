"""`kpi demo`: the whole flow on simulated companies, over real HTTP, with nothing to set up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kpi_pipeline import clock
from kpi_pipeline.cli import options
from kpi_pipeline.orchestration.workers import prepare_workers


def demo(
    company: Annotated[list[str] | None, typer.Option(help="Only this company; may be given again.")] = None,
    home: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = options.DEMO_HOME,
    as_json: options.Json = False,
) -> None:
    """Serve simulated companies, load their history, compute all KPIs, deliver alerts, write the reports.

    The second time only what is new is loaded.
    """
    started = clock.monotonic()
    prepare_workers()
    from kpi_pipeline.cli.demonstration import demonstrate  # two seconds, in which the workers are prepared

    demonstrate(company, home, as_json=as_json, started=started)

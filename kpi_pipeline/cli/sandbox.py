"""`kpi sandbox`: serve the simulated companies, and their own KPI values."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated

import typer

from kpi_pipeline import clock
from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, table, write_json
from kpi_pipeline.cli.sandboxed import COMPANIES

app = typer.Typer(help="Simulated companies behind their vendors' protocols.", no_args_is_help=True)
Seed = Annotated[int, typer.Option(help="Another seed is another course of events.")]
Anchor = Annotated[str | None, typer.Option(help="Day the story is told around (default: today).")]


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 8808,
    seed: Seed = 7,
    anchor: Anchor = None,
    as_json: options.Json = False,
) -> None:
    """Serve until interrupted; prints the settings that point a pipeline at it."""
    from kpi_pipeline.sandbox import Sandbox

    with Sandbox(
        COMPANIES, port=port, seed=seed, anchor=None if anchor is None else options.parse_day(anchor)
    ) as sandbox:
        environment = {company: sandbox.environment(company) for company in sandbox.companies}
        if as_json:
            write_json({"url": sandbox.url, "environment": environment})
        else:
            console.print(f"Sandbox on {sandbox.url}; stop with Ctrl-C. Point a pipeline at it:")
            for variables in environment.values():
                for line in exports(variables):
                    console.print(line, markup=False, highlight=False, soft_wrap=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            console.print("Stopped.")


def exports(variables: Mapping[str, str]) -> list[str]:
    """Lines for a shell; a key may be a JSON document, with spaces and line ends in it."""
    return [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]


@app.command()
def truth(
    company: options.CompanyArg,
    on: options.On = None,
    seed: Seed = 7,
    anchor: Anchor = None,
    as_json: options.Json = False,
) -> None:
    """The simulated world's own values of every KPI on a day, recounted without any pipeline code."""
    from kpi_pipeline.sandbox import truth as recount
    from kpi_pipeline.sandbox import world

    now = clock.now()
    around: date = now.date() if anchor is None else options.parse_day(anchor)
    built = world.build(company, seed, around)
    day = around - timedelta(days=1) if on is None else options.parse_day(on)
    found = {kpi: series.get(day) for kpi, series in recount.values(built, day, day, now).items()}
    if as_json:
        write_json(found)
        return
    table(
        f"{company} on {day}",
        ("KPI", "value", "numerator", "denominator", "n"),
        [
            (kpi, "–", "–", "–", "–") if each is None else (kpi, each.value, each.numerator, each.denominator, each.n)
            for kpi, each in found.items()
        ],
        right=("value", "numerator", "denominator", "n"),
    )

"""The `kpi` command: one module a group of commands; errors of ours are shown as text and set the exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from kpi_pipeline.errors import KpiError
from kpi_pipeline.garbage import collect_seldom

# What `kpi <name>` is: a function, or a group of commands, in a module beside this one.
COMMANDS = {
    "demo": "demo:demo",
    "ui": "ui:ui",
    "run": "runs:run",
    "backfill": "runs:backfill",
    "value": "values:value",
    "show": "values:show",
    "explain": "explain:explain",
    "doctor": "doctor:doctor",
    "metrics": "observability:metrics",
    "grafana": "observability:app",
    "catalogue": "catalogue:app",
    "connector": "connectors:app",
    "register": "registers:app",
    "alerts": "alerts:app",
    "report": "reports:app",
    "history": "history:app",
    "sandbox": "sandbox:app",
}


class _Commands(Mapping[str, Any]):
    """Each is imported when it is asked for: all of them, with Dagster, take two seconds."""

    def __getitem__(self, name: str) -> Any:
        module, attribute = COMMANDS[name].split(":")
        found = getattr(import_module(f"kpi_pipeline.cli.{module}"), attribute)
        alone = typer.Typer(add_completion=False)
        if isinstance(found, typer.Typer):
            alone.add_typer(found, name=name)
        else:
            alone.command(name)(found)
        return get_group(alone).commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _Kpi(TyperGroup):
    def __init__(self, **attributes: Any) -> None:
        super().__init__(**{**attributes, "commands": _Commands()})


app = typer.Typer(
    name="kpi",
    cls=_Kpi,
    help="KPIs from the tools a company already uses: loaded, checked, computed, explained, watched and reported.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _kpi() -> None:
    """Typer wants a command or a callback of its own to make a group."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry of the console script; `arguments` default to those of the process.

    Exit codes: 0 ok, 1 finding, 2 usage, 10 settings, 11 catalogue, 20 try again, 21 will not work.
    """
    collect_seldom()
    try:
        app(args=None if arguments is None else list(arguments))
    except KpiError as error:
        sys.stderr.write(f"kpi: {error}\n")
        sys.exit(error.exit_code)

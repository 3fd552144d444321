"""`kpi ui`: Dagster's web interface on the data of the demo, with the sandbox behind it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from kpi_pipeline.cli.options import DEMO_HOME
from kpi_pipeline.cli.output import console
from kpi_pipeline.cli.sandboxed import sandboxed
from kpi_pipeline.settings import Settings


def ui(
    port: Annotated[int, typer.Option(help="Port of the web interface on 127.0.0.1.")] = 3000,
    home: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = DEMO_HOME,
    sandbox: Annotated[bool, typer.Option("--sandbox/--no-sandbox", help="Serve the simulated company.")] = True,
) -> None:
    """Open Dagster on http://127.0.0.1:3000 until interrupted; schedule and sensors run."""
    if sandbox:
        with sandboxed(home) as (served, settings):
            served.prepare()
            console.print(f"Sandbox on {served.url}; Dagster on http://127.0.0.1:{port}; stop with Ctrl-C.")
            code = _dagster(port, settings)
    else:
        code = _dagster(port, Settings.from_environment())
    raise typer.Exit(code)


def _dagster(port: int, settings: Settings) -> int:
    # Run through this interpreter: the `dagster` script may not be on PATH when only `kpi` is linked there.
    command = [sys.executable, "-m", "dagster", "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, env=dict(settings.environment))  # noqa: S603 - fixed words and a port
    try:
        return process.wait()
    except KeyboardInterrupt:
        # dagster dev stops its children only on SIGINT
        process.send_signal(signal.SIGINT)
        return process.wait()

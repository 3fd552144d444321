"""What `kpi sandbox serve` prints can be given to a shell as it is."""

from __future__ import annotations

import os
import subprocess

from kpi_pipeline.cli.sandbox import exports
from kpi_pipeline.sandbox import Sandbox


def test_a_shell_takes_every_setting_as_it_is() -> None:
    with Sandbox(["mister_dj"]) as sandbox:
        variables = sandbox.environment("mister_dj")
    assert any(" " in value for value in variables.values()), "a service account's key is a JSON document"
    script = "\n".join([*exports(variables), "env -0"])
    ran = subprocess.run(
        ["/bin/sh", "-e"], input=script, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True
    )
    assert ran.stderr == ""
    found = dict(line.split("=", 1) for line in ran.stdout.split("\0") if line)
    assert {name: found.get(name) for name in variables} == variables

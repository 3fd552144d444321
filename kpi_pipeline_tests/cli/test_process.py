"""The process `kpi`: all it wrote arrives, it ends with its code, and it does not take itself apart."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest


def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "code", "said"), [(["--help"], 0, "Usage: "), (["no-such-command"], 2, "no-such-command")]
)
def test_all_that_was_written_arrives_with_the_exit_code(arguments: list[str], code: int, said: str) -> None:
    found = ran("-m", "kpi_pipeline", *arguments)
    assert found.returncode == code
    assert said in found.stdout + found.stderr


def test_what_must_happen_at_the_end_does_and_no_more() -> None:
    script = """
        import atexit, sys, threading
        from kpi_pipeline.cli.process import command

        class Loaded:
            def __del__(self):
                print("taken apart")

        def work():
            threading.main_thread().join(30)
            print("worked")

        loaded = Loaded()
        atexit.register(print, "at the end")
        sys.argv = ["kpi", "--help"]
        if WORKS:
            threading.Thread(target=work).start()
        command()
    """
    alone, working = (ran("-c", f"WORKS = {works}\n{dedent(script)}") for works in (False, True))
    assert alone.stdout.splitlines()[-1] == "at the end"
    assert working.stdout.splitlines()[-3:] == ["worked", "at the end", "taken apart"]
    assert alone.returncode == working.returncode == 0


def test_a_reader_who_leaves_early_is_no_fault_of_ours() -> None:
    script = f"{sys.executable} -m kpi_pipeline --help | true; echo ${{PIPESTATUS[0]}}"
    found = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    assert found.stderr == ""
    assert found.stdout.strip() in {"0", "1"}

"""The process `kpi`: all it wrote arrives, it ends with its code, and it does not take itself apart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
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


@pytest.mark.parametrize(("works", "said", "taken_apart"), [(False, [], ""), (True, ["worked"], "written")])
def test_what_must_happen_at_the_end_does_and_no_more(
    tmp_path: Path, works: bool, said: list[str], taken_apart: str
) -> None:
    left_open = tmp_path / "left-open"
    script = f"""
        import atexit, sys, threading
        from kpi_pipeline.cli.process import command

        def work():
            threading.main_thread().join(30)
            print("worked")

        def process():
            left_open = open({str(left_open)!r}, "w")
            left_open.write("written")
            command()

        atexit.register(print, "at the end")
        sys.argv = ["kpi", "--help"]
        if {works}:
            threading.Thread(target=work).start()
        process()
    """
    found = ran("-c", dedent(script))
    assert found.stdout.partition("╯")[2].split("\n")[-len(said) - 2 :] == [*said, "at the end", ""]
    assert found.returncode == 0
    assert left_open.read_text(encoding="utf-8") == taken_apart, "only taking apart closes what was left open"


def test_a_reader_who_leaves_early_is_no_fault_of_ours() -> None:
    script = f"{sys.executable} -m kpi_pipeline --help | true; echo ${{PIPESTATUS[0]}}"
    found = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    assert found.stderr == ""
    assert found.stdout.strip() in {"0", "1"}

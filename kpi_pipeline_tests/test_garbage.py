"""What refers to itself is looked at when the process ends only where DuckDB would complain."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
from kpi_pipeline.garbage import collect_seldom

class Circle:
    def __init__(self):
        self.me = self
    def __del__(self):
        print("collected")

before = Circle()
collect_seldom()
after = Circle()
del before, after
"""


@pytest.mark.parametrize(("first", "said"), [("", []), ("import duckdb", ["collected", "collected"])])
def test_garbage_is_looked_at_in_the_end_for_duckdb_alone(first: str, said: list[str]) -> None:
    ran = subprocess.run([sys.executable, "-c", first + SCRIPT], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.split() == said

"""How often Python looks for garbage that refers to itself."""

import atexit
import gc
import sys

AFTER = 50_000  # new objects; by default 700 (2,000 since 3.14)


def collect_seldom() -> None:
    """For processes that load much and keep it: definitions, expressions and records are made of many small objects.

    A collector that walks all of them again and again takes a third of the time of loading Dagster's definitions.
    """
    gc.freeze()
    gc.set_threshold(AFTER, 10, 10)
    atexit.register(_at_the_end)


def _at_the_end() -> None:
    """Nothing is looked at when the process ends, which would take a second; but DuckDB then says that it leaks."""
    if "duckdb" in sys.modules:
        gc.unfreeze()
    else:
        gc.freeze()

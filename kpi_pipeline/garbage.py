"""How often Python looks for garbage that refers to itself."""

import atexit
import gc

AFTER = 50_000  # new objects; by default 700 (2,000 since 3.14)


def collect_seldom() -> None:
    """For processes that load much and keep it: definitions, expressions and records are made of many small objects.

    A collector that walks all of them again and again takes a third of the time of loading Dagster's definitions.
    What is there by now is not looked at again before the process ends; then it is, or DuckDB says that it leaks.
    """
    gc.freeze()
    gc.set_threshold(AFTER, 10, 10)
    atexit.register(gc.unfreeze)

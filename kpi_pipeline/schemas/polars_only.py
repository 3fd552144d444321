"""pandera as if pandas were not installed.

pandera loads pandas, and Spark and Hypothesis where those are installed, although it checks polars frames without them.
In a process that only loads pages this is 60 MB of memory and 0.8 s of CPU. Its own way to do without is that they are
missing, so they are hidden from this thread while pandera is imported; afterwards anybody may import them. Checks on
pandas frames do not work then. Whoever needs pandera takes it from here.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder

import polars as pl


class _Missing(MetaPathFinder):
    def __init__(self, packages: frozenset[str]) -> None:
        self.packages, self.thread = packages, threading.get_ident()

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        del path, target
        if name in self.packages and threading.get_ident() == self.thread:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@contextmanager
def _missing(*packages: str) -> Iterator[None]:
    finder = _Missing(frozenset(packages))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


with _missing("pandas", "pyspark", "hypothesis"):
    import pandera.polars as pandera
    from pandera.backends.register_checks import register_default_check_backends

    register_default_check_backends(pl.LazyFrame)  # looks for pandas once, and remembers that there is none

__all__ = ["pandera"]

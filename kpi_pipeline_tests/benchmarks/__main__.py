"""`python -m kpi_pipeline_tests.benchmarks [--quick] [name …]`: prints tables, asserts nothing about time.

A benchmark is a module of this folder, named below, with `main(quick: bool)`.
"""

from __future__ import annotations

import argparse
from importlib import import_module

BENCHMARKS = (
    "extraction",
    "http_overhead",
    "small_loads",
    "product_use",
    "history",
    "backtest",
    "deliveries",
    "reports",
    "whole_flow",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m kpi_pipeline_tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="smaller data, fewer rounds")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    for name in asked.names or BENCHMARKS:
        module = import_module(f"kpi_pipeline_tests.benchmarks.{name}")
        print(f"\n=== {name}: {module.__doc__.partition(chr(10))[0]}", flush=True)
        module.main(asked.quick)


if __name__ == "__main__":
    main()

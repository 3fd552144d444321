"""The command line."""

from kpi_pipeline.cli.app import main

__all__ = ["main"]

"""A local stand-in for every system that the pipeline reads and writes, over a simulated company.

with Sandbox(companies=["mister_dj"]) as sandbox:
    environment = sandbox.environment("mister_dj")
"""

from __future__ import annotations

from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.server import Sandbox

__all__ = ["Limit", "Sandbox"]

"""A simulated company: a pure function of (company, seed, anchor), from 13 months before the anchor to 45 days after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from kpi_pipeline.sandbox.world import mister_dj
from kpi_pipeline.sandbox.world.model import World

BUILDERS: dict[str, Callable[[int, date], World]] = {"mister_dj": mister_dj.build}


def build(company: str, seed: int, anchor: date) -> World:
    """All that ever happens to `company` around `anchor`; the same arguments give an equal world. KeyError: unknown company."""
    if company not in BUILDERS:
        raise KeyError(f"no simulated world for company {company!r}; there is one for: {', '.join(sorted(BUILDERS))}")
    return BUILDERS[company](seed, anchor)

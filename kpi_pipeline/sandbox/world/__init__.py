"""A simulated company: a pure function of company, seed and anchor, a year or two back and 45 days ahead."""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import date

from kpi_pipeline.sandbox.world import datainsight_pro, dgskills, inopsio, inpact, mister_dj
from kpi_pipeline.sandbox.world.model import World

BUILDERS: dict[str, Callable[[int, date], World]] = {
    "datainsight_pro": datainsight_pro.build,
    "dgskills": dgskills.build,
    "inopsio": inopsio.build,
    "inpact": inpact.build,
    "mister_dj": mister_dj.build,
}


def build(company: str, seed: int, anchor: date) -> World:
    """All that happens to `company` around `anchor`; equal arguments, equal worlds. KeyError: unknown company."""
    if company not in BUILDERS:
        raise KeyError(f"no simulated world for company {company!r}; there is one for: {', '.join(sorted(BUILDERS))}")
    collecting = gc.isenabled()
    gc.disable()  # none of the 300,000 records is garbage; looking for some took 40 % of the time
    try:
        return BUILDERS[company](seed, anchor)
    finally:
        if collecting:
            gc.enable()

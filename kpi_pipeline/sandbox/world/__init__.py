"""A simulated company: a pure function of company, seed and anchor, a year or two back and 45 days ahead."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Protocol

from kpi_pipeline.sandbox.world import datainsight_pro, dgskills, inopsio, inpact, mister_dj
from kpi_pipeline.sandbox.world.datainsight_pro.scene import scene as datainsight_pro_scene
from kpi_pipeline.sandbox.world.dgskills.scene import scene as dgskills_scene
from kpi_pipeline.sandbox.world.inopsio.scene import scene as inopsio_scene
from kpi_pipeline.sandbox.world.inpact.scene import scene as inpact_scene
from kpi_pipeline.sandbox.world.mister_dj.scene import scene as mister_dj_scene
from kpi_pipeline.sandbox.world.model import World


class Scene(Protocol):
    """The stage of a company's story; all that others ask of it is when it begins."""

    @property
    def starts_at(self) -> datetime: ...


BUILDERS: dict[str, Callable[[int, date], World]] = {
    "mister_dj": mister_dj.build,
    "dgskills": dgskills.build,
    "inpact": inpact.build,
    "inopsio": inopsio.build,
    "datainsight_pro": datainsight_pro.build,
}
SCENES: dict[str, Callable[[int, date], Scene]] = {
    "mister_dj": mister_dj_scene,
    "dgskills": dgskills_scene,
    "inpact": inpact_scene,
    "inopsio": inopsio_scene,
    "datainsight_pro": datainsight_pro_scene,
}


def starts_at(company: str, seed: int, anchor: date) -> datetime:
    """When the company's history begins, without building its world."""
    return SCENES[company](seed, anchor).starts_at


def build(company: str, seed: int, anchor: date) -> World:
    """All that happens to `company` around `anchor`; equal arguments, equal worlds. KeyError: unknown company."""
    if company not in BUILDERS:
        raise KeyError(f"no simulated world for company {company!r}; there is one for: {', '.join(sorted(BUILDERS))}")
    with nothing_collected():
        return BUILDERS[company](seed, anchor)


@contextmanager
def nothing_collected() -> Iterator[None]:
    """None of a world's 300,000 records is garbage; looking for some took 40 % of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()

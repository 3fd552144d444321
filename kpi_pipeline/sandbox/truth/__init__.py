"""The simulated world's own KPI values, recounted by plain loops over its records: a second implementation, not a copy.

Written to be read beside the definitions, one module per family; slow on purpose. A record counts if the vendor would
show it at `now`: it exists, is not deleted, archived or merged away, and its survey answer has come through.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from kpi_pipeline.sandbox.truth import (
    bookings,
    cash,
    datainsight_pro,
    dgskills,
    incidents,
    inopsio,
    inpact,
    queues,
    replies,
    surveys,
    website,
)
from kpi_pipeline.sandbox.truth.periods import BusinessDay, business_days
from kpi_pipeline.sandbox.truth.value import Series, TruthValue
from kpi_pipeline.sandbox.world.model import World

Family = Callable[[World, list[BusinessDay], datetime], Series]
FAMILIES: dict[str, tuple[Family, ...]] = {
    "datainsight_pro": datainsight_pro.FAMILY,
    "dgskills": dgskills.FAMILY,
    "inopsio": inopsio.FAMILY,
    "inpact": inpact.FAMILY,
    "mister_dj": (
        bookings.values,
        replies.values,
        website.values,
        queues.values,
        surveys.values,
        cash.values,
        incidents.values,
    ),
}

__all__ = ["TruthValue", "values"]


def values(world: World, first: date, last: date, now: datetime) -> dict[str, dict[date, TruthValue]]:
    """Every KPI and companion of the world's company for the business days `first` to `last`, as known at `now`.

    Days that have not begun at `now` are left out; the running day is counted until `now`.
    """
    days = business_days(world.zone, first, last, now)
    found: dict[str, dict[date, TruthValue]] = {}
    for family in FAMILIES[world.company]:
        found.update(family(world, days, now))
    return found

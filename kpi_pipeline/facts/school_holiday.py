"""School holidays, which differ by region, beside the schools that have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import ibis
import pyarrow as pa
from ibis.expr.types import Table

from kpi_pipeline.errors import SettingsError
from kpi_pipeline.facts.local_time import day_number, from_day_number
from kpi_pipeline.facts.tables import FactTables

SATURDAY = 6


def build(facts: FactTables) -> Table:
    """One row a school's phase and weekday of its holidays. A school without a region has none.

    Setting `school_holidays`: region → spans such as 2026-07-04/2026-08-16, both days in it.
    """
    days = list(weekdays(facts.setting("hubspot", "school_holidays"), facts.company.id))
    columns = {
        "region": pa.array([region for region, _ in days], pa.string()),
        "day": pa.array([day for _, day in days], pa.int64()),
    }
    holidays = ibis.memtable(pa.table(columns))
    phases = facts.table("school_phase")
    return phases.join(holidays, phases.holiday_region == holidays.region)


def weekdays(regions: Mapping[str, Sequence[str]], company: str) -> Iterator[tuple[str, int]]:
    """(region, day number) of each Monday to Friday in the spans. Raises SettingsError for a span that is none."""
    for region, spans in regions.items():
        seen: set[int] = set()
        for span in spans:
            try:
                first, last = (day_number(date.fromisoformat(text)) for text in span.split("/"))
            except ValueError:
                raise SettingsError(
                    f"reading the school holidays of {company}",
                    f"sources.hubspot.settings.school_holidays.{region} has {span!r}",
                    remedy="Write each span as first and last day, such as 2026-07-04/2026-08-16",
                ) from None
            seen.update(day for day in range(first, last + 1) if from_day_number(day).isoweekday() < SATURDAY)
        yield from ((region, day) for day in sorted(seen))

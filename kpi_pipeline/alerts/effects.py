"""Whether a decision worked, as far as the numbers show: each KPI when it was taken, and now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kpi_pipeline.catalogue.model import Kpi
from kpi_pipeline.history.observation import Observation


@dataclass(frozen=True, slots=True)
class Effect:
    """A KPI around a decision.

    `before` is its last complete value when it was taken, `after` the newest since. `change` is after − before in the
    KPI's unit; `improved` says whether that is to its good side, None when it did not move. `is_clear`: the window of
    `after` holds nothing from before the decision, so the two share no records. `series` runs from as many days before
    the decision as there are after it, one value a day.
    """

    kpi: str
    before: Observation
    after: Observation
    series: tuple[Decimal | None, ...]

    @property
    def change(self) -> Decimal:
        if self.before.value is None or self.after.value is None:
            raise ValueError(f"{self.kpi} has no value on one side")
        return self.after.value - self.before.value

    def improved(self, kpi: Kpi) -> bool | None:
        if self.change == 0:
            return None
        return (self.change > 0) == (kpi.better == "higher")

    def is_clear(self, decided_at: datetime) -> bool:
        return self.after.period_start >= decided_at


def effect_of(kpi: str, rows: Iterable[Observation], decided_at: datetime) -> Effect | None:
    """The effect on one KPI by its observations in order of day; None while there is no complete value since."""
    complete = [row for row in rows if row.closed]
    before = _last([row for row in complete if row.period_end <= decided_at])
    after = _last([row for row in complete if row.period_end > decided_at])
    if before is None or after is None:
        return None
    first = before.day - (after.day - before.day)
    return Effect(kpi, before, after, tuple(row.value for row in complete if first <= row.day <= after.day))


def _last(rows: Sequence[Observation]) -> Observation | None:
    return next((row for row in reversed(rows) if row.value is not None), None)

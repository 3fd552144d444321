"""Past periods whose value changed after an alert had judged them: corrected, or found wrong with hindsight. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from kpi_pipeline.alerts.model import AlertState, Level, Notice
from kpi_pipeline.alerts.readings import judge
from kpi_pipeline.catalogue.materiality import materiality
from kpi_pipeline.catalogue.model import Kpi, Rule
from kpi_pipeline.history.observation import Change

# A period that was still going on, or judged by another definition or threshold, was not wrong when it was told.
NOT_RESTATED = ("first", "running_day", "definition", "threshold", "settled")
CORRECTED, RETROACTIVE = "corrected", "retroactive"
RENAMED = {"resolved": CORRECTED, "first_breach": RETROACTIVE}


@dataclass(frozen=True, slots=True)
class Restated:
    """Judged days that turned good, or bad; `newest`: the last judged day is among them and is judged again."""

    corrected: tuple[tuple[date, Decimal | None, Decimal | None], ...] = ()
    breached: tuple[tuple[date, Decimal | None, Decimal | None], ...] = ()
    newest: bool = False

    def rename(self, notice: Notice) -> Notice:
        """A change of the newest judged day is not news of today but a correction."""
        return replace(notice, reason=RENAMED.get(notice.reason, notice.reason)) if self.newest else notice

    def notices(self, state: AlertState, suppressed: str) -> list[Notice]:
        """At most one notice for all days corrected and one for all found wrong, of the days before the newest."""
        if suppressed or self.newest or state.paused:
            return []
        level: Level = "ok"
        found = [Notice(CORRECTED, level)] if self.corrected and state.episode else []
        return [*found, Notice(RETROACTIVE, "warning")] if self.breached else found


def restated(rule: Rule, kpi: Kpi, changes: Iterable[Change], judged: date | None) -> Restated:
    """Which judged days changed sides, by at least what counts as material for the KPI."""
    if judged is None or rule.each is not None:
        return Restated()
    material = materiality(kpi.unit, kpi.material)
    good: list[tuple[date, Decimal | None, Decimal | None]] = []
    bad: list[tuple[date, Decimal | None, Decimal | None]] = []
    for change in changes:
        before, after = change.before, change.after
        if before is None or after.cause in NOT_RESTATED or after.day > judged or not (before.closed and after.closed):
            continue
        was, is_now = judge(rule, kpi, [before]).level, judge(rule, kpi, [after]).level
        if (
            was is None
            or is_now is None
            or (was == "ok") == (is_now == "ok")
            or not material.holds(before.value, after.value)
        ):
            continue
        (good if is_now == "ok" else bad).append((after.day, before.value, after.value))
    days = [day for day, _, _ in (*good, *bad)]
    return Restated(tuple(sorted(good)), tuple(sorted(bad)), judged in days)

"""What a rule about one KPI has not judged yet: new periods, and judged ones whose value changed since. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from kpi_pipeline.alerts import readings
from kpi_pipeline.alerts.model import AlertState, Reading
from kpi_pipeline.alerts.periods import ends_period
from kpi_pipeline.alerts.restated import Restated, restated
from kpi_pipeline.catalogue.model import Kpi, Rule
from kpi_pipeline.history.observation import Change, Observation

LOOK_BACK = timedelta(days=400)  # what conditions on the past, pooled periods and gaps of quarters may need
NEAR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Unjudged:
    """The alert as it goes on from, the readings that are new to it, and what changed of those it had judged."""

    state: AlertState
    found: list[Reading]
    late: Restated


def rows_after(rule: Rule, judged: date | None) -> date | None:
    """The day after which rows are needed to judge what follows `judged`; None for all of them."""
    if judged is None:
        return None
    return judged - (LOOK_BACK if rule.accumulate > 1 or rule.every is not None else NEAR)


def unjudged(
    rule: Rule,
    kpi: Kpi,
    state: AlertState,
    rows: Sequence[Observation],
    changes: Sequence[Change],
    closed_until: datetime,
) -> Unjudged:
    """What `rows` (of one segment, in order of day, those of rows_after at least) say that was not judged yet.

    A change of the day that was judged last is judged again.
    """
    late = restated(rule, kpi, changes, state.judged_day)
    if late.newest and state.judged_day is not None:
        state = replace(state, judged_day=state.judged_day - timedelta(days=1))
    new = [row for row in rows if _is_new(row.day, state.judged_day, rule)]
    # What was judged lends its numbers to what is pooled with it, and shows where a period is missing.
    older = [
        row
        for row in rows
        if not _is_new(row.day, state.judged_day, rule) and (rule.every is None or ends_period(row.day, rule.every))
    ]
    context = older[-max(rule.accumulate - 1, 1) :]
    found = readings.readings(rule, kpi, [*context, *new], closed_until)
    return Unjudged(state, [each for each in found if _is_new(each.day, state.judged_day, rule)], late)


def _is_new(day: date, judged: date | None, rule: Rule) -> bool:
    return judged is None or day > judged or (rule.check_open and day == judged)

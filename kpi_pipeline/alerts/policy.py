"""Decides what an observation means for an alert. Pure: equal state and observation always give equal decisions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from kpi_pipeline.history.observation import Observation

Level = Literal["ok", "warning", "critical"]
Reason = Literal["first_breach", "worse", "better", "resolved"]

SEVERITY: dict[str, int] = {"ok": 0, "warning": 1, "critical": 2}

# A status that says nothing about good or bad neither opens nor closes an alert.
LEVEL_OF_STATUS: dict[str, Level] = {
    "ok": "ok",
    "below_target": "ok",
    "warning": "warning",
    "critical": "critical",
}


@dataclass(frozen=True, slots=True)
class AlertState:
    """Where one rule of one subject stands. `notices` counts what was ever announced and numbers the next notice."""

    company: str
    subject: str
    rule: str
    segment: str = ""
    level: Level = "ok"
    since_day: date | None = None
    since_at: datetime | None = None
    judged_day: date | None = None
    value: Decimal | None = None
    worst: Decimal | None = None
    notices: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """The state that follows, what to tell (None: nothing), and why, as a word that logs and tests can quote."""

    state: AlertState
    notice: Reason | None
    why: str


def decide(state: AlertState, observation: Observation, now: datetime, *, higher_is_better: bool) -> Decision:
    """What one observation means.

    Only complete, settled periods are judged: a running day, a month to date or a value that may still move says
    nothing yet. An observation without a judgement (no data, too few records) keeps the alert as it is. Days already
    judged are not judged again, so a restated past day opens nothing.
    """
    if not observation.closed:
        return Decision(state, None, "period_not_complete")
    if observation.provisional:
        return Decision(state, None, "value_not_settled")
    if state.judged_day is not None and observation.day <= state.judged_day:
        return Decision(state, None, "day_already_judged")
    level = LEVEL_OF_STATUS.get(observation.status)
    if level is None:
        return Decision(replace(state, judged_day=observation.day), None, f"kept_on_{observation.status}")
    judged = replace(state, judged_day=observation.day, value=observation.value, level=level)
    before, after = SEVERITY[state.level], SEVERITY[level]
    if before == after == 0:
        return Decision(judged, None, "still_ok")
    if before == 0:
        opened = replace(
            judged,
            since_day=observation.day,
            since_at=now,
            worst=observation.value,
            notices=state.notices + 1,
        )
        return Decision(opened, "first_breach", f"ok_to_{level}")
    if after == 0:
        closed = replace(judged, since_day=None, since_at=None, worst=None, notices=state.notices + 1)
        return Decision(closed, "resolved", f"{state.level}_to_ok")
    judged = replace(judged, worst=_worse_of(state.worst, observation.value, higher_is_better))
    if before == after:
        return Decision(judged, None, f"still_{level}")
    told: Reason = "worse" if after > before else "better"
    return Decision(replace(judged, notices=state.notices + 1), told, f"{state.level}_to_{level}")


def _worse_of(known: Decimal | None, new: Decimal | None, higher_is_better: bool) -> Decimal | None:
    if known is None or new is None:
        return new if known is None else known
    return min(known, new) if higher_is_better else max(known, new)

"""One value of one KPI for one business day, and how a later value differs from an earlier one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Observation:
    """What is reported: the value as of the end of `day`, with everything needed to judge and to repeat it.

    `value` is exact and unrounded in the KPI's unit; None means no data, never zero. `status` is one of the statuses of
    the glossary; `reason` says why there is no value or why none is fine. Thresholds are those in force on `day`.
    """

    company: str
    kpi: str
    day: date
    segment: str
    value: Decimal | None
    text_value: str | None
    numerator: Decimal | None
    denominator: Decimal | None
    n: int | None
    status: str
    reason: str | None
    target: str | None
    warning: str | None
    critical: str | None
    period_start: datetime
    period_end: datetime
    closed: bool
    provisional: bool
    definition_version: int
    definition_hash: str
    input_hash: str


@dataclass(frozen=True, slots=True)
class Recorded(Observation):
    """An observation as it stands in history: who wrote it, when, why it differs from the one before."""

    run_id: str
    recorded_at: datetime
    superseded_at: datetime | None
    cause: str


@dataclass(frozen=True, slots=True)
class Change:
    """A new observation and the one it replaces; `before` is None the first time a day is known."""

    before: Recorded | None
    after: Recorded


MEANING = tuple(
    field.name for field in fields(Observation) if field.name not in ("company", "kpi", "day", "segment", "input_hash")
)


def same(before: Observation, after: Observation) -> bool:
    """Whether recomputing said nothing new: all that is reported is equal. Inputs may differ without effect."""
    return all(getattr(before, name) == getattr(after, name) for name in MEANING)


def cause_of(before: Observation | None, after: Observation) -> str:
    """Why a value differs from the one before, in the order in which one explains the other.

    first · running_day (the day was still going on) · definition (the KPI means something else) · threshold (the same
    number, judged differently) · settled (time passed and it is final now) · late_records (its inputs changed).
    """
    if before is None:
        return "first"
    if before.period_end != after.period_end:
        return "running_day"
    if before.definition_hash != after.definition_hash:
        return "definition"
    numbers = ("value", "text_value", "numerator", "denominator", "n")
    if any(getattr(before, name) != getattr(after, name) for name in numbers):
        return "late_records"
    if any(getattr(before, name) != getattr(after, name) for name in ("target", "warning", "critical")):
        return "threshold"
    return "settled"

"""Registers: the CSV files that people keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SurveyInvitation:
    id: str
    booking_id: str
    form_id: str
    sent_at: datetime
    delivered_at: datetime | None
    bounced_at: datetime | None
    is_reminder: bool
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """`kind`: balance (cash on that day), outflow, inflow. `amount` is positive."""

    id: str
    day: date
    account: str
    kind: str
    category: str
    amount: Decimal
    currency: str
    one_off: bool
    restricted: bool
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class FxRate:
    """ECB reference rate: units of `currency` for one euro; no rate on weekends and TARGET holidays.

    `published_at` (16:00 Frankfurt) is when the register starts to show it.
    """

    day: date
    currency: str
    rate: Decimal
    published_at: datetime | None = None

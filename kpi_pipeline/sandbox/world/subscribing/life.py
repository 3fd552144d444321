"""The life of a subscription as somebody tells it: who subscribes to what, and what happens to it when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Items = tuple[tuple[str, int | None], ...]  # (price id, quantity); a metered price has no quantity
Pause = tuple[str, datetime, datetime | None]  # (void, mark_uncollectible or keep_as_draft; from; until)


@dataclass(frozen=True, slots=True)
class Account:
    """Who pays: one customer at the biller. Two accounts of one organisation are one customer of the company."""

    key: str
    organisation_id: int | None = None
    name: str | None = None  # an invented person without one
    country: str = "NL"
    tax_rate_id: str | None = None
    lead_id: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """From `at` the subscription holds `items` instead: each keeps its place in the list and with it its item id.

    `invoice_now`: the prorations are invoiced at once, not with the next renewal. A first price of another interval
    ends the running period, and a new one begins at `at`.
    """

    at: datetime
    items: Items
    invoice_now: bool = False


@dataclass(frozen=True, slots=True)
class Life:
    """One subscription. All prices of a moment have one currency and one interval; instants are whole seconds UTC.

    It ends by one of: `lapses` (the trial ends without payment), `cancel_requested` (at the end of the period it falls
    in), `ends` (at that instant), `never_pays_from` (the first renewal from there on stays unpaid; canceled after
    `patience_days`). `late`: (instant, days): the first renewal from the instant on is paid that many days late.
    """

    key: str
    account: Account
    starts: datetime
    items: Items
    trial_days: int = 0
    lapses: bool = False
    coupon: str | None = None
    coupon_from: datetime | None = None
    changes: tuple[Change, ...] = ()
    pauses: tuple[Pause, ...] = ()
    late: tuple[tuple[datetime, int], ...] = ()
    never_pays_from: datetime | None = None
    patience_days: int = 21
    cancel_requested: datetime | None = None
    ends: datetime | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

"""How a life goes: period after period, with what changes in them, until it ends or the world does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kpi_pipeline.sandbox.world.model import Dated, Price, SubscriptionItem
from kpi_pipeline.sandbox.world.subscribing.cycles import boundary, next_boundary
from kpi_pipeline.sandbox.world.subscribing.invoicing import FINALIZED_AFTER, Invoicing, item_id
from kpi_pipeline.sandbox.world.subscribing.life import Change, Items, Life, Pause

if TYPE_CHECKING:
    from kpi_pipeline.sandbox.world.subscribing.desk import Desk


@dataclass(slots=True)
class Course:
    """What became of a life: its statuses, its items over time, its end and the reason for it."""

    statuses: Dated
    items: tuple[SubscriptionItem, ...]
    anchors: tuple[datetime, ...]
    ends: datetime | None
    why: str | None
    moments: list[datetime] = field(default_factory=list)


class Walk:
    """Walks one life through its billing periods and bills each."""

    def __init__(self, desk: Desk, life: Life, invoicing: Invoicing, pauses: Sequence[Pause]) -> None:
        self.desk, self.life, self.invoicing, self.pauses = desk, life, invoicing, pauses
        self.items = life.items
        self.anchor = life.starts + timedelta(days=life.trial_days)
        self.ends, self.why = life.ends, "cancellation_requested" if life.ends else None
        self.anchors: list[datetime] = []
        self.moments: list[datetime] = []
        self.statuses: list[tuple[str, datetime]] = [("trialing" if life.trial_days else "active", life.starts)]
        self.late = sorted(life.late)
        self._open: dict[int, tuple[datetime, str, int | None]] = {}
        self._held: list[SubscriptionItem] = []

    def course(self) -> Course:
        life, horizon = self.life, self.desk.world.horizon
        self._hold(life.starts, life.items)
        start, stop = life.starts, self.anchor if life.trial_days else boundary(self.anchor, self._price(), 1)
        if life.lapses:
            self.ends, self.why = self.anchor, "cancellation_requested"
        self.invoicing.cycle(self.items, (), (start, stop), "subscription_create", free=bool(life.trial_days))
        changes = sorted(life.changes, key=lambda change: change.at)
        while True:
            while changes and changes[0].at < stop and self._alive(changes[0].at):
                start, stop = self._change(changes.pop(0), start, stop)
            if life.cancel_requested is not None and self.ends is None and start <= life.cancel_requested < stop:
                self.ends, self.why = stop, "cancellation_requested"
            if not self._alive(stop) or stop >= horizon:
                break
            start, stop = stop, next_boundary(self.anchor, self._price(), stop)
            if life.trial_days and start == life.starts + timedelta(days=life.trial_days):
                self.statuses.append(("active", start))
            self._renew(start, stop)
        self.invoicing.close()
        if self.ends is not None:
            self.statuses.append(("canceled", self.ends))
        self._hold(self.ends, ())
        return Course(tuple(self.statuses), tuple(self._held), tuple(self.anchors), self.ends, self.why, self.moments)

    def _renew(self, start: datetime, stop: datetime) -> None:
        life = self.life
        self.moments.append(start)
        how, days = "paid", 0
        pause = next((kind for kind, since, until in self.pauses if since <= start < (until or stop)), "")
        if pause:
            how = pause
        elif life.never_pays_from is not None and start >= life.never_pays_from and self.ends is None:
            how = "never"
            self.ends, self.why = start + timedelta(days=life.patience_days), "payment_failed"
            self.statuses.append(("past_due", start + FINALIZED_AFTER))
        elif self.late and start >= self.late[0][0]:
            days = self.late.pop(0)[1]
            if self.ends is None or start + timedelta(days=days) < self.ends:
                how = "late"
                self.statuses += [("past_due", start + FINALIZED_AFTER), ("active", start + timedelta(days=days))]
        self.invoicing.cycle(self.items, self.items, (start, stop), "subscription_cycle", how, days)

    def _change(self, change: Change, start: datetime, stop: datetime) -> tuple[datetime, datetime]:
        """Hold other items from now on; the running period, which is a new one if the interval changed."""
        if any(since <= change.at and (until is None or change.at < until) for _, since, until in self.pauses):
            raise ValueError(f"{self.life.key}: {change.at} lies in a pause; change before or after it")
        before, self.items = self.items, change.items
        self.moments.append(change.at)
        was, price = self.desk.prices[before[0][0]], self._price()
        resets = (was.interval, was.interval_count) != (price.interval, price.interval_count)
        self._hold(change.at, change.items)
        if change.at < self.life.starts + timedelta(days=self.life.trial_days):
            if resets:
                raise ValueError(f"{self.life.key}: the interval changes in the trial")
            return start, stop
        self.invoicing.prorate(before, change, (start, stop), resets=resets)
        if not resets:
            return start, stop
        self.anchor = change.at
        self.anchors.append(change.at)
        return change.at, boundary(change.at, price, 1)

    def _alive(self, at: datetime) -> bool:
        return (self.ends is None or at < self.ends) and at < self.desk.world.horizon

    def _price(self) -> Price:
        return self.desk.prices[self.items[0][0]]

    def _hold(self, at: datetime | None, items: Items) -> None:
        """Close the items that change and open the new ones; an instant of None leaves them open for ever."""
        for place in sorted(self._open):
            since, name, quantity = self._open[place]
            if place >= len(items) or items[place] != (name, quantity):
                del self._open[place]
                self._held.append(SubscriptionItem(item_id(self.desk, self.life, place), name, quantity, since, at))
        for place, (name, quantity) in enumerate(items):
            if place not in self._open and at is not None:
                self._open[place] = (at, name, quantity)

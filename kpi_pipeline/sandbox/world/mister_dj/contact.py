"""Calls, e-mails and meetings with leads, by people and by machines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene, between
from kpi_pipeline.sandbox.world.model import CrmOwner, Engagement, World
from kpi_pipeline.sandbox.world.names import person

OWNERS = 9
FIRST_OWNER_ID = 910_901
OPENS, CLOSES = 9, 21
MILLISECOND = timedelta(milliseconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MEDIAN_WAIT_HOURS = 0.74
WAIT_SPREAD = 0.95
SLOW_FACTOR = 2.4
LOGGED_LATE = 0.02
TITLES = {
    "call": "Telefoongesprek",
    "email": "Re: uw aanvraag",
    "meeting": "Kennismaking",
}
OUTCOMES = {"call": "CONNECTED", "email": None, "meeting": "COMPLETED"}


def owners(scene: Scene) -> list[CrmOwner]:
    return [
        CrmOwner(FIRST_OWNER_ID + i, 50_000 + i, person(scene.stream("owner", i)), archived=i == OWNERS - 1)
        for i in range(OWNERS)
    ]


@dataclass(slots=True)
class Log:
    """The engagements of one lead; numbers them and adds them to the world."""

    world: World
    scene: Scene
    lead_id: int
    r: Random
    count: int = 0

    @staticmethod
    def owner_for(lead_id: int) -> int:
        return FIRST_OWNER_ID + (lead_id * 7919) % (OWNERS - 1)

    @property
    def owner_id(self) -> int:
        return self.owner_for(self.lead_id)

    def auto_reply(self, created_at: datetime) -> None:
        """An automatic confirmation within a minute, to one lead of seven: it is no human contact."""
        if self.r.random() < 0.14:
            at = created_at + between(self.r, 2 * MINUTE / 60, MINUTE)
            self._add("email", at, "outbound", automated=True, title="Bedankt voor uw aanvraag", lag=timedelta())

    def first_contact(self, created_at: datetime) -> datetime:
        """When a person first called, mailed or met the lead: in opening hours, the next morning for a late one."""
        r = self.r
        if r.random() < 0.005:  # rang first, filled in the form during the call
            self._add("call", created_at - between(r, 2 * MINUTE, 20 * MINUTE), "outbound")
        self.auto_reply(created_at)
        slow = SLOW_FACTOR if self._within_slow_replies(created_at) else 1.0
        hours = min(MEDIAN_WAIT_HOURS * slow * math.exp(r.gauss(0, WAIT_SPREAD)), 30.0)
        wait = timedelta(milliseconds=int(hours * 3_600_000))
        if r.random() < 0.2:
            self._add(
                "email",
                created_at + wait // MILLISECOND // 2 * MILLISECOND,
                "inbound",
                title="Aanvulling op mijn aanvraag",
            )
        at = self.scene.days.after_open(created_at, wait, OPENS, CLOSES)
        draw = r.random()
        self._add("call" if draw < 0.48 else "email" if draw < 0.97 else "meeting", at, "outbound")
        return at

    def follow_up(self, after: datetime, most: int) -> None:
        """Up to `most` further contacts over the next weeks, either way, some of them sequences."""
        at = after
        for _ in range(int(self.r.random() ** 2 * (most + 1))):
            at += between(self.r, HOUR, 5 * DAY)
            draw = self.r.random()
            kind = "call" if draw < 0.35 else "email" if draw < 0.85 else "meeting"
            automated = kind == "email" and draw > 0.7
            inbound = not automated and kind != "meeting" and self.r.random() < 0.4
            self._add(kind, at, "inbound" if inbound else "outbound", automated=automated)

    def _within_slow_replies(self, created_at: datetime) -> bool:
        return self.scene.story.within(created_at.date(), self.scene.story.slow_replies)

    def _add(
        self,
        kind: str,
        at: datetime,
        direction: str,
        *,
        automated: bool = False,
        title: str | None = None,
        lag: timedelta | None = None,
    ) -> None:
        if lag is None:
            late = self.r.random() < LOGGED_LATE
            lag = between(self.r, HOUR, 20 * HOUR) if late else between(self.r, timedelta(), 3 * MINUTE)
        created = at + lag
        self.count += 1
        self.world.engagements.append(
            Engagement(
                id=self.lead_id * 100 + self.count,
                kind=kind,
                lead_id=self.lead_id,
                deal_id=None,
                at=at,
                created_at=created,
                direction=direction,
                automated=automated,
                owner_id=None if automated else self.owner_id,
                title=TITLES[kind] if title is None else title,
                outcome=OUTCOMES[kind],
                ends_at=at + (45 * MINUTE if kind == "meeting" else 6 * MINUTE) if kind != "email" else None,
                modified=(created,),
            )
        )

"""Questions to support, answered in office hours; many more after the outage."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from kpi_pipeline.sandbox.world.datainsight_pro.scene import Scene, between
from kpi_pipeline.sandbox.world.datainsight_pro.tenants import Tenant
from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.model import HelpdeskTicket

HOUR = timedelta(hours=1)
A_MONTH_PER_CUSTOMER = 0.25
OPENS, CLOSES = 8, 18


def tickets(scene: Scene, tenants: list[Tenant]) -> list[HelpdeskTicket]:
    paying = [tenant for tenant in tenants if tenant.paid_at is not None]
    found = []
    for day in scene.all_days():
        r = scene.stream("tickets", day)
        noon = scene.days.at(day, 43_200)
        asking = [tenant for tenant in paying if any(a <= noon and (b is None or noon < b) for a, b in tenant.spans)]
        expected = len(asking) * A_MONTH_PER_CUSTOMER / 30.4 * (1.25 if day.weekday() < 5 else 0.4)
        if day == scene.outage.date():
            expected += 42
        for index in range(int(expected) + (r.random() < expected % 1)):
            tenant = asking[int(r.random() * len(asking))] if asking else None
            found.append(_ticket(scene, tenant, day, index))
    return sorted(found, key=lambda ticket: (ticket.created_at, ticket.id))


def _ticket(scene: Scene, tenant: Tenant | None, day: date, index: int) -> HelpdeskTicket:
    r = scene.stream("ticket", day, index)
    created = scene.days.at(day, int((6 + 15 * r.random()) * 3600) + 0.25)
    if r.random() < 0.015:  # nobody answers
        return HelpdeskTicket(_id(day, index), *_whose(tenant), created)
    replies = [_in_office(scene, created, timedelta(seconds=int(3600 * min(30.0, r.lognormvariate(0.25, 0.8)))))]
    while r.random() < 0.16 and len(replies) < 5:
        replies.append(_in_office(scene, replies[-1], between(r, HOUR / 4, 9 * HOUR)))
    solved = replies[-1] + between(r, HOUR / 12, 20 * HOUR) if r.random() < 0.97 else None
    draw = r.random()
    reopened = None
    if solved is not None and draw < 0.07:  # some of them after the seven days, one exactly at their end
        reopened = solved + (7 * DAY if draw < 0.004 else between(r, HOUR, 11 * DAY))
        replies.append(_in_office(scene, reopened, HOUR))
    return HelpdeskTicket(
        _id(day, index),
        *_whose(tenant),
        created,
        tuple(replies),
        resolved_at=solved,
        reopened_at=reopened,
        priority="high" if r.random() < 0.1 else "normal",
        is_duplicate=r.random() < 0.03,
    )


def _id(day: date, index: int) -> str:
    return f"T-{day:%y%m%d}-{index:03d}"


def _whose(tenant: Tenant | None) -> tuple[str | None, str | None]:
    return (None, None) if tenant is None else (tenant.account_id, str(tenant.organisation_id))


def _in_office(scene: Scene, at: datetime, wait: timedelta) -> datetime:
    """When `wait` has passed on the clock that runs on weekdays from eight to six."""
    day = at.date()
    while True:
        begin, end = max(at, scene.days.at(day, OPENS * 3600)), scene.days.at(day, CLOSES * 3600)
        if day.weekday() < 5 and begin < end:
            if begin + wait < end:
                return begin + wait
            wait -= end - begin
        day += DAY

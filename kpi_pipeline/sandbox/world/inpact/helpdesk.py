"""Questions to support on RPA and AWI; some need a developer of a feature team."""

from __future__ import annotations

from datetime import date, timedelta

from kpi_pipeline.sandbox.world.days import span
from kpi_pipeline.sandbox.world.inpact.scene import Scene
from kpi_pipeline.sandbox.world.model import HelpdeskTicket, World

LINES = {"RPA": (7, 0.086, 0.035), "AWI": (5, 0.208, 0.06)}  # a working day, share with a developer then and now
THEN = date(2025, 9, 1)  # the helpdesk was taken into use; older figures are in the scorecard


def fill(world: World, scene: Scene, customers: list[str]) -> None:
    world.product.tickets += sorted(
        (
            _ticket(scene, line, day, number, customers)
            for day in span(THEN, scene.last)
            for line, (a_day, _, _) in LINES.items()
            for number in range(a_day if day.weekday() < 5 else 1)
            if scene.stream("ticket?", line, day, number).random() < 0.8
        ),
        key=lambda ticket: (ticket.created_at, ticket.id),
    )


def _ticket(scene: Scene, line: str, day: date, number: int, customers: list[str]) -> HelpdeskTicket:
    r = scene.stream("ticket", line, day, number)
    _, then, today = LINES[line]
    way = min(1.0, max(0.0, (day - THEN) / max(timedelta(days=1), scene.anchor - THEN)))
    created = scene.days.at(day, 8 * 3600 + int(r.random() * 9 * 3600 * 1000) / 1000)
    replied = created + timedelta(minutes=int(5 + r.expovariate(1 / 90)))
    resolved = replied + timedelta(hours=r.lognormvariate(1.8, 1.1))
    reopened = resolved + timedelta(hours=20) if r.random() < 0.05 else None
    return HelpdeskTicket(
        id=f"{line[0]}{day:%y%m%d}{number:02d}",
        account_id=None,
        company_id=customers[int(r.random() * len(customers))],
        created_at=created,
        replies=(replied,) if r.random() < 0.6 else (replied, replied + (resolved - replied) / 2),
        resolved_at=resolved.replace(microsecond=resolved.microsecond // 1000 * 1000),
        reopened_at=None if reopened is None else reopened.replace(microsecond=0),
        product_line=line,
        priority=r.choice(("low", "normal", "normal", "high")),
        developer_involved=r.random() < then + (today - then) * way,
    )

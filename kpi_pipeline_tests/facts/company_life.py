"""Two months of a made-up company, seeded: enough of everything for engines to disagree on if they can."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

from kpi_pipeline_tests.facts.builders import (
    contact,
    counter,
    credit,
    deal,
    engage,
    incident,
    invitation,
    invoice,
    issue,
    ledger,
    monitor,
    payment,
    priority_change,
    rate,
    refund,
    response,
)
from kpi_pipeline_tests.facts.records import Records, utc

STARTS = datetime(2026, 3, 1, tzinfo=UTC)  # the clocks change on 29 March
DAYS = 60


def live(records: Records, seed: int = 7) -> Records:
    """Leads, bookings, surveys, monitors, issues, queues and a ledger from 1 March to 30 April 2026."""
    r = Random(seed)

    def at(day: float) -> str:
        moment = STARTS + timedelta(days=day, milliseconds=r.randrange(86_400_000))
        return moment.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")

    _money(records, r)
    for number in range(90):
        day = r.uniform(0, DAYS - 8)
        qualified = {"entered_salesqualifiedlead_at": utc(at(day + 1))} if r.random() < 0.6 else {}
        contact(records, f"{number}", at(day), merged_ids="3;4" if number == 9 else None, **qualified)
        for kind, extra in (("calls", {"direction": "OUTBOUND"}), ("emails", {"direction": "EMAIL"})):
            if r.random() < 0.7:
                engage(records, kind, f"{kind}-{number}", at(day + r.random() * 3), f"{number}", **extra)
        if r.random() < 0.5:
            _booking(records, r, number, day, at)
    for number in range(40):
        states = [("todo", at(number)), ("busy", at(number + 1)), ("done", at(number + 2))]
        if r.random() < 0.3:
            states += [("busy", at(number + 4)), ("released", at(number + 6))]
        states = states[: r.randint(1, len(states))]
        issue(records, f"{number}", states[0][1], r.choice((1, 1, 3)), *states)
        if r.random() < 0.4:
            priority_change(records, f"{number}", at(number + 1), r.choice((1, 2)), 1)
    for name, since in (("UP", 0), ("PAUSED", 20), ("UP", 22)):
        seen = at(since)
        monitor(records, seen, name, created_at=utc(at(3)))
        monitor(records, seen, "UP", name="API /health", id=8, created_at=utc(at(-9)))
    for number in range(25):
        start = r.uniform(0, DAYS - 1)
        incident(records, f"i{number}", at(start), at(start + 1) if number else None, counts=r.random() < 0.9)
    _queues(records, r)
    return records


def _money(records: Records, r: Random) -> None:
    for day in range(-5, DAYS + 30, 2):
        on = (STARTS + timedelta(days=day)).date().isoformat()
        rate(records, on, "GBP", 850_000 + r.randrange(30_000))
    for month in ("2025-12", "2026-01", "2026-02", "2026-03", "2026-04"):
        ledger(records, f"cash {month}", f"{month}-28", r.randrange(10**7, 3 * 10**7), "EUR")
        if month > "2026-02":
            ledger(records, f"pounds {month}", f"{month}-28", r.randrange(10**6), "GBP", account="london")
        for number in range(6):
            kind = "inflow" if number == 5 else "outflow"
            amount = r.randrange(10**5, 10**6)
            ledger(
                records, f"{month} {number}", f"{month}-0{number + 1}", amount, "EUR", kind=kind, one_off=number == 3
            )


def _booking(records: Records, r: Random, number: int, day: float, at: Callable[[float], str]) -> None:
    name, money = f"in_{number}", "gbp" if r.random() < 0.3 else "eur"
    lines = (("dj", r.randrange(90_000, 250_000), r.randrange(5_000)), ("tip", r.randrange(9_000), 0))
    total = invoice(records, name, *lines, booking=f"B-{number}", currency=money, created=at(day + 2))
    share = r.choice((total, total * 3 // 10))
    paid = payment(records, name, share, at(day + 3), currency=money)
    if share < total:
        payment(records, name, total - share, at(day + 5), currency=money)
    if r.random() < 0.3:
        refund(records, f"re_{number}", paid, r.choice((share, share // 7)), at(day + 6))
    if r.random() < 0.2:
        credit(records, f"cn_{number}", name, 10_001, 12_101, at(day + 7))
    deal(records, f"d{number}", f"B-{number}", f"{number}" if r.random() < 0.9 else None, event_date="2026-04-18")
    invitation(records, f"s{number}", at(day + 4))
    for answer in range(r.choice((0, 1, 2))):
        hidden = {
            "booking_id": f"B-{number}",
            "invitation_id": f"s{number}",
            "event_date": r.choice(("2026-04-18", "", "2026-03-29")),
        }
        response(records, f"r{number}-{answer}", at(day + 6 + answer), float(r.randrange(11)), **hidden)


def _queues(records: Records, r: Random) -> None:
    seen = dict.fromkeys((100.0, 1_000.0, 1e308), 0)
    for hour in range(24 * 12):
        moment = (STARTS + timedelta(days=22, hours=hour)).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
        records.add(
            "prometheus.metric_samples",
            metric="queue_backlog",
            series='queue="sync"',
            sampled_at=utc(moment),
            value=r.choice((None, r.uniform(0, 60))),
        )
        if r.random() < 0.03:
            seen = dict.fromkeys(seen, 0)
        new = 0
        for bound in seen:
            new += r.randrange(3)
            seen[bound] += new
            counter(records, moment, float(seen[bound]), le=bound)

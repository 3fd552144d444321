"""The life of a school as a customer: lead, demo, pilot, contract; told before any vendor writes it down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import even
from kpi_pipeline.sandbox.world.days import DAY, day_code
from kpi_pipeline.sandbox.world.dgskills.holidays import REGIONS
from kpi_pipeline.sandbox.world.dgskills.scene import HOUR, WEEK, Scene

FOUNDERS = 14
A_WEEK = (0, 1, 1, 2, 2, 2, 2, 3)
SEGMENTS = ("VSO", "VMBO", "VMBO", "HAVO/VWO", "PO")
QUALIFIED, TO_PILOT, TO_CONTRACT = 0.9, 0.46, 0.5
PILOT_DAYS = 70
DRY_WEEKS = 4  # a stretch in which demos led to few pilots
HABITS = ("steady", "steady", "steady", "steady", "fading", "pausing")


@dataclass(frozen=True, slots=True)
class Life:
    """Dates are None for what never happens. `pilot_end` and `contract_end` are last days, both in it.

    `habit`: how its use goes on ("waiting": the first student comes 25 days after the go). `won`: None while undecided.
    """

    code: int
    name: str
    segment: str
    region: str
    created_at: datetime
    qualified_at: datetime | None
    demo_booked_at: datetime | None
    demo_at: datetime | None
    demo_fate: str
    go: date | None
    pilot_at: datetime | None
    pilot_end: date | None
    closed_at: datetime | None
    won: bool | None
    months: int
    yearly: int
    one_time: int
    live: date | None
    contract_end: date | None
    habit: str


def lives(scene: Scene) -> list[Life]:
    """Schools of the old address book first, already at the point of a pilot, then one or two a week."""
    found = [_founder(scene, number) for number in range(FOUNDERS)]
    for monday in scene.mondays():
        count = scene.stream("schools", monday).choice(A_WEEK)
        for index in range(count):
            code = day_code(monday) * 10 + index
            dry = timedelta() <= monday - _dry_from(scene) < DRY_WEEKS * WEEK
            found.append(_life(scene, monday, index, code, dry=dry))
    return found


def _dry_from(scene: Scene) -> date:
    """Fixed by the calendar, not by the anchor: from the first Monday of September on."""
    year = scene.last.year if scene.last.month > 9 else scene.last.year - 1
    first = date(year, 9, 1)
    return first + (-first.weekday() % 7) * DAY


def _founder(scene: Scene, number: int) -> Life:
    r = scene.stream("founder school", number)
    created = scene.starts_at + timedelta(hours=8, seconds=number)
    day = scene.first + timedelta(days=1 + number // 2)
    return _from_demo(scene, r, number + 1, created, created + HOUR, None, None, "none", day, number / FOUNDERS)


def _life(scene: Scene, monday: date, index: int, code: int, *, dry: bool) -> Life:
    r = scene.stream("school", monday, index)
    created = scene.office(monday + int(r.random() * 5) * DAY, r)
    qualified = created + timedelta(minutes=int(30 + r.random() * 8 * 1440)) if r.random() < QUALIFIED else None
    draw = even(scene.seed, "pilot", monday, index, 3)
    if qualified is None:
        return _from_demo(scene, r, code, created, None, None, None, "none", None, draw)
    booked = qualified + timedelta(minutes=int(20 + r.random() * 3 * 1440))
    demo = scene.office(scene.days.date_of(booked) + timedelta(days=3 + int(r.random() * 12)), r, 9, 16)
    demo = demo.replace(minute=demo.minute // 15 * 15, second=0, microsecond=0)
    fate = r.choices(("COMPLETED", "CANCELED", "NO_SHOW", "RESCHEDULED"), (82, 7, 4, 7))[0]
    held = demo if fate == "COMPLETED" else demo + WEEK if fate == "RESCHEDULED" else None
    go = None
    if held is not None and draw < (0.12 if dry else TO_PILOT):
        go = scene.days.date_of(held) + timedelta(days=3 + int(r.random() * 11))
    return _from_demo(scene, r, code, created, qualified, booked, demo, fate, go, draw)


def _from_demo(
    scene: Scene, r: Random, code: int, created: datetime, qualified: datetime | None, booked: datetime | None,
    demo: datetime | None, fate: str, go: date | None, draw: float,
) -> Life:  # fmt: skip
    pilot_at = pilot_end = closed = live = contract_end = None
    won: bool | None = None
    months, yearly, one_time = 12, 0, 0
    habit = HABITS[int(r.random() * len(HABITS))]
    if go is not None:
        pilot_at = scene.office(go + timedelta(days=int(r.random() * 6)), r, 8, 12)
        pilot_end = scene.days.date_of(pilot_at) + timedelta(days=PILOT_DAYS - 1)
        yearly = 2400 + 150 * int(r.random() * 40)
        one_time = r.choice((0, 500, 750, 1500))
        fortune = (draw * 7.3 + r.random() * 0.2) % 1.0
        decision = pilot_end + timedelta(days=-9 + int(r.random() * 14))
        if fortune < TO_CONTRACT:
            won, months = True, r.choice((12, 12, 12, 24, 36))
        elif fortune < TO_CONTRACT + 0.08:
            won, months = True, 6
        elif fortune < 0.88:
            won = False
        if won is not None:
            closed = scene.office(decision, r)
        if won and closed is not None:
            signed = scene.days.date_of(closed)
            live = signed + timedelta(days=4 + int(r.random() * 30))
            contract_end = signed + timedelta(days=months * 365 // 12 - 1)
        if habit == "steady" and r.random() < 0.09:
            habit = "waiting"
    elif qualified is not None and r.random() < 0.8:
        after = demo if demo is not None else qualified
        won, closed = False, scene.office(scene.days.date_of(after) + timedelta(days=15 + int(r.random() * 40)), r)
    return Life(
        code=code,
        name=f"{r.choice(('Scholengemeenschap', 'College', 'Lyceum', 'De'))} {r.choice(NAMES)} {code % 1000}",
        segment=SEGMENTS[int(r.random() * len(SEGMENTS))],
        region=REGIONS[int(r.random() * len(REGIONS))],
        created_at=created,
        qualified_at=qualified,
        demo_booked_at=booked,
        demo_at=demo,
        demo_fate=fate,
        go=go,
        pilot_at=pilot_at,
        pilot_end=pilot_end,
        closed_at=closed,
        won=won,
        months=months,
        yearly=yearly,
        one_time=one_time,
        live=live,
        contract_end=contract_end,
        habit=habit,
    )


NAMES = (
    "Mozaïek",
    "Vaart",
    "Linde",
    "Kompas",
    "Delta",
    "Meander",
    "Horizon",
    "Brug",
    "Rietveld",
    "Waterkant",
    "Esdoorn",
)

"""150 insurers and brokers and what they subscribe to: most were there in June 2025, others came later."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from kpi_pipeline.sandbox.world.inpact.offer import LEGACY, price_id
from kpi_pipeline.sandbox.world.inpact.scene import REFERENCE, STARTS, Scene
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline.sandbox.world.names import LAST
from kpi_pipeline.sandbox.world.subscribing import Account, Change, Desk, Life

BASE, NEW = 112, 38
INDEXED = datetime(2026, 1, 1, 6, tzinfo=UTC)
KINDS = ("Assuradeuren", "Verzekeringen", "Volmacht", "Advies", "Onderlinge")
Held = tuple[tuple[str, int], ...]  # (product, quantity)


@dataclass(frozen=True)
class Plan:
    """What a customer holds from when, until it leaves. `held` is in order of time, the first entry the start."""

    number: int
    interval: str
    held: tuple[tuple[datetime, Held], ...]
    ends: datetime | None = None
    part: str = ""


def organisation(number: int) -> int:
    return 8_900_000_000 + number * 41


def keys() -> list[str]:
    """The CRM's numbers of all customers."""
    return [str(organisation(number)) for number in range(BASE + NEW + 3)]


def fill(world: World, scene: Scene) -> None:
    desk = Desk(world, scene.seed, prefix="INP")
    for plan in [*_base(scene), *_new(scene), *_special(scene)]:
        if plan.held[0][0] < scene.horizon:
            desk.subscribe(_life(scene, plan))
    desk.finish()


def _moment(day: date, r: Random) -> datetime:
    return datetime.combine(day, time(7), UTC) + timedelta(seconds=int(r.random() * 36_000))


def _base(scene: Scene) -> list[Plan]:
    """Of the customers of June 2025 half still use a legacy product; each year a part of those moves on."""
    found = []
    for number in range(3, BASE):
        r = scene.stream("customer", number)
        start = _moment(STARTS + timedelta(days=int(r.random() * 100)), r)
        held: Held = ((r.choice(LEGACY if number % 2 else ("rpa", "awi_connect")), 4 + int(r.random() * 20)),)
        if r.random() < 0.4:
            held = (*held, ("hosting", 1 + int(r.random() * 4)))
        steps = [(start, held)]
        if number % 2 and r.random() < 0.62:
            at = _moment(REFERENCE + timedelta(days=20 + int(r.random() * 560)), r)
            steps.append((at, _moved(held, r)))
        elif r.random() < 0.55:
            at = _moment(REFERENCE + timedelta(days=5 + int(r.random() * 560)), r)
            steps.append((at, _grown(held, at, r)))
        ends = None
        if r.random() < 0.07:
            ends = _moment(REFERENCE + timedelta(days=30 + int(r.random() * 480)), r)
        found.append(Plan(number, "year" if r.random() < 0.6 else "month", tuple(steps), ends))
    return found


def _moved(held: Held, r: Random) -> Held:
    """From a legacy product to its successor: at least as much, sometimes with AI."""
    product, quantity = held[0]
    to = {"infofolio_classic": "iip", "awi_desktop": "awi_connect"}.get(product, r.choice(("rpa", "inpact_ai")))
    part = {"inpact_ai": 0.35, "rpa": 0.7}.get(to, 0.95)
    return ((to, max(1, round(quantity * part * (0.85 + 0.4 * r.random())))), *held[1:])


def _grown(held: Held, at: datetime, r: Random) -> Held:
    """More of the same, less of it, or an AI product beside it."""
    (product, quantity), draw = held[0], r.random()
    if draw < 0.22:
        return ((product, max(1, quantity - 1 - int(r.random() * 6))), *held[1:])
    if draw < 0.6 or at.date() < date(2025, 10, 1):
        return ((product, quantity + 1 + int(r.random() * 4)), *held[1:])
    return (*held, (r.choice(("iip", "inpact_ai")), 1 + int(r.random() * 3)))


def _new(scene: Scene) -> list[Plan]:
    """One every thirteen days, half of them for AI."""
    found = []
    for place in range(NEW):
        number = BASE + place
        r = scene.stream("customer", number)
        start = _moment(REFERENCE + timedelta(days=2 + place * 14), r)
        product = r.choice(("rpa", "awi_connect", "iip", "inpact_ai"))
        steps: list[tuple[datetime, Held]] = [(start, ((product, 1 + int(r.random() * 4)),))]
        ends = start + timedelta(days=200) if r.random() < 0.06 else None
        if r.random() < 0.3:
            at = _moment(start.date() + timedelta(days=40 + int(r.random() * 60)), r)
            steps.append((at, ((product, steps[0][1][0][1] + 2),)))
        found.append(Plan(number, "year" if r.random() < 0.5 else "month", tuple(steps), ends))
    return found


def _special(scene: Scene) -> list[Plan]:
    """Who left and came back, a group with two payers, an annual plan upgraded in mid-term, less AI, recent moves."""
    r = scene.stream("special customers")

    def at(day: date) -> datetime:
        return _moment(day, r)

    def ago(days: int) -> datetime:
        return at(scene.ago(days))

    away = Plan(0, "month", ((at(date(2025, 3, 10)), (("rpa", 11),)),), at(date(2025, 10, 10)))
    back = Plan(0, "month", ((ago(35), (("rpa", 4), ("inpact_ai", 1))),), part="again")
    former = Plan(1, "month", ((at(date(2025, 3, 4)), (("polisportaal", 5),)),), at(date(2025, 5, 20)))
    returned = Plan(1, "year", ((at(date(2026, 2, 17)), (("rpa", 3),)),), part="again")
    group = Plan(2, "year", ((at(date(2025, 4, 7)), (("infofolio_classic", 8),)),
                             (ago(66), (("iip", 6),))))  # fmt: skip
    daughter = Plan(2, "month", ((at(date(2025, 4, 21)), (("awi_desktop", 4),)),), ago(17), part="daughter")
    upgraded = Plan(BASE + NEW, "year", ((at(date(2025, 5, 6)), (("rpa", 5),)), (at(date(2025, 11, 18)), (("rpa", 9),)),
                                         (ago(48), (("rpa", 9), ("iip", 2)))))  # fmt: skip
    lost = Plan(BASE + NEW + 1, "month", ((at(date(2025, 3, 26)), (("schadeportaal", 7),)),), ago(74))
    pioneer = Plan(BASE + NEW + 2, "month", ((at(date(2025, 4, 15)), (("inpact_ai", 6),)),
                                             (ago(58), (("inpact_ai", 4),))))  # fmt: skip
    return [pioneer, away, back, former, returned, group, daughter, upgraded, lost]


def _life(scene: Scene, plan: Plan) -> Life:
    """The plan with the prices of the year: what is held at the turn of 2026 goes on at the indexed prices."""
    steps = [(when, held) for when, held in plan.held if plan.ends is None or when < plan.ends]
    first = steps[0][0]
    if first < INDEXED and (plan.ends is None or plan.ends > INDEXED):
        current = [each for when, each in steps if when < INDEXED][-1]
        steps = sorted([*steps, (INDEXED, current)], key=lambda step: step[0])
    items = [tuple((price_id(scene, product, plan.interval, 2025 if when < INDEXED else 2026), quantity)
                   for product, quantity in each) for when, each in steps]  # fmt: skip
    key = f"customer-{plan.number:03d}"
    name = f"{LAST[plan.number % len(LAST)]} {KINDS[plan.number % len(KINDS)]}"
    account = Account(key if plan.part != "daughter" else f"{key}-daughter", organisation(plan.number), name)
    life = Life(f"{key}-{plan.part}" if plan.part else key, account, first, items[0], ends=plan.ends)
    changes = tuple(Change(when, these) for (when, _), these in zip(steps[1:], items[1:], strict=True))
    return replace(life, changes=changes)

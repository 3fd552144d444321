"""Who subscribes to Inopsio: founders, direct buyers, trials, free accounts, and one of each unusual life."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from kpi_pipeline.sandbox.world.chance import token
from kpi_pipeline.sandbox.world.days import DAY, span
from kpi_pipeline.sandbox.world.inopsio.leads import Trial
from kpi_pipeline.sandbox.world.inopsio.scene import Scene, between
from kpi_pipeline.sandbox.world.model import Coupon, Price, Product, World
from kpi_pipeline.sandbox.world.subscribing import Account, Desk, Life, Offer, Rates, live, special_lives

FOUNDERS = 118
TRIAL_DAYS = 14
PAYS_AFTER_TRIAL = 0.30
HOUR = timedelta(hours=1)
# name: (product, minor units, currency, interval)
PRICES = {
    "free": ("core", 0, "usd", "month"),
    "starter": ("core", 9_900, "usd", "month"),
    "team": ("core", 24_900, "usd", "month"),
    "business": ("core", 59_000, "usd", "month"),
    "starter_year": ("core", 99_000, "usd", "year"),
    "business_year": ("core", 590_000, "usd", "year"),
    "team_eur": ("core", 22_900, "eur", "month"),
    "security": ("inosec", 9_000, "usd", "month"),
}
PRODUCTS = {"core": ("Inopsio", "Core"), "inosec": ("InoSec", "Security")}
COUPONS = {
    "LAUNCH20": (Decimal(20), None, "repeating", 3),
    "PARTNER10": (Decimal(10), None, "forever", None),
    "ONCE50": (Decimal(50), None, "once", None),
}
LADDER = ("starter", "team", "business")


def fill(world: World, scene: Scene, trials: list[Trial]) -> None:
    opened = scene.starts_at - 200 * DAY
    world.products += [
        Product(token("prod_", scene.seed, name), title, True, opened, {"group": group})
        for name, (title, group) in PRODUCTS.items()
    ]
    world.prices += [
        Price(price_id(scene, name), token("prod_", scene.seed, product), currency, str(minor), "recurring",
              interval, 1, opened)
        for name, (product, minor, currency, interval) in PRICES.items()
    ]  # fmt: skip
    world.coupons += [
        Coupon(name, opened, percent, amount, None, duration, months)
        for name, (percent, amount, duration, months) in COUPONS.items()
    ]
    desk = Desk(world, scene.seed, rates={"eur": Decimal("1.10")}, prefix="INO")
    for life in [*_founders(world, scene), *_direct(world, scene), *_tried(world, scene, trials), *_free(scene)]:
        desk.subscribe(life)
    for life in [*_unusual(scene), *special_lives(world, scene.seed, _offer(scene))]:
        desk.subscribe(life)
    desk.finish()


def price_id(scene: Scene, name: str) -> str:
    return token("price_1", scene.seed, name)


def _one(scene: Scene, name: str, quantity: int = 1) -> tuple[tuple[str, int | None], ...]:
    return ((price_id(scene, name), quantity),)


def _chance(world: World, scene: Scene, life: Life, *, churn: float) -> list[Life]:
    """What becomes of a life: most stay, some grow, some leave, and a few of those return."""
    ladder = tuple(price_id(scene, name) for name in LADDER)
    in_ladder = life.items[0][0] in ladder
    return live(world, scene.seed, life, Rates(churn=churn, expand=0.05, lapse=0), ladder=ladder if in_ladder else ())


def _founders(world: World, scene: Scene) -> list[Life]:
    """Moved over from the old biller in the first days."""
    found = []
    for number in range(FOUNDERS):
        r = scene.stream("founder", number)
        account = Account(f"founder-{number:03d}", country="US", name=f"Founder {number:03d} Inc")
        names = ("starter", "team", "team", "business", "starter_year", "team_eur")
        name = names[int(r.random() * len(names))]
        starts = scene.starts_at + between(r, HOUR, 20 * DAY)
        coupon = "PARTNER10" if r.random() < 0.08 else None
        found += _chance(world, scene, Life(f"founder-{number:03d}", account, starts, _one(scene, name), coupon=coupon),
                         churn=0.038)  # fmt: skip
    return found


def _direct(world: World, scene: Scene) -> list[Life]:
    """Buyers without a trial: one every five days."""
    found = []
    for day in span(scene.opening + 25 * DAY, scene.last):
        r = scene.stream("direct", day)
        if r.random() < 0.2:
            account = Account(f"direct-{day}", country="US", name=f"Buyer {day} LLC")
            starts = scene.days.at(day, int((8 + 10 * r.random()) * 3600))
            name = ("starter", "team", "business", "business_year")[int(r.random() * 4)]
            coupon = "LAUNCH20" if r.random() < 0.15 else None
            life = Life(f"direct-{day}", account, starts, _one(scene, name), coupon=coupon)
            found += _chance(world, scene, life, churn=0.045)
    return found


def _tried(world: World, scene: Scene, trials: list[Trial]) -> list[Life]:
    """Trials of leads, and of visitors who never spoke to sales; three in ten pay when it ends."""
    found = []
    walk_ins = [
        Trial(f"walk-in-{day}", 9_700_000_000 + day.toordinal(), scene.days.at(day, 36_000))
        for day in scene.all_days()
        if scene.stream("walk-in", day).random() < 0.22
    ]
    seen: set[int] = set()
    for trial in [*trials, *walk_ins]:
        if trial.at >= scene.horizon or trial.organisation_id in seen:
            continue
        seen.add(trial.organisation_id)
        r = scene.stream("trial", trial.key)
        pays = r.random() < PAYS_AFTER_TRIAL
        account = Account(trial.key, trial.organisation_id, name=f"Tenant {trial.key}", country="US")
        life = Life(trial.key, account, trial.at.replace(microsecond=0), _one(scene, LADDER[int(r.random() * 2)]),
                    trial_days=TRIAL_DAYS, lapses=not pays)  # fmt: skip
        found += _chance(world, scene, life, churn=0.05) if pays else [life]
        if not pays and r.random() < 0.08:  # tries again two months later: a repeat, which counts once
            again = life.starts + 60 * DAY
            if again < scene.horizon:
                found.append(
                    Life(
                        f"{trial.key}-again", account, again, life.items, trial_days=TRIAL_DAYS, lapses=r.random() < 0.5
                    )
                )
    return found


def _free(scene: Scene) -> list[Life]:
    """Free accounts: one every six days. One in five moves to a paid plan after some weeks, some just stop."""
    found = []
    for day in span(scene.opening + 10 * DAY, scene.last):
        r = scene.stream("free", day)
        if r.random() < 0.17:
            starts = scene.days.at(day, int((8 + 12 * r.random()) * 3600))
            found += _freemium(scene, f"free-{day}", starts, r.random(), int(5 + r.random() * 120))
    first = date(scene.anchor.year, scene.anchor.month, 1) - 40 * DAY
    # Exactly 90 days and a second more after the start of the free plan.
    found += _freemium(scene, "free-90", scene.days.at(first - 90 * DAY, 40_000), 0.0, 90)
    found += _freemium(scene, "free-90-late", scene.days.at(first - 90 * DAY, 39_000), 0.0, 90, seconds=1)
    return found


def _freemium(scene: Scene, key: str, starts: datetime, draw: float, days: int, seconds: int = 0) -> list[Life]:
    account = Account(key, country="US", name=f"Account {key}")
    ends = starts + timedelta(days=days, seconds=seconds) if draw < 0.45 else None
    free = Life(key, account, starts, _one(scene, "free"), ends=ends)
    if ends is None or draw >= 0.25 or ends >= scene.horizon:
        return [free]
    stops = ends + 100 * DAY if draw > 0.2 else None
    return [free, Life(f"{key}-paid", account, ends, _one(scene, "starter"), ends=stops)]


def _unusual(scene: Scene) -> list[Life]:
    """Left and returned, in one month and over two; paid for a module more; a free plan beside a paid one."""
    mid = scene.ago(75).replace(hour=10)
    back = Account("leaves-and-returns", country="US", name="Boomerang Inc")
    quick = Account("back-within-the-month", country="US", name="Hesitant Inc")
    within = scene.days.at(scene.ago(40).date().replace(day=5), 36_000)
    grows = Account("adds-a-module", country="US", name="Growing Inc")
    both = Account("free-beside-paid", country="US", name="Two Plans Inc")
    start = scene.starts_at + 3 * DAY
    return [
        Life("leaves", back, start, _one(scene, "business"), ends=mid),
        Life("returns", back, mid + 40 * DAY, _one(scene, "team")),
        Life("hesitates", quick, start, _one(scene, "team"), ends=within),
        Life("hesitated", quick, within + 6 * DAY, _one(scene, "team")),
        Life("module", grows, start, (*_one(scene, "business"), *_one(scene, "security", 2))),
        Life("paid-beside", both, scene.ago(120), _one(scene, "starter"), ends=scene.ago(20)),
        Life("free-beside", both, scene.ago(130), _one(scene, "free")),
    ]


def _offer(scene: Scene) -> Offer:
    return Offer(
        month=price_id(scene, "starter"),
        plus_month=price_id(scene, "team"),
        month2=price_id(scene, "security"),
        year=price_id(scene, "starter_year"),
        plus_year=price_id(scene, "business_year"),
        percent_once="ONCE50",
        percent_repeating="LAUNCH20",
        percent_forever="PARTNER10",
    )

"""Who tries and buys the product: founders, trials and direct buyers, with the lives of their subscriptions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from kpi_pipeline.sandbox.world.chance import token
from kpi_pipeline.sandbox.world.datainsight_pro.scene import Scene, between
from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.model import Coupon, Organisation, Price, Product, World
from kpi_pipeline.sandbox.world.names import business
from kpi_pipeline.sandbox.world.subscribing import Account, Change, Desk, Life, Offer, Rates, live, special_lives

FIRST_ORGANISATION = 7_700_000_000
FOUNDERS = 74
TRIAL_DAYS = 14
LAPSES = 0.77
TRIALS_A_DAY = (0.75, 2.35)  # at the start and two years later, on weekdays
GROWS_FOR_DAYS = 750
HOUR = timedelta(hours=1)
# name: (product, minor units a seat, currency, interval)
PRICES = {
    "team": ("team", 4_900, "usd", "month"),
    "business": ("business", 8_900, "usd", "month"),
    "enterprise": ("enterprise", 14_900, "usd", "month"),
    "business_year": ("business", 89_000, "usd", "year"),
    "enterprise_year": ("enterprise", 149_000, "usd", "year"),
    "business_eur": ("business", 8_200, "eur", "month"),
    "business_gbp": ("business", 7_200, "gbp", "month"),
}
PRODUCTS = {"team": "Team", "business": "Business", "enterprise": "Enterprise"}
LADDER = ("team", "business", "enterprise")
COUPONS = {
    "WELCOME25": (Decimal(25), "repeating", 3),
    "PARTNER10": (Decimal(10), "forever", None),
    "ONCE50": (Decimal(50), "once", None),
}


@dataclass(slots=True)
class Tenant:
    """A customer's workspace. `spans` are the stretches in which its people can log in; `paid_at` the first payment
    due."""

    number: int
    name: str
    domain: str
    country: str
    signed_up_at: datetime
    seats: int
    spans: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    paid_at: datetime | None = None

    @property
    def account_id(self) -> str:
        return f"acc-{self.number:04d}"

    @property
    def organisation_id(self) -> int:
        return FIRST_ORGANISATION + self.number * 41


def offer(world: World, scene: Scene) -> None:
    """The price list."""
    opened = scene.starts_at - 100 * DAY
    world.products += [
        Product(token("prod_", scene.seed, name), label, True, opened, {"group": label})
        for name, label in PRODUCTS.items()
    ]
    world.prices += [
        Price(price_id(scene, name), token("prod_", scene.seed, product), currency, str(minor), "recurring", interval,
              1, opened)
        for name, (product, minor, currency, interval) in PRICES.items()
    ]  # fmt: skip
    world.coupons += [
        Coupon(name, opened, percent, None, None, duration, months)
        for name, (percent, duration, months) in COUPONS.items()
    ]


def price_id(scene: Scene, name: str) -> str:
    return token("price_1", scene.seed, name)


def fill(world: World, scene: Scene) -> list[Tenant]:
    """Subscribe everybody; the tenants, in order of signing up."""
    desk = Desk(world, scene.seed, rates={"eur": Decimal("1.12"), "gbp": Decimal("1.30")}, prefix="DIP")
    found = []
    for number, (origin, signed_up_at) in enumerate(_arrivals(scene)):
        r = scene.stream("tenant", number)
        tenant = _tenant(number, signed_up_at, r)
        for life in _lives(world, scene, tenant, origin, r):
            subscription = desk.subscribe(life)
            tenant.spans.append((life.starts, subscription.ended_at))
            starts = life.starts + timedelta(days=life.trial_days)
            if not life.lapses and (tenant.paid_at is None or starts < tenant.paid_at):
                tenant.paid_at = starts
        found.append(tenant)
    for life in [*_unusual(scene, found), *special_lives(world, scene.seed, _offer(scene, found))]:
        desk.subscribe(life)
    desk.finish()
    world.organisations += [_organisation(scene, tenant) for tenant in found]
    return found


def _arrivals(scene: Scene) -> list[tuple[str, datetime]]:
    """Founders within the first three weeks, then trials that become more, and a direct buyer every ten days."""
    found = [
        ("founder", scene.starts_at + between(scene.stream("founder", n), HOUR, 20 * DAY)) for n in range(FOUNDERS)
    ]
    for day in scene.all_days():
        found += [("trial", at) for at in _trials(scene, day)]
        r = scene.stream("direct", day)
        if r.random() < 0.1:
            found.append(("direct", scene.days.at(day, int((8 + 10 * r.random()) * 3600))))
    return sorted(found, key=lambda arrival: arrival[1])


def _trials(scene: Scene, day: date) -> list[datetime]:
    r = scene.stream("trials", day)
    grown = (day - scene.first).days / GROWS_FOR_DAYS
    expected = (TRIALS_A_DAY[0] + (TRIALS_A_DAY[1] - TRIALS_A_DAY[0]) * grown) * (1.0 if day.weekday() < 5 else 0.35)
    count = int(expected) + (r.random() < expected % 1)
    return sorted(scene.days.at(day, int((6 + 15 * r.random()) * 3600)) for _ in range(count))


def _tenant(number: int, signed_up_at: datetime, r: Random) -> Tenant:
    name, domain = business(r)
    country = "GB" if number % 17 == 5 else "DE" if number % 13 == 4 else "US"
    seats = 3 + int(16 * r.random() ** 1.6)
    return Tenant(number, f"{name} {number}", domain.replace("example.nl", "example.com"), country, signed_up_at, seats)


def _account(tenant: Tenant) -> Account:
    return Account(tenant.account_id, tenant.organisation_id, tenant.name, tenant.country)


def _lives(world: World, scene: Scene, tenant: Tenant, origin: str, r: Random) -> list[Life]:
    """What becomes of an arrival: most trials lapse; some of those try again, or buy weeks later after all."""
    plan = _plan(tenant, origin, r)
    coupon = "PARTNER10" if origin == "founder" and r.random() < 0.1 else "WELCOME25" if r.random() < 0.06 else None
    life = Life(tenant.account_id, _account(tenant), tenant.signed_up_at, ((price_id(scene, plan), tenant.seats),),
                coupon=coupon, metadata={"account_id": tenant.account_id})  # fmt: skip
    rates = Rates(churn=0.016, expand=0.035, lapse=LAPSES)
    if origin != "trial":
        return _course(world, scene, life, rates)
    life = replace(life, trial_days=TRIAL_DAYS)
    draw = r.random()
    if draw < 0.04:  # the first payment comes after three weeks: too late for the cohort
        return [replace(life, late=((life.starts + TRIAL_DAYS * DAY, 21),))]
    found = _course(world, scene, life, rates)
    if found[0].lapses and draw > 0.93 and (again := life.starts + between(r, 30 * DAY, 90 * DAY)) < scene.horizon:
        repeated = replace(
            life, key=f"{life.key}-2", starts=again, coupon=None, trial_days=TRIAL_DAYS if draw > 0.96 else 0
        )
        found += _course(world, scene, repeated, replace(rates, lapse=0.5))
    return found


def _plan(tenant: Tenant, origin: str, r: Random) -> str:
    if tenant.country != "US":
        return {"GB": "business_gbp", "DE": "business_eur"}[tenant.country]
    draw = r.random()
    if origin != "trial" and draw < 0.25:
        return "business_year" if draw < 0.17 else "enterprise_year"
    return "team" if draw < 0.5 else "business" if draw < 0.86 else "enterprise"


def _course(world: World, scene: Scene, life: Life, rates: Rates) -> list[Life]:
    ladder = tuple(price_id(scene, name) for name in LADDER)
    return live(world, scene.seed, life, rates, ladder=ladder if life.items[0][0] in ladder else ())


def _unusual(scene: Scene, tenants: list[Tenant]) -> list[Life]:
    """Left and returned over two months and within one; a parent with two customers at the biller; an annual plan
    that is upgraded half-way; customers who left with the outage."""
    start = scene.starts_at + 5 * DAY
    mid = scene.ago(75, 10.0)
    within = scene.days.at(scene.ago(45).date().replace(day=4), 36_000)
    back = Account("di-boomerang", None, "Boomerang Analytics Inc", "US")
    quick = Account("di-hesitant", None, "Hesitant Metrics Inc", "US")
    parent = tenants[3].organisation_id
    annual = Account("di-annual", None, "Annual Figures Inc", "US")
    ten = ((price_id(scene, "business"), 10),)
    year, more = ((price_id(scene, "business_year"), 8),), ((price_id(scene, "enterprise_year"), 12),)
    gone = [
        Life(f"di-outage-{n}", Account(f"di-outage-{n}", None, f"Left {n} Inc", "US"), start,
             ((price_id(scene, "business"), 4 + n),), ends=scene.outage.replace(microsecond=0) + (n + 1) * 20 * HOUR)
        for n in range(5)
    ]  # fmt: skip
    return [
        Life("di-leaves", back, start, ten, ends=mid),
        Life("di-returns", back, mid + 40 * DAY, ((price_id(scene, "team"), 6),)),
        Life("di-hesitates", quick, start, ten, ends=within),
        Life("di-hesitated", quick, within + 9 * DAY, ten),
        Life("di-parent-east", Account("di-parent-east", parent, "Parent East", "US"), start + DAY, ten),
        Life("di-parent-west", Account("di-parent-west", parent, "Parent West", "US"), start + 200 * DAY, ten,
             ends=scene.ago(60, 12.0)),
        Life("di-annual", annual, start, year, changes=(Change(scene.ago(140, 12.0), more, invoice_now=True),)),
        *gone,
    ]  # fmt: skip


def _offer(scene: Scene, tenants: list[Tenant]) -> Offer:
    names = {"month": "team", "plus_month": "business", "year": "business_year", "plus_year": "enterprise_year",
             "gbp": "business_gbp"}  # fmt: skip
    return Offer(
        **{role: price_id(scene, name) for role, name in names.items()},
        percent_once="ONCE50",
        percent_repeating="WELCOME25",
        percent_forever="PARTNER10",
        parent_organisation_id=tenants[8].organisation_id,
    )


def _organisation(scene: Scene, tenant: Tenant) -> Organisation:
    created = max(scene.starts_at, tenant.signed_up_at - HOUR)
    lifecycle = [("lead", created)]
    if tenant.paid_at is not None:
        lifecycle.append(("customer", max(created + HOUR, tenant.paid_at)))
    return Organisation(
        id=tenant.organisation_id,
        name=tenant.name,
        domain=tenant.domain,
        industry="COMPUTER_SOFTWARE",
        city="Denver",
        created_at=created,
        lifecycle=tuple(lifecycle),
        modified=tuple(at for _, at in lifecycle),
    )

"""What Mister DJ sells: packages and extras as billed products, and what one customer orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from random import Random

from kpi_pipeline.sandbox.world.chance import token
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene
from kpi_pipeline.sandbox.world.model import Coupon, Person, Price, Product

OCCASIONS = ("wedding", "wedding", "wedding", "company party", "company party", "birthday", "festival", "school party")
PACKAGE_MEAN = {"wedding": 1560, "company party": 1830, "birthday": 1300, "festival": 2050, "school party": 1380}
PRODUCTS = {
    "dj_set": ("DJ-set", "service"),
    "light_sound": ("Licht en geluid", "service"),
    "extra_hour": ("Extra uur", "service"),
    "photo_booth": ("Photobooth", "service"),
    "tip": ("Fooi voor de DJ", "tip"),
    "venue_deposit": ("Borg locatie (doorbelast)", "pass_through"),
    "club": ("Mister DJ Club", "membership"),
    "club_plus": ("Mister DJ Club Plus", "membership"),
}
PRICES = {  # name: (product, minor units, interval)
    "dj_set": ("dj_set", 150_000, None),
    "extra_hour": ("extra_hour", 17_500, None),
    "photo_booth": ("photo_booth", 35_000, None),
    "club_month": ("club", 1_500, "month"),
    "club_year": ("club", 15_000, "year"),
    "club_plus_month": ("club_plus", 2_900, "month"),
}
COUPONS = {"WELCOME20": (20, "repeating", 3), "EARLYBIRD10": (10, "once", None)}
VAT_PERCENT = 21
UNTAXED = ("tip", "venue_deposit")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an order, in minor units of the order's currency, excl. VAT; `discount` is part of `amount`."""

    product: str
    amount: int
    quantity: int
    discount: int


@dataclass(frozen=True, slots=True)
class Contract:
    """A signed booking: from here on billing and surveys take over. `key` names its random streams."""

    key: tuple[object, ...]
    booking_id: str
    lead_id: int | None
    organisation_id: int | None
    person: Person
    signed_at: datetime
    event_day: date
    currency: str
    items: tuple[Item, ...]


def order(r: Random, occasion: str, *, currency: str, factor: float) -> tuple[Item, ...]:
    """A package, extras in some cases, and lines that are not revenue: tips and deposits passed on to the venue."""
    share = 0.0 if r.random() > 0.12 else 0.05 + 0.10 * r.random()

    def item(product: str, euros: float, quantity: int = 1) -> Item:
        amount = max(5, round(euros / 5) * 5) * 100 * quantity
        return Item(product, amount, quantity, 0 if product in UNTAXED else round(amount * share))

    mean = PACKAGE_MEAN[occasion] * factor * (0.86 if currency == "gbp" else 1.0)
    items = [item("dj_set", r.gauss(mean, mean * 0.13))]
    if r.random() < 0.45:
        items.append(item("light_sound", r.gauss(480, 90) * factor))
    if r.random() < 0.35:
        items.append(item("extra_hour", 175, 1 + int(r.random() * 2)))
    if r.random() < 0.15:
        items.append(item("photo_booth", 350))
    if r.random() < 0.08:
        items.append(item("tip", 25 + 75 * r.random()))
    if r.random() < 0.06:
        items.append(item("venue_deposit", 250 + 500 * r.random()))
    return tuple(items)


def product_id(seed: int, name: str) -> str:
    return token("prod_", seed, "product", name)


def price_id(seed: int, name: str) -> str:
    return token("price_1", seed, "price", name)


def products(scene: Scene) -> list[Product]:
    return [
        Product(product_id(scene.seed, name), label, True, scene.starts_at, {"category": category})
        for name, (label, category) in PRODUCTS.items()
    ]


def prices(scene: Scene) -> list[Price]:
    return [
        Price(
            id=price_id(scene.seed, name),
            product_id=product_id(scene.seed, product),
            currency="eur",
            unit_amount_decimal=str(amount),
            type="recurring" if interval else "one_time",
            interval=interval,
            interval_count=1 if interval else None,
            created_at=scene.starts_at,
        )
        for name, (product, amount, interval) in PRICES.items()
    ]


def coupons(scene: Scene) -> list[Coupon]:
    return [
        Coupon(name, scene.starts_at, Decimal(percent), None, None, duration, months)
        for name, (percent, duration, months) in COUPONS.items()
    ]

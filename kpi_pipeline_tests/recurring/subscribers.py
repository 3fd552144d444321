"""A company with every kind of subscription, served by the sandbox, and its landing as a pipeline would have it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.landing.page import Window
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.world.model import Coupon, FxRate, Price, Product, TaxRate, World
from kpi_pipeline.sandbox.world.subscribing import Account, Desk, Life, Offer, Rates, live, special_lives
from kpi_pipeline_tests.connectors.wire import wired

ANCHOR = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
STARTS = datetime(2024, 10, 1, tzinfo=UTC)
ZONE = "Europe/Amsterdam"
MANY = Limit(10**6, 1.0)
STREAMS = (
    "subscriptions",
    "subscription_items",
    "subscription_events",
    "customers",
    "products",
    "prices",
    "coupons",
    "discounts",
    "tax_rates",
    "invoices",
    "invoice_lines",
    "invoice_items",
    "invoice_discounts",
)
PARENT = 8_800_000_037


def build(anchor: date = ANCHOR, seed: int = 7, arrivals: int = 60) -> World:
    """Special lives of all kinds and some drawn ones, over 25 months."""
    horizon = datetime.combine(anchor + timedelta(days=45), time(), UTC)
    world = World("mister_dj", seed, anchor, ZONE, "EUR", STARTS, horizon)
    for name, group in (("Portal", "ai"), ("Connect", "ai"), ("Archive", "legacy")):
        world.products.append(Product(f"prod_{name}", name, True, STARTS, {"group": group}))

    def price(name: str, amount: str | None, interval: str, product: str = "Portal", **more: Any) -> str:
        world.prices.append(
            Price(name, f"prod_{product}", more.pop("currency", "eur"), amount, "recurring", interval,
                  more.pop("count", 1), STARTS, **more)
        )  # fmt: skip
        return name

    world.tax_rates.append(TaxRate("txr_nl", STARTS, "btw", "NL", Decimal(21), inclusive=True))
    world.coupons += [
        Coupon("ONCE50", STARTS, Decimal(50), None, None, "once"),
        Coupon("START20", STARTS, Decimal(20), None, None, "repeating", 3),
        Coupon("FRIENDS", STARTS, Decimal("12.5"), None, None, "forever"),
        Coupon("TENNER", STARTS, None, 1000, "eur", "forever"),
    ]
    offer = Offer(
        month=price("month", "2500", "month"),
        plus_month=price("plus", "4900", "month", "Connect"),
        month2=price("archive", "1333", "month", "Archive"),
        year=price("year", "25000", "year"),
        plus_year=price("plus_year", "49000", "year", "Connect"),
        week=price("week", "700", "week"),
        day=price("day", "99.5", "day"),
        quarter=price("quarter", "6000", "month", count=3),
        tiers=price("tiers", None, "month", billing_scheme="tiered", tiers=((10, 500), (30, 450), (None, 399))),
        usd=price("dollars", "3000", "month", currency="usd"),
        gbp=price("pounds", "2500", "month", "Archive", currency="gbp"),
        jpy=price("yen", "5000", "month", currency="jpy"),
        inclusive=price("inclusive", "1999", "month", tax_behavior="inclusive"),
        metered=price("metered", "2.5", "month", usage_type="metered"),
        percent_once="ONCE50",
        percent_repeating="START20",
        percent_forever="FRIENDS",
        amount_forever="TENNER",
        parent_organisation_id=PARENT,
        tax_rate_id="txr_nl",
    )
    world.fx_rates += rates(STARTS.date() - timedelta(days=60), horizon.date())
    desk = Desk(world, seed, rates={"usd": Decimal("0.9"), "gbp": Decimal("1.15"), "jpy": Decimal("0.006")})
    for life in special_lives(world, seed, offer):
        desk.subscribe(life)
    fates = Rates(churn=0.03, expand=0.06, contract=0.03, upgrade=0.03, pause=0.02, late=0.05, never_pays=0.005)
    for number in range(arrivals):
        starts = STARTS + timedelta(days=9 * number, seconds=30_000 + 37 * number)
        first = ("month", "year", "dollars")[number % 3]
        arrival = Life(
            f"arrival-{number}",
            Account(f"arrival-{number}", organisation_id=PARENT + 1 + number // 2 if number % 4 < 2 else None),
            starts,
            ((first, 1 + number % 7),),
            trial_days=14 if number % 4 == 0 else 0,
            coupon="START20" if number % 5 == 0 else None,
        )
        for life in live(world, seed, arrival, fates, ("year", "plus_year") if first == "year" else ("month", "plus")):
            desk.subscribe(life)
    desk.finish()
    return world


def rates(first: date, last: date) -> list[FxRate]:
    """Fixings on working days that move a little every day."""
    found = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day.weekday() < 5:
            for currency, level in (("USD", "1.1"), ("GBP", "0.86"), ("JPY", "162")):
                moved = Decimal(level) * (1000 + (number * 7) % 61) / 1000
                published = datetime.combine(day, time(15), UTC)
                found.append(FxRate(day, currency, moved.quantize(Decimal("0.0001")), published))
    return found


@dataclass(frozen=True)
class Settings:
    settings: dict[str, Any]


@dataclass(frozen=True)
class Company:
    id: str = "mister_dj"
    zone: str = ZONE
    currency: str = "EUR"
    sources: dict[str, Settings] = field(
        default_factory=lambda: {
            "stripe": Settings({"company_metadata": "organisation_id", "product_group_metadata": "group"}),
            "registers": Settings({}),
        }
    )


def land(world: World, folder: Path, now: datetime = NOW, streams: Iterable[str] = STREAMS) -> Landing:
    """Everything that Stripe shows of the world at `now`, and the rates, loaded once into a landing of their own."""
    landing = Landing(folder / "landing")
    for vendor, names in (("stripe", tuple(streams)), ("registers", ("fx_rates",))):
        settings: dict[str, Any] = {"requests_per_second": 10**6} if vendor == "stripe" else {"files": ["fx_rates"]}
        limits = {"account": MANY, "endpoint": MANY} if vendor == "stripe" else None
        with wired(vendor, world, folder, settings, now=lambda: now, limits=limits) as wire:
            for name in names:
                stream = wire.stream(name)
                window = Window(datetime(2020, 1, 1, tzinfo=UTC), now)
                reading = wire.connector.read(stream, window)
                landing.load(
                    "mister_dj",
                    stream.model,
                    reading,
                    run_id=f"{now:%Y%m%dT%H%M}-{name}",
                    window=window,
                    proof=lambda reading=reading: reading.proof,
                    kind="live",
                    api_version=wire.connector.api_version,
                    month_zone=ZoneInfo(ZONE),
                    now=now,
                    salt="salt",
                    snapshot=stream.read == "snapshot",
                )
    return landing

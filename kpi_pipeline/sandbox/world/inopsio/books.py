"""The ledger: revenue, the cost of delivering it, sales and marketing; and the ECB's rates."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import holidays

from kpi_pipeline.sandbox.world.chance import stream
from kpi_pipeline.sandbox.world.days import month_start, span
from kpi_pipeline.sandbox.world.inopsio.scene import Scene
from kpi_pipeline.sandbox.world.model import FxRate, LedgerEntry, World

FRANKFURT = ZoneInfo("Europe/Berlin")
RATES = {"USD": (1.128, 0.035, "0.0001"), "GBP": (0.862, 0.012, "0.00001"), "JPY": (163.0, 4.0, "0.01")}
ENTERED_BY = "finance-officer@inopsio.example"
# category: (kind, day of the month, amount, currency); the agency and a part of the hosting are billed in euro.
COSTS = {
    "ads": ("outflow", "sales_marketing", 12, 3_600, "USD"),
    "agency": ("outflow", "sales_marketing", 20, 1_400, "EUR"),
    "sales payroll": ("outflow", "sales_marketing", 25, 2_300, "USD"),
    "hosting": ("outflow", "cogs", 3, 9_800, "USD"),
    "hosting eu": ("outflow", "cogs", 3, 3_100, "EUR"),
    "support payroll": ("outflow", "cogs", 25, 6_500, "USD"),
    "rent": ("outflow", "rent", 1, 8_000, "USD"),
}


def fill(world: World, scene: Scene) -> None:
    begin = month_start(scene.first, -4)
    for day in span(begin, scene.last):
        for name, (kind, category, due, amount, currency) in COSTS.items():
            if day.day == due:
                _enter(world, scene, day, name, kind, category, amount, currency)
        if day.day in (10, 28):
            months = (day.year - begin.year) * 12 + day.month - begin.month
            _enter(world, scene, day, "subscriptions", "inflow", "revenue", 34_000 + 900 * months, "USD")
        if day.day == 18 and day.month % 3 == 0:
            _enter(world, scene, day, "fair", "outflow", "sales_marketing", 1_400, "USD")
        if day.weekday() == 0:
            _enter(world, scene, day, "bank", "balance", "cash", 410_000, "USD")
    world.fx_rates += _rates(scene)


def _enter(
    world: World, scene: Scene, day: date, name: str, kind: str, category: str, amount: float, currency: str
) -> None:
    """The invoice of last month's sales payroll always comes in late: the register is delivered on the third."""
    r = scene.stream("ledger", name, day)
    late = timedelta(days=9) if name == "sales payroll" else timedelta(days=4) if r.random() < 0.03 else timedelta()
    world.ledger.append(
        LedgerEntry(
            id=f"L-{day:%Y%m%d}-{name.replace(' ', '-')}",
            day=day,
            account="US01 operating",
            kind=kind,
            category=category,
            amount=Decimal(round(amount * (0.94 + 0.12 * r.random()) * 100)) / 100,
            currency=currency,
            one_off=False,
            restricted=False,
            entered_by=ENTERED_BY,
            entered_at=scene.days.at(day, 10 * 3600 + int(r.random() * 3600)) + late,
        )
    )


def _rates(scene: Scene) -> list[FxRate]:
    """One rate a currency and TARGET day, a slow wave with a little noise."""
    begin = month_start(scene.opening, -1)
    closed = holidays.financial_holidays("XECB", years=range(begin.year, scene.last.year + 1))
    found = []
    for day in span(begin, scene.last):
        if day.weekday() >= 5 or day in closed:
            continue
        published = datetime.combine(day, time(16), FRANKFURT).astimezone(UTC)
        for currency, (level, swing, step) in RATES.items():
            noise = stream(scene.seed, "rate", currency, day).gauss(0, swing / 12)
            rate = level + swing * math.sin(day.toordinal() / 47 + len(currency)) + noise
            found.append(FxRate(day, currency, Decimal(str(rate)).quantize(Decimal(step)), published))
    return found

"""What Finance keeps in registers: the ledger, and the ECB's reference rates."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import holidays

from kpi_pipeline.sandbox.world.chance import stream
from kpi_pipeline.sandbox.world.days import month_start, span
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene
from kpi_pipeline.sandbox.world.model import FxRate, LedgerEntry, World

LEDGER_MONTHS_BEFORE = 4
OPERATIONAL, VAT_RESERVE = "NL01 zakelijk", "NL02 btw-reserve"
CASH, CASH_SWING = 1_285_000, 95_000
CASH_BEFORE, CASH_LEAN = 1_480_000, 900_000  # before the lean months, and in them
COSTS = {  # category: (day of month, euros)
    "rent": (1, 7_800),
    "software": (3, 5_400),
    "marketing": (12, 21_500),
    "debt_service": (15, 6_200),
    "dj_fees": (20, 92_000),
    "equipment": (22, 11_500),
    "payroll": (25, 81_000),
    "tax": (28, 12_600),
}
ONE_OFFS = {1: ("new van", 38_500), 6: ("settlement", 22_000), 12: ("loudspeakers", 54_000)}  # by month of history
RATES = {"GBP": (0.862, 0.012, "0.00001"), "USD": (1.128, 0.035, "0.0001")}
FRANKFURT = ZoneInfo("Europe/Berlin")
ENTERED_BY = "h.smit@example.nl"


def fill(world: World, scene: Scene) -> None:
    begin = month_start(scene.first, -LEDGER_MONTHS_BEFORE)
    for day in span(begin, scene.last):
        if day.weekday() == 0:
            _balances(world, scene, day)
        _costs(world, scene, day)
    world.fx_rates += _rates(scene, begin)


def _balances(world: World, scene: Scene, day: date) -> None:
    r = scene.stream("balance", day)
    year = 2 * math.pi * day.timetuple().tm_yday / 365
    lean_from, lean_until = scene.story.lean_months
    level = CASH_BEFORE if day < lean_from else CASH_LEAN if day <= lean_until else CASH
    cash = level + (CASH_SWING * math.sin(year - 0.6) if level == CASH else 0) + r.gauss(0, 9_000)
    reserve = 140_000 + 45_000 * math.cos(2 * year)
    _enter(world, scene, day, OPERATIONAL, "balance", "cash", cash, r)
    _enter(world, scene, day, VAT_RESERVE, "balance", "vat", reserve, r, restricted=True)


def _costs(world: World, scene: Scene, day: date) -> None:
    r = scene.stream("costs", day)
    for category, (due, euros) in COSTS.items():
        if day.day == due:
            _enter(world, scene, day, OPERATIONAL, "outflow", category, euros * (0.95 + 0.1 * r.random()), r)
    if day.day in (8, 18, 27):
        share = {8: 0.3, 18: 0.3, 27: 0.4}[day.day]
        income = 246_000 + 40_000 * math.sin(2 * math.pi * day.timetuple().tm_yday / 365)
        _enter(world, scene, day, OPERATIONAL, "inflow", "customers", income * share * (0.9 + 0.2 * r.random()), r)
    months = (day.year - scene.first.year) * 12 + day.month - scene.first.month
    if day.day == 17 and months in ONE_OFFS:
        category, euros = ONE_OFFS[months]
        _enter(world, scene, day, OPERATIONAL, "outflow", category, float(euros), r, one_off=True)


def _enter(
    world: World, scene: Scene, day: date, account: str, kind: str, category: str, euros: float, r: Random, *,
    one_off: bool = False, restricted: bool = False,
) -> None:  # fmt: skip
    late = timedelta(days=3) if r.random() < 0.03 else timedelta()
    world.ledger.append(
        LedgerEntry(
            id=f"L-{day:%Y%m%d}-{kind[:3]}-{category.replace(' ', '-')}",
            day=day,
            account=account,
            kind=kind,
            category=category,
            amount=Decimal(round(euros * 100)) / 100,
            currency="EUR",
            one_off=one_off,
            restricted=restricted,
            entered_by=ENTERED_BY,
            entered_at=scene.days.at(day, 9 * 3600 + 1800 + int(r.random() * 3600)) + late,
        )
    )


def _rates(scene: Scene, begin: date) -> list[FxRate]:
    """Rates wave slowly around their level with a little daily noise; none on weekends and TARGET holidays."""
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

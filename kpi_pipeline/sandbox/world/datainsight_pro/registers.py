"""What Finance and Engineering keep in registers: the ledger, exchange rates, code quality, and shared knowledge."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import holidays

from kpi_pipeline.sandbox.world.chance import stream
from kpi_pipeline.sandbox.world.datainsight_pro.scene import Scene
from kpi_pipeline.sandbox.world.days import DAY, month_start, span
from kpi_pipeline.sandbox.world.model import FxRate, KnowledgeItem, LedgerEntry, Milestone, QualityScore, World

MONTHS_BEFORE = 1
ACCOUNT, ENTERED_BY = "Operating", "cfo@datainsightpro.example"
# What a month costs: (category, day of the month, dollars at the start, growth a month, late with which chance)
COSTS = (
    ("sales_marketing", 3, 21_000, 0.030, 0.0),
    ("sales_marketing", 15, 14_500, 0.030, 0.0),
    ("sales_marketing", 25, 36_000, 0.028, 0.0),
    ("content", 10, 3_600, 0.012, 0.0),
    ("content", 26, 2_300, 0.012, 0.0),
    ("cogs", 5, 15_200, 0.026, 0.0),
    ("cogs", 20, 9_900, 0.026, 0.2),
)
# (id, name, what people call the open milestones, how many days ago each is due; below 0: in the future)
INITIATIVES = (
    ("embedded", "Embedded dashboards", "on_track", (150, 60, -40)),
    ("europe", "Launch in Europe", "needs_attention", (120, 30, -75)),
    ("onboarding", "Guided onboarding", "ahead", (90, 25, -60)),
    ("soc2", "SOC 2 type II", "planned", (200, 110, 20)),
)
REVENUE_DAYS = (7, 14, 21, 28)
RATES = {"GBP": (0.862, 0.012, "0.00001"), "USD": (1.128, 0.035, "0.0001")}
FRANKFURT = ZoneInfo("Europe/Berlin")


def rates(world: World, scene: Scene) -> None:
    """Reference rates: they wave slowly around their level; none on weekends and TARGET holidays."""
    begin = month_start(scene.first, -MONTHS_BEFORE)
    closed = holidays.financial_holidays("XECB", years=range(begin.year, scene.last.year + 1))
    for day in span(begin, scene.last):
        if day.weekday() >= 5 or day in closed:
            continue
        published = datetime.combine(day, time(16), FRANKFURT).astimezone(UTC)
        for currency, (level, swing, step) in RATES.items():
            noise = stream(scene.seed, "rate", currency, day).gauss(0, swing / 12)
            rate = level + swing * math.sin(day.toordinal() / 47 + len(currency)) + noise
            world.fx_rates.append(FxRate(day, currency, Decimal(str(rate)).quantize(Decimal(step)), published))


def fill(world: World, scene: Scene) -> None:
    _initiatives(world, scene)
    for day in scene.all_days():
        _ledger(world, scene, day)
        _quality(world, scene, day)
        _knowledge(world, scene, day)


def _initiatives(world: World, scene: Scene) -> None:
    """Key initiatives with three milestones each, as somebody keeps them: written down at the start and when done."""
    for item, label, state, days in INITIATIVES:
        for number, ago in enumerate(days, start=1):
            planned = scene.ago(ago).date()
            listed = scene.ago(max(days) + 60, 9.0)
            done = ago > 0
            for actual, status, at in [
                (None, "planned" if done else state, listed),
                *([(planned, "planned", scene.ago(ago, 16.0))] if done else []),
            ]:
                world.milestones.append(
                    Milestone(
                        kpi_id="initiatives",
                        item_id=item,
                        item_name=label,
                        milestone=f"phase {number}",
                        baseline=planned,
                        planned=planned,
                        actual=actual,
                        status=status,
                        entered_by="ceo@datainsightpro.example",
                        entered_at=at,
                    )
                )


def _ledger(world: World, scene: Scene, day: date) -> None:
    months = (day.year - scene.first.year) * 12 + day.month - scene.first.month
    for number, (category, due, dollars, growth, late) in enumerate(COSTS):
        if day.day == due:
            r = scene.stream("cost", number, day)
            amount = dollars * (1 + growth) ** months * (0.94 + 0.12 * r.random())
            # Invoices of the hosting come in weeks late: the margin of a month is restated.
            _enter(world, scene, day, category, number, amount, 24 if r.random() < late else 0)
    if day.day in REVENUE_DAYS:
        r = scene.stream("revenue", day)
        amount = 41_000 * 1.027**months * (0.92 + 0.16 * r.random())
        _enter(world, scene, day, "revenue", day.day, amount, 0)


def _enter(world: World, scene: Scene, day: date, category: str, number: int, dollars: float, late_days: int) -> None:
    foreign = category == "content" and number == 4  # the agency bills in euros
    world.ledger.append(
        LedgerEntry(
            id=f"L-{day:%Y%m%d}-{category}-{number}",
            day=day,
            account=ACCOUNT,
            kind="inflow" if category == "revenue" else "outflow",
            category=category,
            amount=Decimal(round(dollars * 100)) / 100,
            currency="EUR" if foreign else "USD",
            one_off=False,
            restricted=False,
            entered_by=ENTERED_BY,
            entered_at=scene.days.at(day, 9 * 3600 + number * 60) + late_days * DAY,
        )
    )


def _quality(world: World, scene: Scene, day: date) -> None:
    """The analysis runs on Mondays, on the default branch and a release branch; for six weeks it did not run."""
    broken = scene.ago(182).date() <= day < scene.ago(140).date()
    if day.weekday() != 0 or broken:
        return
    r = scene.stream("quality", day)
    level = 8.15 + 0.35 * math.sin(day.toordinal() / 60) + r.gauss(0, 0.05)
    for branch, score in (("main", level), ("release-4", level - 0.7)):
        measured = Decimal(round(score * 100)) / 100
        world.quality_scores.append(
            QualityScore(branch=branch, measured=day, score=measured, entered_at=scene.days.at(day, 6 * 3600))
        )


def _knowledge(world: World, scene: Scene, day: date) -> None:
    r = scene.stream("knowledge", day)
    if day.weekday() >= 5:
        return
    late = timedelta(days=12) if r.random() < 0.06 else timedelta(hours=3)
    for kind, chance in (("doc", 0.28), ("session", 0.12)):
        if r.random() < chance:
            world.knowledge_items.append(
                KnowledgeItem(
                    item_id=f"K-{day:%y%m%d}-{kind}",
                    kind=kind,
                    day=day,
                    title=f"{kind.title()} of {day:%d %B %Y}",
                    entered_by="cto@datainsightpro.example",
                    entered_at=scene.days.at(day, 12 * 3600) + late,
                )
            )

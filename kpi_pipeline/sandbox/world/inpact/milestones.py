"""The milestone register: what has to be done for the goals that are done or not done, and when it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from kpi_pipeline.sandbox.world.inpact.scene import DANNY, HANS, JARNO, MANON, TASEEN, Scene, workday
from kpi_pipeline.sandbox.world.model import Milestone, World

PLANNED_ON = date(2025, 7, 1)
STRATEGIC = (
    "Concept gereed",
    "Gevalideerd door klanten",
    "Geaccepteerd door directie",
    "Geaccepteerd door PO",
    "Vastgezet",
)
TACTICAL = (
    "Concept gereed",
    "Value per item toegekend",
    "Timing gepland",
    "Geaccepteerd door PO",
    "Geaccepteerd door directie",
)
CRITERIA = (
    "Functioneel gelijkwaardig",
    "Commercieel beschikbaar",
    "Migratiepad aangeboden",
    "Validatie directie en PO",
)
REGIME = ("Gap-analyse", "Plan van aanpak", "Implementatie", "Validatie")
SURVEY = ("Tool gekozen", "Vragenlijst met directie besproken", "Onderzoek uitgevoerd", "Score gepubliceerd")
LEDGER = ("Kostenplaatsen ingericht", "Toerekening vastgesteld", "P&L opgeleverd")
SYSTEMS = ("Rapportageserver", "Documentarchief", "Koppelvlak-hub", "Testomgeving", "Mailrelay", "Batchserver")


@dataclass(frozen=True)
class Goal:
    """Milestones of one item. `done` are the days on which the first ones were done, `late` how long the register
    heard of it afterwards; the others are still to come."""

    kpi: str
    item: str
    names: Sequence[str]
    baseline: Sequence[date]
    done: Sequence[date]
    owner: str
    weights: Sequence[int] = ()
    late: timedelta = timedelta()


def fill(world: World, scene: Scene) -> None:
    for goal in _goals(scene):
        world.milestones += _rows(scene, goal)


def _rows(scene: Scene, goal: Goal) -> Iterable[Milestone]:
    slug = goal.item.lower().replace(" ", "-").replace(".", "-")
    for number, (name, baseline) in enumerate(zip(goal.names, goal.baseline, strict=True)):
        r = scene.stream("milestone", goal.kpi, goal.item, name)
        actual = goal.done[number] if number < len(goal.done) else None
        first = Milestone(
            kpi_id=goal.kpi,
            item_id=slug,
            item_name=goal.item,
            milestone=name,
            weight=Decimal(goal.weights[number] if goal.weights else 1),
            baseline=baseline,
            planned=max(baseline, actual or baseline),
            actual=None if goal.late else actual,
            entered_by=goal.owner,
            entered_at=scene.office(PLANNED_ON, r),
        )
        yield first
        if goal.late and actual is not None:
            heard = scene.office(workday(actual), r) + goal.late
            yield Milestone(
                **{name: getattr(first, name) for name in first.__dataclass_fields__}
                | {"actual": actual, "entered_at": heard}
            )


def _monthly(first: date, count: int, step: int = 30) -> list[date]:
    return [workday(first + timedelta(days=step * number)) for number in range(count)]


def _goals(scene: Scene) -> list[Goal]:
    ago = scene.ago
    autumn = _monthly(date(2025, 9, 1), 5)
    spring = _monthly(date(2026, 2, 2), 5)
    strategic = [
        Goal("kpi05_strategic_roadmap", "RPA", STRATEGIC, autumn, _monthly(date(2025, 9, 1), 5), HANS),
        Goal("kpi05_strategic_roadmap", "AWI", STRATEGIC, autumn, _monthly(date(2025, 9, 15), 5, 36), HANS),
        Goal("kpi05_strategic_roadmap", "IIP", STRATEGIC, spring,
             [*_monthly(date(2026, 2, 9), 3), ago(64), ago(41)], HANS),
        Goal("kpi05_strategic_roadmap", "Inpact.ai", STRATEGIC, _monthly(ago(100), 5),
             [ago(88), ago(55), ago(20), ago(-12)], HANS),
    ]  # fmt: skip
    tactical = [
        Goal("kpi06_tactical_roadmap", "RPA", TACTICAL, autumn, _monthly(date(2025, 9, 8), 5, 24), HANS),
        Goal("kpi06_tactical_roadmap", "AWI", TACTICAL, autumn, _monthly(date(2025, 9, 8), 5, 41), HANS),
        Goal("kpi06_tactical_roadmap", "IIP", TACTICAL, spring, [*_monthly(date(2026, 2, 9), 4), ago(30)], HANS),
        Goal("kpi06_tactical_roadmap", "Inpact.ai", TACTICAL, _monthly(ago(80), 5, 25), [ago(73), ago(36)], HANS,
             late=timedelta(days=9)),
    ]  # fmt: skip
    tenths = [f"Tranche {number} van 10" for number in range(1, 11)]
    azure = [
        Goal("kpi09_azure_migration", "Infofolio", tenths, _monthly(date(2025, 10, 1), 10, 42),
             [*_monthly(date(2025, 10, 20), 6, 47), ago(70), ago(33), ago(-4)], HANS, [10] * 10),
        Goal("kpi09_systems_phased_out", "Systemen", SYSTEMS, _monthly(date(2026, 1, 5), 6, 60),
             [*_monthly(date(2026, 1, 19), 2, 66), ago(58), ago(14)], HANS),
    ]  # fmt: skip
    legacy = [
        Goal("kpi10_legacy_alternatives", service, CRITERIA, _monthly(begin, 4, 45), done, TASEEN)
        for service, begin, done in (
            ("Infofolio Classic", date(2025, 9, 1), _monthly(date(2025, 9, 15), 4, 50)),
            ("AWI Desktop", date(2025, 11, 3), [*_monthly(date(2025, 12, 1), 3, 60), ago(47)]),
            ("Polisportaal", date(2026, 2, 2), [*_monthly(date(2026, 3, 2), 2, 40), ago(22)]),
            ("Schadeportaal", date(2026, 6, 1), [ago(61)]),
        )
    ]
    firsts = [
        Goal("kpi14_employee_satisfaction", "Medewerkersonderzoek", SURVEY, _monthly(date(2025, 9, 15), 4, 28),
             [date(2025, 9, 12), date(2025, 10, 17), date(2025, 11, 28), date(2025, 12, 18)], DANNY),
        Goal("kpi15_first_nps", "NPS-meting", ("Doelgroepen bepaald", *SURVEY), _monthly(date(2025, 9, 1), 5, 26),
             [date(2025, 9, 3), date(2025, 9, 26), date(2025, 10, 20), date(2025, 12, 12), date(2025, 12, 29)], MANON,
             late=timedelta(days=14)),
    ]  # fmt: skip
    compliance = [
        Goal("kpi18_iso_isae", "Auditplan", ("Interne audit", "Bevindingen opgelost", "Externe audit", "Rapport"),
             _monthly(ago(120), 4, 35), [ago(118), ago(79), ago(38)], JARNO, [20, 30, 40, 10]),
        Goal("kpi19_dora_aiact", "DORA", REGIME, _monthly(date(2025, 8, 1), 4, 90),
             [date(2025, 7, 30), date(2025, 11, 14), date(2026, 4, 17), ago(51)], JARNO, [25] * 4),
        Goal("kpi19_dora_aiact", "AI Act", REGIME, _monthly(date(2025, 11, 3), 4, 105),
             [date(2025, 11, 24), date(2026, 3, 30), ago(9)], JARNO, [25] * 4),
    ]  # fmt: skip
    finance = [
        Goal("kpi20_pnl_per_line", line, LEDGER, _monthly(date(2025, 9, 15), 3, 42), done, JARNO, [30, 30, 40])
        for line, done in (
            ("RPA", [date(2025, 9, 15), date(2025, 10, 30), date(2025, 12, 12)]),
            ("AWI", [date(2025, 9, 19), date(2025, 11, 10), date(2025, 12, 31)]),
            ("IIP", [date(2025, 10, 3), date(2025, 12, 1), date(2026, 1, 1)]),
            ("Diensten", [date(2025, 10, 24), date(2026, 1, 16), ago(26)]),
        )
    ]
    return [*strategic, *tactical, *azure, *legacy, *firsts, *compliance, *finance]

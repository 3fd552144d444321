"""Certificates, what products count as, and figures from before the helpdesk kept them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.inpact.offer import LEGACY, PRODUCTS, SUCCESSORS
from kpi_pipeline.sandbox.world.inpact.scene import EVERT, HANS, JARNO, STARTS, Scene, workday
from kpi_pipeline.sandbox.world.model import Certificate, ProductClass, ScorecardEntry, World

ISO, ISAE = "ISO 27001", "ISAE 3402 type II"
GAP = (52, 44)  # days before the anchor between which no ISAE report was valid


def fill(world: World, scene: Scene) -> None:
    world.certificates += _certificates(scene)
    world.product_classes += _classes(scene)
    world.scorecard += _support_history(scene)


def _certificates(scene: Scene) -> list[Certificate]:
    """ISO runs for three years; the ISAE report of a year lapsed for a week before the next one was there."""
    lapsed, renewed = scene.ago(GAP[0]), scene.ago(GAP[1])
    year = timedelta(days=365)

    def certificate(name: str, first: date, last: date, entered: date) -> Certificate:
        return Certificate(
            name=name,
            valid_from=first,
            valid_until=last,
            entered_by=JARNO,
            entered_at=scene.office(workday(entered), scene.stream("certificate", name, first)),
        )

    return [
        certificate(ISO, date(2024, 2, 1), scene.ago(-70), STARTS),
        certificate(ISAE, lapsed - 2 * year, lapsed - year - DAY, STARTS),
        certificate(ISAE, lapsed - year, lapsed - DAY, max(STARTS, lapsed - year)),
        certificate(ISAE, renewed, renewed + year - DAY, renewed),
    ]


def _classes(scene: Scene) -> list[ProductClass]:
    """The register of what products count as: legacy, successor, AI driven or native (IIP only since its release)."""
    r = scene.stream("classes")
    always = date(2025, 1, 1)
    rows = [("inpact_ai", "ai", always), ("iip", "ai", date(2025, 11, 1))]
    rows += [(product, "legacy", always) for product in LEGACY]
    rows += [(product, "successor", always) for product in SUCCESSORS]
    return [
        ProductClass(
            product=PRODUCTS[product].name,
            kind=kind,
            valid_from=since,
            approved_by=HANS,
            entered_by=HANS,
            entered_at=scene.office(workday(max(since, STARTS)), r),
        )
        for product, kind, since in rows
    ]


def _support_history(scene: Scene) -> list[ScorecardEntry]:
    """Shares of tickets that needed a developer, as the framework prints them (column J of KPI 23)."""
    rows = [
        ("RPA", date(2024, 1, 1), date(2024, 12, 31), "23.7"),
        ("RPA", date(2025, 1, 1), date(2025, 8, 30), "10.5"),
        ("RPA", date(2025, 8, 1), date(2025, 8, 31), "8.6"),
        ("AWI", date(2025, 1, 1), date(2025, 10, 30), "24.5"),
        ("AWI", date(2025, 10, 1), date(2025, 10, 31), "20.8"),
    ]
    return [
        ScorecardEntry(
            framework="inpact",
            kpi_id="kpi23_dev_escalation",
            segment=line,
            period_start=first,
            period_end=last,
            value=Decimal(value),
            comment="Kolom J van het KPI-overzicht",
            entered_by=EVERT,
            entered_at=scene.office(
                workday(max(last, STARTS) + timedelta(days=2)), scene.stream("history", line, first)
            ),
        )
        for line, first, last, value in rows
    ]

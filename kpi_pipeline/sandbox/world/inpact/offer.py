"""What Inpact sells: legacy products, their successors and what is beside them, billed by the month or the year.

Every price has a successor of 2026: prices are indexed at the turn of the year.
"""

from __future__ import annotations

from dataclasses import dataclass

from kpi_pipeline.sandbox.world.chance import token
from kpi_pipeline.sandbox.world.inpact.scene import Scene
from kpi_pipeline.sandbox.world.model import Price, Product

INDEXATION = 1.032
INTERVALS = {"month": 1.0, "year": 10.8}  # a year costs ten months and three weeks


@dataclass(frozen=True)
class Line:
    """`month` is the price of one unit a month in 2025, in euros; `ai` is what marketing calls it."""

    name: str
    line: str
    month: int
    ai: str = "none"


PRODUCTS = {
    "infofolio_classic": Line("Infofolio Classic", "Infofolio", 640),
    "awi_desktop": Line("AWI Desktop", "AWI", 380),
    "polisportaal": Line("Polisportaal", "Portalen", 290),
    "schadeportaal": Line("Schadeportaal", "Portalen", 340),
    "rpa": Line("RPA", "RPA", 450),
    "awi_connect": Line("AWI Connect", "AWI", 420),
    "iip": Line("IIP", "IIP", 720, "driven"),
    "inpact_ai": Line("Inpact.ai", "IIP", 980, "native"),
    "hosting": Line("Hosting", "Diensten", 150),
}
LEGACY = ("infofolio_classic", "awi_desktop", "polisportaal", "schadeportaal")
SUCCESSORS = ("rpa", "awi_connect", "iip", "inpact_ai")


def products(scene: Scene) -> list[Product]:
    """Their ids are our own names: the register of product classes refers to them."""
    return [
        Product(key, each.name, True, scene.starts_at, {"line": each.line, "ai_class": each.ai})
        for key, each in PRODUCTS.items()
    ]


def price_id(scene: Scene, product: str, interval: str, year: int) -> str:
    return token("price_1", scene.seed, "price", product, interval, year)


def prices(scene: Scene) -> list[Price]:
    return [
        Price(
            id=price_id(scene, product, interval, year),
            product_id=product,
            currency="eur",
            unit_amount_decimal=str(round(each.month * 100 * times * (1 if year == 2025 else INDEXATION))),
            type="recurring",
            interval=interval,
            interval_count=1,
            created_at=scene.starts_at,
        )
        for product, each in PRODUCTS.items()
        for interval, times in INTERVALS.items()
        for year in (2025, 2026)
    ]

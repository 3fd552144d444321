"""The pandera model of every fact, by the fact's name; a module a field of business."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_pipeline.schemas.facts import (
    compliance,
    customers,
    delivery,
    finance,
    issues,
    mail,
    operations,
    plans,
    product,
    reliability,
    revenue,
    sales,
    schools,
    support,
    surveys,
    upgrades,
    web,
)
from kpi_pipeline.schemas.facts.base import FactModel

MODELS: Mapping[str, type[FactModel]] = {
    name: model
    for area in (
        sales,
        schools,
        surveys,
        reliability,
        issues,
        finance,
        revenue,
        customers,
        upgrades,
        product,
        support,
        delivery,
        plans,
        compliance,
        operations,
        mail,
        web,
    )
    for name, model in area.MODELS.items()
}

"""What must hold of what customers think and of the classes their revenue belongs to."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel, instant
from kpi_pipeline.schemas.polars_only import pandera as pa


class ClassedMrrChange(FactModel):
    _order = (("first_at", "changed_at"),)

    change_id: Text
    product_class: Text = pa.Field(alias="class")
    customer_id: Text
    product: Text
    changed_at: Whole = instant()
    delta_minor: Whole
    first_at: Whole = instant()

    class Config(FactModel.Config):
        unique = ("change_id", "class")


class PriceIndexation(FactModel):
    customer_id: Text
    product: Text
    day: Whole
    changed_at: Whole = instant()
    delta_minor: Whole

    class Config(FactModel.Config):
        unique = ("customer_id", "product", "day")


class CustomerOpinion(FactModel):
    _order = (("answered_at", "superseded_at"),)

    form: Text
    question: Text
    customer_id: Text
    wave: Text
    answered_at: Whole = instant()
    superseded_at: Whole = instant(nullable=True)
    answers: Whole = pa.Field(gt=0)
    score_total: Whole
    arr_minor: Whole
    arr_score_minor: Whole

    class Config(FactModel.Config):
        unique = ("form", "question", "customer_id", "wave", "answered_at")


MODELS: dict[str, type[FactModel]] = {
    "classed_mrr_change": ClassedMrrChange,
    "price_indexation": PriceIndexation,
    "customer_opinion": CustomerOpinion,
}

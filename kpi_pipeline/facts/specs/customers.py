"""What customers think, and what kind of products their revenue comes from."""

from __future__ import annotations

from kpi_pipeline.facts.shape import FactSpec, instant, money, text, whole

SPECS = (
    FactSpec(
        "classed_mrr_change",
        "A change of monthly recurring revenue, for each class that its product had on that day.",
        ("change_id", "class"),
        {
            "change_id": text("the change"),
            "class": text("ai, legacy, successor …"),
            "customer_id": text("the customer, merged as in mrr_change"),
            "product": text("name of the product"),
            "changed_at": instant("when it changed"),
            "delta_minor": money("by how much"),
            "first_at": instant("when the customer first had recurring revenue"),
        },
        uses=("mrr_change", "product_class"),
    ),
    FactSpec(
        "price_indexation",
        "What a day of indexation changed of what a customer held of a product before and after it.",
        ("customer_id", "product", "day"),
        {
            "customer_id": text("the customer, merged as in mrr_change"),
            "product": text("name of the product"),
            "day": whole("day of the indexed price list"),
            "changed_at": instant("the last change of that day"),
            "delta_minor": money("by how much monthly recurring revenue changed on it"),
        },
        uses=("mrr_change",),
    ),
    FactSpec(
        "customer_opinion",
        "What the people of a customer think, from one answer of theirs to the next.",
        ("form", "question", "customer_id", "wave", "answered_at"),
        {
            "form": text("id of the form"),
            "question": text("the question's ref"),
            "customer_id": text("the customer"),
            "wave": text("round of the survey; empty where it has none"),
            "answered_at": instant("when somebody of the customer answered"),
            "superseded_at": instant("when somebody of it answered the next time", nullable=True),
            "answers": whole("people whose answers of that wave stood, each with the latest"),
            "score_total": whole("sum of their scores"),
            "arr_minor": money("annual recurring revenue of the customer at that instant"),
            "arr_score_minor": money("the same times the mean score, rounded half up"),
        },
        uses=("survey_answer", "mrr_change"),
    ),
)

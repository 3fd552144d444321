"""How somebody comes to pay: from a lead to a trial, from a free plan to a paid one."""

from __future__ import annotations

from kpi_pipeline.facts.shape import FactSpec, instant, text

SPECS = (
    FactSpec(
        "lead_trial",
        "A lead with the first trial that its company began afterwards.",
        ("lead_id",),
        {
            "lead_id": text("id of the contact"),
            "company_id": text("its company in the CRM", nullable=True),
            "created_at": instant("when the lead came in"),
            "subscription_id": text("the subscription tried", nullable=True),
            "trial_started_at": instant("start of that trial", nullable=True),
        },
        reads=(("hubspot", "contacts"),),
        uses=("lead", "subscription_trial"),
    ),
    FactSpec(
        "free_account",
        "A customer who began on a plan that costs nothing.",
        ("customer_id",),
        {
            "customer_id": text("the CRM company, or the one customer without a company"),
            "free_from_at": instant("when the first free plan began"),
            "upgraded_at": instant("first recurring revenue after that", nullable=True),
        },
        reads=(("stripe", "invoice_lines"), ("stripe", "prices"), ("stripe", "subscriptions"), ("stripe", "customers")),
        uses=("mrr_change",),
    ),
    FactSpec(
        "free_month",
        "A customer on a free plan when a calendar month began, and a span of that month in which it pays.",
        ("customer_id", "month_starts_at", "paid_from_at"),
        {
            "customer_id": text("the CRM company, or the one customer without a company"),
            "month_starts_at": instant("local midnight of the first of the month"),
            "paid_from_at": instant("since when it has recurring revenue; null if it does not pay", nullable=True),
            "paid_until_at": instant("until when; null while it lasts", nullable=True),
        },
        reads=(("stripe", "invoice_lines"), ("stripe", "prices"), ("stripe", "subscriptions"), ("stripe", "customers")),
        uses=("mrr_change",),
    ),
)

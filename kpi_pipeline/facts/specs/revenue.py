"""What customers pay again and again: recurring revenue, trials, and who the customers are."""

from __future__ import annotations

from kpi_pipeline.facts.shape import FactSpec, flag, instant, money, text

_CUSTOMER = "the CRM company that the biller's customers belong to, or the one customer without a company"
_BILLING = tuple(
    ("stripe", stream)
    for stream in (
        "subscriptions",
        "subscription_items",
        "subscription_events",
        "customers",
        "products",
        "prices",
        "coupons",
        "discounts",
        "tax_rates",
        "invoices",
        "invoice_lines",
        "invoice_items",
        "invoice_discounts",
    )
)

SPECS = (
    FactSpec(
        "mrr_change",
        "A change of monthly recurring revenue. The sum of all changes before an instant is the MRR at that instant.",
        ("change_id",),
        {
            "change_id": text("subscription item and instant, or customer, product and month-end"),
            "customer_id": text(_CUSTOMER),
            "subscription_id": text("subscription that changed; null for a change of exchange rates", nullable=True),
            "product": text("name of the product"),
            "product_group": text("group the product belongs to", nullable=True),
            "reason": text("subscription: something was bought, changed or ended; fx: rates of a new month"),
            "changed_at": instant("when it changed; a change of rates at the last millisecond of a month"),
            "delta_minor": money("by how much, at the rate that closed the month before"),
            "first_at": instant("when the customer first had recurring revenue"),
        },
        reads=_BILLING,
        uses=("fx_rate",),
    ),
    FactSpec(
        "invoiced_change",
        "A change of what is billed for a month by invoice lines. Their sum before an instant is the billed MRR.",
        ("change_id",),
        {
            "change_id": text("invoice, line, and whether its span starts or ends"),
            "customer_id": text(_CUSTOMER),
            "invoice_id": text("the invoice"),
            "changed_at": instant("start or end of the span that the line bills"),
            "delta_minor": money("its amount for a month, at the rate of the day of the invoice"),
        },
        reads=(("stripe", "customers"), ("stripe", "invoices"), ("stripe", "invoice_lines")),
        uses=("fx_rate",),
    ),
    FactSpec(
        "billing_customer",
        "A customer as billed; the biller's customers of one CRM company are one.",
        ("customer_id",),
        {
            "customer_id": text(_CUSTOMER),
            "company_id": text("CRM company", nullable=True),
            "created_at": instant("when the first of the biller's customers was made"),
            "first_mrr_at": instant("when the customer first had recurring revenue", nullable=True),
            "first_product": text("the product that then brought most", nullable=True),
            "first_mrr_minor": money("recurring revenue from that instant", nullable=True),
        },
        reads=(("stripe", "customers"), ("stripe", "subscriptions")),
        uses=("mrr_change",),
    ),
    FactSpec(
        "subscription_trial",
        "A trial of a subscription, and the first payment of its customer.",
        ("subscription_id",),
        {
            "subscription_id": text("subscription"),
            "customer_id": text(_CUSTOMER),
            "account_id": text("account in the product, from the subscription's metadata", nullable=True),
            "started_at": instant("start of the trial"),
            "ended_at": instant("end of the trial, or of the subscription if that was earlier"),
            "first_paid_at": instant("first paid invoice of more than nothing", nullable=True),
            "repeat": flag("the customer had an earlier trial"),
        },
        reads=(("stripe", "customers"), ("stripe", "subscriptions"), ("stripe", "invoices")),
    ),
)

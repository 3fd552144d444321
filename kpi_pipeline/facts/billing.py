"""Stripe's part of bookings: what was invoiced, paid and given back, booking by booking.

All invoices of a booking are in one currency, because Stripe gives a customer one (docs.stripe.com/billing/customer,
"currency"); amounts in it are called `charged_*` here, converted ones `*_minor`.
"""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.arithmetic import quotient_half_up, running_total, total
from kpi_pipeline.facts.currency import converted, with_rates
from kpi_pipeline.facts.local_time import local_day
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def invoices(facts: FactTables) -> Table:
    """Invoices of bookings that are owed or paid.

    booking_id, invoice_id, customer_id, created_at, currency, charged_net, charged_gross (with VAT).
    Net is Σ (amount − discount) of the lines, without VAT and without products in the categories that are no revenue.
    """
    rows = facts.records("stripe", "invoices")
    booking_id = facts.named_column(rows, "stripe", "booking_metadata").nullif("")
    owed = booking_id.notnull() & rows.status.isin(("open", "paid", "uncollectible")) & rows.livemode.coalesce(True)
    rows = rows.mutate(booking=booking_id).filter(owed)
    lines = facts.records("stripe", "invoice_lines")
    products = facts.records("stripe", "products")
    category = facts.named_column(products, "stripe", "category_metadata")
    excluded = products.filter(category.isin(facts.setting("stripe", "not_revenue")))
    lines = lines.anti_join(excluded, lines.product_id == excluded.id)
    net = lines.group_by(net_of="invoice_id").agg(net=total(lines.amount - lines.discount_amount))
    found = rows.left_join(net, rows.id == net.net_of)
    return found.select(
        "customer_id",
        booking_id=found.booking,
        invoice_id=found.id,
        created_at=epoch_ms(found.created),
        currency=found.currency.upper(),
        charged_net=found.net.coalesce(0),
        charged_gross=found.total,
    )


def payments(facts: FactTables) -> Table:
    """Succeeded payments of bookings: booking_id, payment_id, payment_intent_id, paid_at, charged."""
    rows = facts.records("stripe", "invoice_payments")
    rows = rows.filter((rows.status == "paid") & rows.paid_at.notnull())
    billed = facts.once(invoices).select("booking_id", billed_id="invoice_id")
    found = rows.join(billed, rows.invoice_id == billed.billed_id)
    return found.select(
        "booking_id",
        "payment_intent_id",
        payment_id=found.id,
        paid_at=epoch_ms(found.paid_at),
        charged=found.amount_paid.coalesce(0),
    )


def contracts(facts: FactTables) -> Table:
    """One row a booking: its first invoice, its amounts charged and converted, when it was first paid and paid in full.

    Converted at the rate of the local day of the first payment; a booking nobody has paid yet at that of its invoice.
    """
    billed = facts.once(invoices)
    rank = ibis.row_number().over(group_by=billed.booking_id, order_by=[billed.created_at, billed.invoice_id])
    first = billed.mutate(rank=rank).filter(lambda t: t["rank"] == 0)
    first = first.select("booking_id", "invoice_id", "customer_id", "currency", "created_at")
    sums = billed.group_by(summed="booking_id").agg(
        charged_net=total(billed.charged_net), charged_gross=total(billed.charged_gross)
    )
    rows = first.join(sums, first.booking_id == sums.summed).drop("summed")
    paid = facts.once(payments)
    upto = ibis.cumulative_window(group_by=paid.booking_id, order_by=[paid.paid_at, paid.payment_id])
    paid = paid.mutate(so_far=running_total(paid.charged, upto))
    owed = sums.select(owing="summed", owed="charged_gross")
    paid = paid.join(owed, paid.booking_id == owed.owing)
    dates = paid.group_by(payer="booking_id").agg(
        first_paid_at=paid.paid_at.min(),
        paid_in_full_at=ibis.ifelse(paid.so_far >= paid.owed, paid.paid_at, ibis.null("int64")).min(),
    )
    rows = rows.left_join(dates, rows.booking_id == dates.payer).drop("payer")
    rows = rows.mutate(rated_at=rows.first_paid_at.coalesce(rows.created_at))
    rows = rows.mutate(rate_day=local_day(rows.rated_at, facts.company.zone))
    rows = with_rates(facts, rows, day="rate_day", what="bookings")
    home = facts.company.currency
    return rows.mutate(
        net_minor=converted(rows.charged_net, rows.currency, rows, home),
        gross_minor=converted(rows.charged_gross, rows.currency, rows, home),
    )


def given_back(facts: FactTables) -> Table:
    """Refunds and credits of paid bookings: booking_id, refund_id, refunded_at, net_minor, gross_minor, full.

    `full` marks the first one at which all that was given back reaches all that had been paid; its net is whatever net
    the booking has left, and later ones have none, so that a cancelled booking comes to exactly nothing. A credit given
    before the first payment counts from that payment on: until then there is no revenue to take it from.
    """
    deal = facts.once(contracts)
    deal = deal.filter(deal.first_paid_at.notnull())
    events = ibis.union(_refunds(facts), _credits(facts))
    rows = events.join(deal, "booking_id")
    rows = rows.mutate(refunded_at=ibis.greatest(rows.given_at, rows.first_paid_at))
    rows = rows.mutate(net=rows.net.coalesce(_net_share(rows)))
    paid = facts.once(payments).select(payer="booking_id", paid_at="paid_at", payment="charged")
    pairs = rows.left_join(paid, [rows.booking_id == paid.payer, paid.paid_at <= rows.refunded_at])
    paid_before = pairs.group_by(paid_for="refund_id").agg(paid=total(pairs.payment))
    rows = rows.join(paid_before, rows.refund_id == paid_before.paid_for)
    upto = ibis.cumulative_window(group_by=rows.booking_id, order_by=[rows.refunded_at, rows.refund_id])
    rows = rows.mutate(returned=running_total(rows.gross, upto))
    rows = rows.mutate(covered=ibis.ifelse(rows.returned >= rows.paid, 1, 0).cast("int64"))
    upto = ibis.cumulative_window(group_by=rows.booking_id, order_by=[rows.refunded_at, rows.refund_id])
    rows = rows.mutate(coverings=running_total(rows.covered, upto))
    home = facts.company.currency
    rows = rows.mutate(
        own_net=ibis.ifelse(
            rows.coverings == 0, converted(rows.net, rows.currency, rows, home), ibis.literal(0, "int64")
        ),
        gross_minor=converted(rows.gross, rows.currency, rows, home),
        full=(rows.covered == 1) & (rows.coverings == 1),
    )
    upto = ibis.cumulative_window(group_by=rows.booking_id, order_by=[rows.refunded_at, rows.refund_id])
    rows = rows.mutate(earlier_net=running_total(rows.own_net, upto))
    return rows.select(
        "booking_id",
        "refund_id",
        "refunded_at",
        "gross_minor",
        "full",
        net_minor=ibis.ifelse(rows.full, rows.net_minor - rows.earlier_net, rows.own_net),
    )


def _net_share(rows: Table) -> ibis.Value:
    """What is net of a gross amount given back: the booking's own share of net in gross."""
    whole = ibis.greatest(rows.charged_gross, 1)
    return ibis.ifelse(rows.charged_gross > 0, quotient_half_up(rows.gross * rows.charged_net, whole), 0)


def _refunds(facts: FactTables) -> Table:
    """Refunds of the charges of bookings; failed and canceled ones gave nothing back."""
    rows = facts.records("stripe", "refunds")
    rows = rows.filter(rows.status.coalesce("succeeded").isin(("succeeded", "pending")))
    paid = facts.once(payments)
    payer = paid.filter(paid.payment_intent_id.notnull()).group_by(intent="payment_intent_id")
    by_intent = payer.agg(booking_id=paid.booking_id.min())
    found = rows.join(by_intent, rows.payment_intent_id == by_intent.intent)
    return found.select(
        "booking_id", refund_id=found.id, given_at=epoch_ms(found.created), gross=found.amount, net=ibis.null("int64")
    )


def _credits(facts: FactTables) -> Table:
    """Credit notes without a refund; one with a refund is the paper of that refund."""
    rows = facts.records("stripe", "credit_notes")
    alone = rows.refund_ids.length().coalesce(0) == 0
    rows = rows.filter(alone & (rows.status != "void"))
    billed = facts.once(invoices).select("booking_id", billed_id="invoice_id")
    found = rows.join(billed, rows.invoice_id == billed.billed_id)
    return found.select(
        "booking_id",
        refund_id=found.id,
        given_at=epoch_ms(found.created),
        gross=found.amount,
        net=found.total_excluding_tax.coalesce(found.amount),
    )

"""What invoices bill for a month, as changes: a second way to recurring revenue, straight from invoice lines."""

from __future__ import annotations

import ibis
from ibis.expr.types import IntegerValue, Table

from kpi_pipeline.facts.arithmetic import quotient_half_up
from kpi_pipeline.facts.currency import converted, with_rates
from kpi_pipeline.facts.local_time import local_day
from kpi_pipeline.facts.recurring.records import payers
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms

MONTH_MS = 2_629_746_000  # a twelfth of the mean Gregorian year


def build(facts: FactTables) -> Table:
    """Two rows a line that bills a subscription for a span: its amount for a month from the start, gone at the end."""
    lines = _lines(facts)
    lines = lines.mutate(rate_day=local_day(lines.billed_at, facts.company.zone))
    rated = with_rates(facts, lines, day="rate_day", what="invoice lines")
    monthly = converted(_monthly(rated), rated.currency, rated, facts.company.currency)
    rated = rated.mutate(monthly=monthly).filter(lambda t: t.monthly != 0)
    starts = rated.select(
        "customer_id",
        "invoice_id",
        change_id=rated.line + "@start",
        changed_at=rated.start_at,
        delta_minor=rated.monthly,
    )
    ends = rated.select(
        "customer_id", "invoice_id", change_id=rated.line + "@end", changed_at=rated.end_at, delta_minor=-rated.monthly
    )
    return ibis.union(starts, ends)


def _lines(facts: FactTables) -> Table:
    """Lines of owed or paid invoices that bill a subscription for a span, tests left out."""
    invoices = facts.records("stripe", "invoices")
    owed = invoices.status.isin(("open", "paid", "uncollectible")) & invoices.livemode.coalesce(True)
    invoices = invoices.filter(owed).select(billed="id", stripe_id="customer_id", billed_at=epoch_ms(invoices.created))
    known = facts.once(payers).select("customer_id", "is_test", payer="stripe_id")
    invoices = invoices.left_join(known, invoices.stripe_id == known.payer)
    invoices = invoices.filter(~invoices.is_test.coalesce(ibis.literal(False)))
    lines = facts.records("stripe", "invoice_lines")
    lines = lines.filter(lines.subscription_item_id.notnull() & (lines.period_end > lines.period_start))
    found = lines.join(invoices, lines.invoice_id == invoices.billed)
    return found.select(
        "invoice_id",
        "proration",
        "billed_at",
        line=found.invoice_id + "/" + found.id,
        customer_id=found.customer_id.coalesce(found.stripe_id),
        currency=found.currency.upper(),
        net=(found.amount - found.discount_amount).cast("int64"),
        start_at=epoch_ms(found.period_start),
        end_at=epoch_ms(found.period_end),
    )


def _monthly(lines: Table) -> IntegerValue:
    """A line's amount for one month: of a whole period by its months, of a part of one by its length."""
    span = lines.end_at - lines.start_at
    months = ibis.greatest(quotient_half_up(span, ibis.literal(MONTH_MS, "int64")), 1)
    whole = quotient_half_up(lines.net, months)
    part = quotient_half_up(lines.net * MONTH_MS, ibis.greatest(span, 1))
    return ibis.ifelse(lines.proration, part, whole)

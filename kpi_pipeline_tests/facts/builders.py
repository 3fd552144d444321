"""Records of the vendors in the few words a test needs."""

from __future__ import annotations

from typing import Any

from kpi_pipeline_tests.facts.records import Records, day, utc

Line = tuple[str, int, int]  # product, amount, discount
DJ_SET: tuple[Line, ...] = (("dj", 100_000, 0),)
CREATED = "2026-05-01 08:00"
STAGES = {"new": False, "qualifiedtobuy": False, "pilot": False, "won": True, "lost": True}
STATES = {"todo": "unstarted", "busy": "started", "done": "completed", "released": "completed", "void": "canceled"}


def catalogue(records: Records) -> None:
    for product, category in (("dj", None), ("tip", "tip"), ("travel", "pass_through"), ("light", "equipment")):
        records.add("stripe.products", id=product, created=utc(CREATED), name=product, active=True, category=category)


def invoice(
    records: Records,
    name: str,
    *lines: Line,
    booking: str | None = "B-1",
    currency: str = "eur",
    status: str = "paid",
    created: str = CREATED,
    **other: Any,
) -> int:
    """An invoice with 21 % VAT on every line but tips; its total."""
    if not records.rows["stripe.products"]:
        catalogue(records)
    total = 0
    for number, (product, amount, discount) in enumerate(lines or DJ_SET):
        tax = 0 if product == "tip" else round((amount - discount) * 21 / 100)
        total += amount - discount + tax
        records.add(
            "stripe.invoice_lines",
            invoice_id=name,
            id=f"il_{number}",
            invoice_created=utc(created),
            product_id=product,
            currency=currency,
            amount=amount,
            discount_amount=discount,
            tax_amount=tax,
            proration=False,
        )
    numbers = {"subtotal": total, "total": total, "amount_due": total, "amount_paid": 0, "amount_remaining": total}
    records.add(
        "stripe.invoices",
        **{"id": name, "created": utc(created), "customer_id": f"cus_{name}", "booking_id": booking, "status": status}
        | {"currency": currency, **numbers}
        | other,
    )
    return total


def payment(records: Records, of: str, amount: int, at: str, *, currency: str = "eur", status: str = "paid") -> str:
    name = f"pi_{of}_{at}"
    records.add(
        "stripe.invoice_payments",
        id=f"inpay_{of}_{at}",
        created=utc(at),
        invoice_id=of,
        payment_intent_id=name,
        status=status,
        amount_paid=amount,
        currency=currency,
        paid_at=utc(at) if status == "paid" else None,
    )
    return name


def refund(records: Records, name: str, intent: str, amount: int, at: str, *, status: str = "succeeded") -> None:
    records.add(
        "stripe.refunds",
        id=name,
        created=utc(at),
        payment_intent_id=intent,
        status=status,
        amount=amount,
        currency="eur",
    )


def credit(records: Records, name: str, of: str, net: int, gross: int, at: str, **other: Any) -> None:
    records.add(
        "stripe.credit_notes",
        **{"id": name, "created": utc(at), "invoice_id": of, "status": "issued", "currency": "eur", "refund_ids": []}
        | {"amount": gross, "total": gross, "total_excluding_tax": net}
        | other,
    )


def contact(records: Records, name: str, created: str = "2026-04-01 10:00", **other: Any) -> None:
    records.add("hubspot.contacts", id=name, created_at=utc(created), company_ids=[], **other)


def deal(records: Records, name: str, booking: str, contact_id: str | None, **other: Any) -> None:
    values = {"created_at": utc("2026-04-20 10:00"), "contact_ids": [contact_id] if contact_id else []} | other
    records.add("hubspot.deals", id=name, booking_id=booking, contact_id=contact_id, company_ids=[], **values)


def staged(records: Records, name: str, *entries: tuple[str, str], **other: Any) -> None:
    """A deal with its history of (stage, entered at) in order; "won" and "lost" are the closed ones."""
    if not records.rows["hubspot.pipelines_stages"]:
        for order, (stage, closed) in enumerate(STAGES.items()):
            records.add(
                "hubspot.pipelines_stages",
                **{"object": "deals", "pipeline_id": "p", "stage_id": stage, "pipeline_label": "p", "label": stage},
                display_order=order,
                is_closed=closed,
            )
    created, (last, closed_at) = utc(entries[0][1]), entries[-1]
    for stage, at in entries:
        records.add(
            "hubspot.deal_stage_history", deal_id=name, entered_at=utc(at), stage_id=stage, deal_created_at=created
        )
    values = {"stage_id": last, "created_at": created, "contact_ids": [], "company_ids": []}
    values |= {"is_closed": STAGES[last], "is_won": last == "won", "closed_at": utc(closed_at), "currency": "EUR"}
    records.add("hubspot.deals", id=name, **values | other)


def meeting(records: Records, name: str, starts: str, outcome: str | None = None, **other: Any) -> None:
    values = {"created_at": utc("2026-05-01 08:00"), "contact_ids": [], "company_ids": []} | other
    records.add("hubspot.meetings", id=name, starts_at=utc(starts), outcome=outcome, **values)


def engage(records: Records, kind: str, name: str, at: str, *leads: str, **other: Any) -> None:
    if kind == "meetings":
        other = {"company_ids": []} | other
    records.add(f"hubspot.{kind}", id=name, created_at=utc(at), at=utc(at), contact_ids=list(leads), **other)


def issue(records: Records, name: str, created: str, priority: int, *states: tuple[str, str], **other: Any) -> None:
    """An issue with (state, since) in order; the last state lasts."""
    moment = utc(created)
    if not records.rows["linear.workflow_states"]:
        for state, kind in STATES.items():
            records.add("linear.workflow_states", id=state, team_id="t", name=state, type=kind, position=1.0)
    last = states[-1][0]
    records.add(
        "linear.issues",
        id=name,
        identifier=f"INC-{name}",
        team_id="t",
        team_key="INC",
        priority=priority,
        state_id=last,
        state_type=STATES[last],
        created_at=moment,
        updated_at=moment,
        **other,
    )
    for (state, since), following in zip(states, [*states[1:], (None, None)], strict=True):
        records.add(
            "linear.state_spans",
            id=f"{name}-{since}",
            issue_id=name,
            state_id=state,
            started_at=utc(since),
            ended_at=utc(following[1]) if following[1] else None,
        )


def priority_change(records: Records, name: str, at: str, old: int, new: int) -> None:
    records.add(
        "linear.issue_history",
        id=f"{name}-{at}",
        issue_id=name,
        created_at=utc(at),
        from_priority=old,
        to_priority=new,
    )


def response(records: Records, token: str, submitted: str, score: float | None = None, **other: Any) -> None:
    """A completed response to the form nps; keyword arguments are hidden fields without their prefix."""
    at = utc(submitted)
    kind = other.pop("response_type", "completed")
    records.add(
        "typeform.responses",
        form_id="nps",
        token=token,
        response_type=kind,
        occurred_at=at,
        landed_at=at,
        submitted_at=at if kind == "completed" else None,
        **{f"hidden_{name}": value for name, value in other.items()},
    )
    if score is not None:
        records.add(
            "typeform.answers",
            form_id="nps",
            token=token,
            field_id="f1",
            ref="nps_event",
            field_type="nps",
            answer_type="number",
            response_type=kind,
            occurred_at=at,
            number=score,
        )


def invitation(records: Records, name: str, sent: str, **other: Any) -> None:
    records.add(
        "registers.survey_invitations",
        **{
            "invitation_id": name,
            "booking_id": f"B-{name}",
            "form_id": "nps",
            "sent_at": utc(sent),
            "is_reminder": False,
        }
        | {"entered_at": utc(sent)}
        | other,
    )


def monitor(
    records: Records, observed: str, status: str = "UP", *, name: str = "Website", deleted: bool = False, **other: Any
) -> None:
    records.add(
        "uptimerobot.monitors",
        observed=utc(observed),
        deleted=deleted,
        name=name,
        type="HTTP",
        status=status,
        **{"id": 7, "created_at": utc("2026-05-01 10:00")} | other,
    )


def incident(records: Records, name: str, start: str, end: str | None, *, counts: bool = True) -> None:
    records.add(
        "uptimerobot.incidents",
        id=name,
        monitor_id=7,
        started_at=utc(start),
        resolved_at=utc(end) if end else None,
        include_in_reports=counts,
    )


def counter(records: Records, at: str, count: float, *, le: float = 1e308, series: str = 'instance="a"') -> None:
    records.add(
        "prometheus.histogram_samples", metric="retry_age_ms", series=series, le=le, sampled_at=utc(at), count=count
    )


def rate(records: Records, on: str, currency: str, rate_e6: int) -> None:
    records.add("registers.fx_rates", day=day(on), currency=currency, rate_e6=rate_e6)


def ledger(records: Records, entry_id: str, on: str, amount: int, currency: str, **other: Any) -> None:
    values = {"account": "main", "kind": "balance", "category": "bank", "one_off": False, "restricted": False} | other
    records.add("registers.ledger", entry_id=entry_id, day=day(on), amount_minor=amount, currency=currency, **values)

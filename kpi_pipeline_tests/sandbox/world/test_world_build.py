"""The simulated world is a pure function, hangs together, and holds the awkward cases that vendors produce."""

from collections import Counter
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from kpi_pipeline.sandbox.world import BUILDERS, build
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline_tests.sandbox.world.conftest import ANCHORS

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
FAMILIES = [
    "leads", "engagements", "deals", "tickets", "customers", "subscriptions", "invoices", "payments", "refunds",
    "credit_notes", "disputes", "payouts", "incidents", "issues", "invitations", "ledger", "organisations", "feedback",
]  # fmt: skip


def differences(one: Any, other: Any, name: str = "world") -> list[str]:
    """The names of what is not equal; columns are arrays, whose == is an array too."""
    if isinstance(one, np.ndarray):
        return [] if one.dtype == other.dtype and np.array_equal(one, other) else [name]
    if is_dataclass(one) and any(is_dataclass(value) or isinstance(value, np.ndarray) for value in _values(one)):
        names = [field.name for field in fields(one)]
        return [
            each
            for part in names
            for each in differences(getattr(one, part), getattr(other, part, None), f"{name}.{part}")
        ]
    return [] if one == other else [name]


def _values(record: Any) -> list[Any]:
    return [getattr(record, field.name) for field in fields(record)]


@pytest.mark.parametrize(
    "company",
    [pytest.param(name, marks=() if name == "mister_dj" else pytest.mark.slow) for name in BUILDERS],
)
def test_the_same_arguments_give_an_equal_world(company: str, world_of: Callable[[str], World]) -> None:
    assert differences(build(company, 7, ANCHORS[company]), world_of(company)) == []


def test_another_seed_gives_another_world(mister_dj: World, leap_year: World) -> None:
    assert "world.leads" in differences(leap_year, mister_dj)
    assert not {lead.person for lead in leap_year.leads} & {lead.person for lead in mister_dj.leads}


def test_an_unknown_company_is_refused_by_name() -> None:
    known = ", ".join(sorted(BUILDERS))
    with pytest.raises(KeyError, match=f"no simulated world for company 'acme'; there is one for: {known}"):
        build("acme", 7, ANCHORS["mister_dj"])


def test_the_world_spans_thirteen_months_back_and_forty_five_days_ahead(mister_dj: World) -> None:
    assert mister_dj.starts_at == datetime(2025, 9, 30, 22, tzinfo=UTC)  # midnight in Amsterdam, summer time
    assert mister_dj.horizon == datetime(2027, 1, 7, 23, tzinfo=UTC)
    assert min(lead.created_at for lead in mister_dj.leads) >= mister_dj.starts_at
    assert max(lead.created_at for lead in mister_dj.leads) < mister_dj.horizon
    assert max(sample.at for sample in mister_dj.gauges) == mister_dj.horizon - timedelta(minutes=15)


def test_about_sixty_thousand_records_have_happened_by_the_anchor(mister_dj: World) -> None:
    counts = {name: sum(_since(record) <= NOON for record in getattr(mister_dj, name)) for name in FAMILIES}
    counts["responses"] = sum(response.visible_at <= NOON for response in mister_dj.responses)
    assert 52_000 < sum(counts.values()) < 72_000, counts
    assert counts["leads"] > 8_000
    assert counts["invoices"] > 3_000
    assert len(mister_dj.monitors) == 62


def _since(record: Any) -> datetime:
    for name in ("created_at", "entered_at", "started_at", "at"):
        if hasattr(record, name):
            return getattr(record, name)
    raise AssertionError(f"{record} has no beginning")


@pytest.mark.parametrize("family", FAMILIES)
def test_ids_are_unique_within_a_family(mister_dj: World, family: str) -> None:
    ids = Counter(record.id for record in getattr(mister_dj, family))
    assert ids.most_common(1)[0][1] == 1


REFERENCES: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
    "a lead's organisation": ("leads", "organisations", lambda lead: lead.organisation_id),
    "a lead's owner": ("leads", "owners", lambda lead: lead.owner_id),
    "the lead merged into": ("leads", "leads", lambda lead: lead.merged_into),
    "an engagement's lead": ("engagements", "leads", lambda engagement: engagement.lead_id),
    "a deal's lead": ("deals", "leads", lambda deal: deal.lead_id),
    "a deal's organisation": ("deals", "organisations", lambda deal: deal.organisation_id),
    "a ticket's lead": ("tickets", "leads", lambda ticket: ticket.lead_id),
    "an opinion's lead": ("feedback", "leads", lambda feedback: feedback.lead_id),
    "a customer's lead": ("customers", "leads", lambda customer: customer.lead_id),
    "an invoice's customer": ("invoices", "customers", lambda invoice: invoice.customer_id),
    "an invoice's subscription": ("invoices", "subscriptions", lambda invoice: invoice.subscription_id),
    "a payment's invoice": ("payments", "invoices", lambda payment: payment.invoice_id),
    "a payment's payout": ("payments", "payouts", lambda payment: payment.payout_id),
    "a refund's payment": ("refunds", "payments", lambda refund: refund.payment_id),
    "a credit note's invoice": ("credit_notes", "invoices", lambda note: note.invoice_id),
    "a credit note's refund": ("credit_notes", "refunds", lambda note: note.refund_id),
    "a dispute's payment": ("disputes", "payments", lambda dispute: dispute.payment_id),
    "a price's product": ("prices", "products", lambda price: price.product_id),
    "an incident's monitor": ("incidents", "monitors", lambda incident: incident.monitor_id),
    "an issue's team": ("issues", "teams", lambda issue: issue.team_id),
    "an issue's cycle": ("issues", "cycles", lambda issue: issue.cycle_id),
    "an issue's project": ("issues", "projects", lambda issue: issue.project_id),
    "an issue's assignee": ("issues", "tracker_users", lambda issue: issue.assignee_id),
    "a subscription's customer": ("subscriptions", "customers", lambda subscription: subscription.customer_id),
}


@pytest.mark.parametrize("reference", REFERENCES)
def test_every_reference_points_to_a_record(mister_dj: World, reference: str) -> None:
    source, target, get = REFERENCES[reference]
    existing = {record.id for record in getattr(mister_dj, target)}
    pointed = {get(record) for record in getattr(mister_dj, source)} - {None}
    assert pointed, "the reference is never used"
    assert pointed <= existing


def test_nested_references_point_to_records(mister_dj: World) -> None:
    products = {product.id for product in mister_dj.products}
    prices = {price.id for price in mister_dj.prices}
    payments = {payment.id for payment in mister_dj.payments}
    for invoice in mister_dj.invoices:
        assert {line.product_id for line in invoice.lines} <= products
        assert {line.price_id for line in invoice.lines} <= prices | {None}
        assert {payment.payment_id for payment in invoice.payments} <= payments
    states = {state.id for state in mister_dj.workflow_states}
    labels = {label.id for label in mister_dj.labels}
    for issue in mister_dj.issues:
        assert {state for state, _ in issue.states} <= states
        assert set(issue.label_ids) <= labels
    booked = {invoice.booking_id for invoice in mister_dj.invoices}
    assert {invitation.booking_id for invitation in mister_dj.invitations} <= booked
    assert {deal.booking_id for deal in mister_dj.deals} <= booked | {None}
    invited = {invitation.id for invitation in mister_dj.invitations if not invitation.is_reminder}
    assert {r.hidden["invitation_id"] for r in mister_dj.responses if r.form_id == "nps"} <= invited


@pytest.mark.parametrize("family", ["leads", "engagements", "deals", "tickets", "customers", "invoices", "issues"])
def test_a_record_is_first_modified_when_it_is_created_and_then_in_order(mister_dj: World, family: str) -> None:
    for record in getattr(mister_dj, family):
        assert record.modified[0] == record.created_at
        assert list(record.modified) == sorted(set(record.modified))


def test_what_a_record_shows_only_grows_until_it_is_deleted(mister_dj: World) -> None:
    for record in [*mister_dj.leads, *mister_dj.deals, *mister_dj.tickets, *mister_dj.issues]:
        assert record.archived_at is None or record.archived_at > record.created_at
    for lead in mister_dj.leads:
        assert [at for _, at in lead.lifecycle] == sorted(at for _, at in lead.lifecycle)
        assert lead.lifecycle[0] == ("lead", lead.created_at)
    for deal in mister_dj.deals:
        assert [at for _, at in deal.stages] == sorted(at for _, at in deal.stages)
    for response in mister_dj.responses:
        if response.submitted_at is not None:
            assert timedelta() <= response.visible_at - response.submitted_at <= timedelta(minutes=30)
    for payment in mister_dj.payments:
        assert payment.succeeded_at is None or payment.succeeded_at > payment.created_at


def test_only_leads_that_nobody_qualified_or_contacted_are_deleted_or_merged(mister_dj: World) -> None:
    gone = {lead.id for lead in mister_dj.leads if lead.archived_at or lead.merged_at}
    assert len(gone) > 80
    assert not [lead.id for lead in mister_dj.leads if lead.id in gone and "salesqualifiedlead" in dict(lead.lifecycle)]
    human = {e.lead_id for e in mister_dj.engagements if e.direction == "outbound" and not e.automated}
    assert not gone & human


def test_moving_the_anchor_by_a_day_leaves_nearly_all_records_as_they_were(mister_dj: World) -> None:
    moved = build("mister_dj", 7, mister_dj.anchor + timedelta(days=1))
    for family in (
        "leads",
        "engagements",
        "deals",
        "invoices",
        "payments",
        "refunds",
        "invitations",
        "issues",
        "ledger",
    ):
        before = {r.id: r for r in getattr(mister_dj, family) if _since(r) < NOON - timedelta(days=40)}
        after = {r.id: r for r in getattr(moved, family)}
        same = sum(after.get(id_) == record for id_, record in before.items())
        assert same >= 0.995 * len(before), family


def test_more_records_share_one_instant_than_a_page_holds(mister_dj: World) -> None:
    def most_at_once(instants: list[datetime]) -> int:
        return Counter(instants).most_common(1)[0][1]

    assert most_at_once([lead.created_at for lead in mister_dj.leads]) > 200
    assert most_at_once([lead.modified[-1] for lead in mister_dj.leads]) > 200
    assert most_at_once([invoice.created_at for invoice in mister_dj.invoices]) > 100
    assert most_at_once([issue.modified[-1] for issue in mister_dj.issues]) > 5
    assert most_at_once([incident.started_at for incident in mister_dj.incidents]) > 10
    assert most_at_once([r.submitted_at for r in mister_dj.responses if r.submitted_at]) > 20


def test_records_lie_on_both_sides_of_every_clock_change(mister_dj: World) -> None:
    for change in (datetime(2025, 10, 26, 1, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)):
        near = [lead.created_at for lead in mister_dj.leads if abs(lead.created_at - change) <= timedelta(hours=1)]
        assert [at for at in near if at < change]
        assert [at for at in near if at >= change]


def test_invoices_add_up_and_are_never_overpaid(mister_dj: World) -> None:
    for invoice in mister_dj.invoices:
        total = sum(line.amount - line.discount + line.tax for line in invoice.lines)
        paid = sum(payment.amount for payment in invoice.payments)
        assert total >= 0
        assert paid <= total
        assert (invoice.paid_at is not None) == (paid == total)


def test_the_awkward_cases_of_every_vendor_are_there(mister_dj: World) -> None:
    billing = mister_dj
    assert {"eur", "gbp"} == {invoice.currency for invoice in billing.invoices}
    assert any(payment.failure_code for payment in billing.payments)
    assert any(customer.deleted_at for customer in billing.customers)
    assert any(note.voided_at for note in billing.credit_notes)
    assert any(note.refund_id is None and note.voided_at is None for note in billing.credit_notes)
    assert billing.disputes
    assert any(subscription.trial_end for subscription in billing.subscriptions)
    assert any(subscription.discounts for subscription in billing.subscriptions)
    assert any(subscription.pauses for subscription in billing.subscriptions)
    assert any(subscription.cancel_at_period_end for subscription in billing.subscriptions)
    types = {response.response_type for response in mister_dj.responses}
    assert types == {"completed", "partial", "started"}
    assert any(response.deleted_at for response in mister_dj.responses)
    assert any(invitation.bounced_at for invitation in mister_dj.invitations)
    assert sum(invitation.is_reminder for invitation in mister_dj.invitations) > 200
    assert any(monitor.deleted_at for monitor in mister_dj.monitors)
    assert any(monitor.pauses and monitor.pauses[0][1] is None for monitor in mister_dj.monitors)
    assert any(not incident.include_in_reports for incident in mister_dj.incidents)
    assert any(issue.trashed_at for issue in mister_dj.issues)
    assert {"1", "2", "3", "4"} == {priority for issue in mister_dj.issues for priority, _ in issue.priorities}
    assert mister_dj.counter_resets
    assert not [
        rate for rate in mister_dj.fx_rates if rate.day.weekday() >= 5 or (rate.day.month, rate.day.day) == (12, 25)
    ]


def test_a_month_end_membership_is_billed_on_the_last_day_of_short_months(mister_dj: World) -> None:
    january = datetime(2026, 1, 31, 4, tzinfo=UTC)
    subscription = next(s for s in mister_dj.subscriptions if s.created_at == january)
    billed = sorted(i.created_at.date() for i in mister_dj.invoices if i.subscription_id == subscription.id)
    assert billed[:4] == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_a_leap_day_is_a_day_like_any_other(leap_year: World) -> None:
    leap = [lead for lead in leap_year.leads if str(lead.id).startswith("280229")]
    assert len(leap) > 5
    assert any(payment.created_at.date() == date(2028, 2, 29) for payment in leap_year.payments)

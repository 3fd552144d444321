"""What every fact is: its columns, its key, and the streams it is built from. Plain data, cheap to import.

Conventions of all facts: `*_at` are instants (int64 epoch milliseconds UTC), `*_minor` is money in minor units of the
company's currency (int64), `*_day` or `day` is a local date (int64 days since 1970-01-01), ids are text, flags boolean.
Integers make every engine agree exactly; the one division of a KPI happens at its end.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from ibis.expr.types import Table

    from kpi_pipeline.facts.tables import FactTables

Type = Literal["int64", "float64", "string", "boolean"]
StreamId = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    type: Type
    description: str
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact. `reads` are the (source, stream) pairs its own module reads, `uses` the facts it builds on."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    reads: tuple[StreamId, ...] = ()
    uses: tuple[str, ...] = ()

    @property
    def build(self) -> Callable[[FactTables], Table]:
        """The function that makes the expression; its module is imported only now, because Ibis takes a second."""
        builder: Callable[[FactTables], Table] = importlib.import_module(f"kpi_pipeline.facts.{self.name}").build
        return builder


def _instant(description: str, *, nullable: bool = False) -> Column:
    return Column("int64", f"{description} (epoch ms UTC)", nullable)


def _money(description: str, *, nullable: bool = False) -> Column:
    return Column("int64", f"{description} (minor units of the company's currency)", nullable)


def _text(description: str, *, nullable: bool = False) -> Column:
    return Column("string", description, nullable)


def _flag(description: str) -> Column:
    return Column("boolean", description)


def _whole(description: str, *, nullable: bool = False) -> Column:
    return Column("int64", description, nullable)


CONTACTS: tuple[StreamId, ...] = (("hubspot", "contacts"),)
BILLING: tuple[StreamId, ...] = (
    ("stripe", "invoices"),
    ("stripe", "invoice_lines"),
    ("stripe", "invoice_payments"),
    ("stripe", "products"),
    ("stripe", "refunds"),
    ("stripe", "credit_notes"),
)
ISSUE_LIFE: tuple[StreamId, ...] = (
    ("linear", "issues"),
    ("linear", "state_spans"),
    ("linear", "issue_history"),
    ("linear", "workflow_states"),
)

_SPECS = (
    FactSpec(
        "fx_rate",
        "How many units of a currency the ECB gives for one euro, and the local days on which that is the newest rate.",
        ("currency", "from_day"),
        {
            "currency": _text("ISO 4217 code"),
            "from_day": _whole("day of the fixing"),
            "to_day": _whole(
                "first day it no longer holds: the next fixing, or the 8th day after this one", nullable=True
            ),
            "rate_e6": _whole("units of the currency for one euro, in millionths"),
        },
        reads=(("registers", "fx_rates"),),
    ),
    FactSpec(
        "lead",
        "A person who asked for an offer. Deleted and merged-away contacts are no leads.",
        ("lead_id",),
        {
            "lead_id": _text("id of the contact"),
            "created_at": _instant("when the lead came in"),
            "qualified_at": _instant("first entry into the qualified stage", nullable=True),
            "first_contact_at": _instant(
                "first call, e-mail or meeting by a person of ours, not automated", nullable=True
            ),
            "source": _text("where the lead came from", nullable=True),
            "owner_id": _text("who works it", nullable=True),
            "first_paid_at": _instant("first payment of its first paid booking", nullable=True),
            "fully_refunded_at": _instant("when that booking was refunded in full", nullable=True),
        },
        reads=(
            *CONTACTS,
            ("hubspot", "calls"),
            ("hubspot", "emails"),
            ("hubspot", "meetings"),
        ),
        uses=("booking",),
    ),
    FactSpec(
        "booking",
        "An event that a customer booked, as invoiced: all its invoices together, drafts and voided ones left out.",
        ("booking_id",),
        {
            "booking_id": _text("our number of the booking"),
            "lead_id": _text("the lead it came from", nullable=True),
            "lead_qualified": _flag("that lead was ever qualified"),
            "deal_id": _text("the deal in the CRM", nullable=True),
            "customer_id": _text("who pays"),
            "invoice_id": _text("its first invoice"),
            "event_at": _instant("local midnight of the day of the event", nullable=True),
            "first_paid_at": _instant("first succeeded payment", nullable=True),
            "paid_in_full_at": _instant("when the payments reached the invoiced total", nullable=True),
            "fully_refunded_at": _instant("when refunds and credits reached what was paid until then", nullable=True),
            "net_minor": _money("contracted revenue without VAT, discounts, tips and pass-through"),
            "gross_minor": _money("invoiced total with VAT"),
            "currency": _text("ISO 4217 code of the invoices; amounts are converted"),
        },
        reads=(*BILLING, *CONTACTS, ("hubspot", "deals")),
        uses=("fx_rate",),
    ),
    FactSpec(
        "booking_refund",
        "Money or credit given back on a paid booking: a refund, or a credit note that no refund belongs to.",
        ("refund_id",),
        {
            "refund_id": _text("id of the refund or credit note"),
            "booking_id": _text("the booking"),
            "lead_qualified": _flag("the booking's lead was ever qualified"),
            "refunded_at": _instant("when it was given"),
            "net_minor": _money(
                "its net share; the one that completes a full refund cancels the booking's net exactly"
            ),
            "gross_minor": _money("with VAT"),
        },
        reads=(*BILLING, *CONTACTS, ("hubspot", "deals")),
        uses=("fx_rate",),
    ),
    FactSpec(
        "survey_invitation",
        "A survey that was sent for a booking, reminders included.",
        ("invitation_id",),
        {
            "invitation_id": _text("id in the register"),
            "booking_id": _text("the booking"),
            "sent_at": _instant("when it was sent"),
            "delivered_at": _instant("when it was delivered", nullable=True),
            "bounced_at": _instant("when it came back", nullable=True),
            "answered_at": _instant("first completed answer at or after sending", nullable=True),
            "is_reminder": _flag("a repeat of an earlier invitation"),
        },
        reads=(("registers", "survey_invitations"), ("typeform", "responses")),
    ),
    FactSpec(
        "survey_answer",
        "A number that a respondent gave to one question of a completed survey.",
        ("answer_id",),
        {
            "answer_id": _text("form, response and field"),
            "form": _text("id of the form"),
            "question": _text("the question's ref, which outlives its wording"),
            "respondent": _text("who answered, e.g. the booking; the response itself where nobody is named"),
            "event_at": _instant("local midnight of the event asked about, else the submission"),
            "submitted_at": _instant("when it was sent in"),
            "superseded_at": _instant("when the same respondent answered the question again", nullable=True),
            "score": _whole("the number given"),
        },
        reads=(("typeform", "responses"), ("typeform", "answers")),
    ),
    FactSpec(
        "monitor_interval",
        "A span in which a monitor was down, paused, under maintenance, or not watched yet. Spans may overlap.",
        ("monitor_id", "state", "start_at"),
        {
            "monitor_id": _text("id of the monitor"),
            "monitor": _text("its name"),
            "state": _text("down, paused, maintenance or unchecked"),
            "start_at": _instant("first instant; 0 for ever"),
            "end_at": _instant("first instant after it; null while it lasts", nullable=True),
        },
        reads=(("uptimerobot", "monitors"), ("uptimerobot", "incidents"), ("uptimerobot", "maintenance_windows")),
    ),
    FactSpec(
        "issue_completion",
        "One time that an issue was completed; a reopened issue may have several.",
        ("issue_id", "completed_at"),
        {
            "issue_id": _text("id of the issue"),
            "identifier": _text("its number, e.g. INC-42"),
            "team": _text("key of the team"),
            "priority": _whole("at that completion: 1 urgent … 4 low, 0 none"),
            "created_at": _instant("when the issue was created"),
            "completed_at": _instant("start of the completed state"),
            "reopened_at": _instant("when it left the completed state again", nullable=True),
        },
        reads=ISSUE_LIFE,
    ),
    FactSpec(
        "issue_open_interval",
        "A span in which an issue was open at one priority.",
        ("issue_id", "start_at"),
        {
            "issue_id": _text("id of the issue"),
            "identifier": _text("its number, e.g. INC-42"),
            "team": _text("key of the team"),
            "priority": _whole("during the span: 1 urgent … 4 low, 0 none"),
            "created_at": _instant("when the issue was created"),
            "start_at": _instant("first instant"),
            "end_at": _instant("first instant after it; null while it lasts", nullable=True),
        },
        reads=ISSUE_LIFE,
    ),
    FactSpec(
        "metric_sample",
        "What a gauge showed at one instant.",
        ("metric", "series", "sampled_at"),
        {
            "metric": _text("name of the query"),
            "series": _text("its labels"),
            "sampled_at": _instant("when it was read"),
            "value": Column("float64", "the reading"),
        },
        reads=(("prometheus", "metric_samples"),),
    ),
    FactSpec(
        "histogram_increase",
        "How many observations a histogram bucket counted in one clock hour, counter resets corrected.",
        ("metric", "series", "le", "hour_start_at"),
        {
            "metric": _text("name of the query"),
            "series": _text("its labels without le"),
            "le": Column("float64", "upper bound of the bucket, 1e308 for none"),
            "hour_start_at": _instant("full hour"),
            "hour_end_at": _instant("the next full hour"),
            "increase": _whole("observations at or below the bound"),
        },
        reads=(("prometheus", "histogram_samples"),),
    ),
    FactSpec(
        "ledger_entry",
        "A balance of an account on a day, or money that left or came in.",
        ("entry_id",),
        {
            "entry_id": _text("id in the register"),
            "day": _whole("local date (days since 1970-01-01)"),
            "account": _text("bank account"),
            "kind": _text("balance, outflow or inflow"),
            "category": _text("what for"),
            "amount_minor": _money("amount, converted at the rate of its day"),
            "one_off": _flag("will not come back; not part of the burn"),
            "restricted": _flag("cannot be spent freely; not part of the cash"),
        },
        reads=(("registers", "ledger"),),
        uses=("fx_rate",),
    ),
)

FACTS: Mapping[str, FactSpec] = {spec.name: spec for spec in _SPECS}


def columns() -> dict[str, set[str]]:
    """Fact → its columns: what the catalogue checks KPI definitions against."""
    return {name: set(spec.columns) for name, spec in FACTS.items()}


def sources(names: Iterable[str]) -> tuple[StreamId, ...]:
    """Every (source, stream) that these facts are computed from, through other facts too; sorted, each once."""
    found: set[StreamId] = set()
    for name in names:
        found.update(FACTS[name].reads, sources(FACTS[name].uses))
    return tuple(sorted(found))

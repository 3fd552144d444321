"""Every scenario is its own booking or lead of one small company, whose facts are computed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl
import pytest

from kpi_pipeline.errors import FactError
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.schemas.facts import MODELS
from kpi_pipeline_tests.facts.builders import contact, credit, deal, engage, invoice, payment, rate, refund
from kpi_pipeline_tests.facts.records import Company, Records, ms, utc

Row = dict[str, Any]
SCENARIOS: list[Callable[[Records], None]] = []


def scenario(build: Callable[[Records], None]) -> Callable[[Records], None]:
    SCENARIOS.append(build)
    return build


@dataclass(frozen=True)
class Facts:
    rows: dict[str, list[Row]]

    def booking(self, name: str) -> Row | None:
        return next((row for row in self.rows["booking"] if row["booking_id"] == name), None)

    def refunds(self, booking: str) -> dict[str, Row]:
        return {row["refund_id"]: row for row in self.rows["booking_refund"] if row["booking_id"] == booking}

    def lead(self, name: str) -> Row | None:
        return next((row for row in self.rows["lead"] if row["lead_id"] == name), None)

    def lead_booking(self, name: str) -> Row | None:
        return next((row for row in self.rows["lead_booking"] if row["lead_id"] == name), None)


@pytest.fixture(scope="module")
def facts(duckdb: Any) -> Facts:
    records = Records()
    for build in SCENARIOS:
        build(records)
    rows = {}
    with FactTables(records, Company(), duckdb) as tables:
        for name in ("booking", "booking_refund", "lead", "lead_booking"):
            frame = pl.DataFrame(tables.table(name).to_pyarrow())
            MODELS[name].validate(frame)
            rows[name] = frame.to_dicts()
    return Facts(rows)


@scenario
def usual(records: Records) -> None:
    total = invoice(
        records,
        "in_usual",
        ("dj", 100_000, 10_000),
        ("light", 20_000, 0),
        ("tip", 5_000, 0),
        ("travel", 3_000, 0),
        booking="usual",
    )
    payment(records, "in_usual", 40_000, "2026-05-02 10:00")
    payment(records, "in_usual", total - 40_000, "2026-05-20 10:00")
    contact(records, "7", entered_salesqualifiedlead_at=utc("2026-04-02 10:00"))
    deal(records, "70", "usual", "7", event_date="2026-06-06")


def test_a_booking_is_its_invoice_its_payments_and_its_deal(facts: Facts) -> None:
    assert facts.booking("usual") == {
        "booking_id": "usual",
        "lead_id": "7",
        "lead_qualified": True,
        "deal_id": "70",
        "customer_id": "cus_in_usual",
        "invoice_id": "in_usual",
        "event_at": ms("2026-06-05 22:00"),
        "first_paid_at": ms("2026-05-02 10:00"),
        "paid_in_full_at": ms("2026-05-20 10:00"),
        "fully_refunded_at": None,
        "net_minor": 110_000,
        "gross_minor": 141_730,  # 110,000 + 21 % + tip 5,000 + travel 3,000 + 21 %
        "currency": "EUR",
    }


@scenario
def not_owed(records: Records) -> None:
    invoice(records, "in_part", booking="part")
    payment(records, "in_part", 121_000, "2026-05-02 10:00", status="canceled")
    payment(records, "in_part", 20_000, "2026-05-03 10:00")
    for status in ("draft", "void"):
        invoice(records, f"in_{status}", booking=status, status=status)
    invoice(records, "in_club", booking=None)
    invoice(records, "in_test", booking="test mode", livemode=False)


def test_only_succeeded_payments_pay_and_only_owed_invoices_book(facts: Facts) -> None:
    part = facts.booking("part")
    assert part is not None
    assert (part["first_paid_at"], part["paid_in_full_at"]) == (ms("2026-05-03 10:00"), None)
    assert [facts.booking(name) for name in ("draft", "void", "test mode")] == [None] * 3
    assert all(row["booking_id"] for row in facts.rows["booking"])


@scenario
def two_invoices(records: Records) -> None:
    invoice(records, "in_second", ("light", 50_000, 0), booking="two", created="2026-05-03 08:00")
    invoice(records, "in_first", booking="two")
    payment(records, "in_first", 121_000, "2026-05-02 10:00")
    payment(records, "in_second", 60_500, "2026-05-09 10:00")


def test_two_invoices_of_one_booking_are_one_contract(facts: Facts) -> None:
    row = facts.booking("two")
    assert row is not None
    assert (row["invoice_id"], row["net_minor"], row["gross_minor"]) == ("in_first", 150_000, 181_500)
    assert (row["first_paid_at"], row["paid_in_full_at"]) == (ms("2026-05-02 10:00"), ms("2026-05-09 10:00"))


@scenario
def pounds(records: Records) -> None:
    for on, rate_e6 in (("2026-05-05", 800_000), ("2026-05-06", 850_000), ("2026-05-07", 900_000)):
        rate(records, on, "GBP", rate_e6)
    total = invoice(records, "in_pounds", booking="pounds", currency="gbp")
    payment(records, "in_pounds", 40_000, "2026-05-05 22:30", currency="gbp")  # 6 May, 00:30 in Amsterdam
    balance = payment(records, "in_pounds", total - 40_000, "2026-05-07 10:00", currency="gbp")
    refund(records, "re_pounds", balance, 12_100, "2026-05-20 10:00")
    invoice(records, "in_unpaid", booking="unpaid pounds", currency="gbp", created="2026-05-14 08:00", status="open")


def test_pounds_are_converted_at_the_rate_of_the_local_day_of_the_first_payment(facts: Facts) -> None:
    row, back = facts.booking("pounds"), facts.refunds("pounds")["re_pounds"]
    assert row is not None
    assert (row["net_minor"], row["gross_minor"], row["currency"]) == (117_647, 142_353, "GBP")
    assert (back["net_minor"], back["gross_minor"]) == (11_765, 14_235)  # 10,000 and 12,100 pence at the booking's rate


def test_what_nobody_has_paid_yet_is_converted_at_the_rate_of_its_invoice(facts: Facts) -> None:
    row = facts.booking("unpaid pounds")
    assert row is not None
    assert (row["net_minor"], row["first_paid_at"]) == (111_111, None)


def test_a_booking_without_a_rate_is_an_error_before_any_number(
    records: Records, rows_of: Callable[..., list[Row]]
) -> None:
    invoice(records, "in_1")
    invoice(records, "in_2", booking="B-2", currency="gbp")
    payment(records, "in_2", 10_000, "2026-05-06 22:30", currency="gbp")
    with pytest.raises(FactError, match=r"bookings of mister_dj to EUR: there is no .* for GBP on 2026-05-07"):
        rows_of("booking")


@scenario
def partly_refunded(records: Records) -> None:
    total = invoice(records, "in_partly", ("dj", 100_000, 0), ("tip", 9_000, 0), booking="partly")
    intent = payment(records, "in_partly", total, "2026-05-02 10:00")
    refund(records, "re_partly", intent, 13_000, "2026-07-15 10:00")
    refund(records, "re_failed", intent, 13_000, "2026-07-16 10:00", status="failed")
    contact(records, "8", entered_salesqualifiedlead_at=utc("2026-04-02 10:00"))
    deal(records, "80", "partly", "8")


def test_a_refund_months_later_keeps_its_own_date_and_takes_the_net_share(facts: Facts) -> None:
    assert facts.refunds("partly") == {
        "re_partly": {
            "refund_id": "re_partly",
            "booking_id": "partly",
            "lead_qualified": True,
            "refunded_at": ms("2026-07-15 10:00"),
            "net_minor": 10_000,  # net 100,000 of gross 130,000
            "gross_minor": 13_000,
        }
    }
    row = facts.booking("partly")
    assert row is not None
    assert row["fully_refunded_at"] is None


@scenario
def cancelled(records: Records) -> None:
    total = invoice(records, "in_cancelled", ("dj", 100_001, 0), ("tip", 333, 0), booking="cancelled")
    first = payment(records, "in_cancelled", 40_000, "2026-05-02 10:00")
    second = payment(records, "in_cancelled", total - 40_000, "2026-05-03 10:00")
    refund(records, "re_1", first, 40_000, "2026-05-10 10:00")
    refund(records, "re_2", second, total - 40_000, "2026-05-10 10:01")
    refund(records, "re_3", second, 100, "2026-05-10 10:02")  # more than was ever paid: nothing is left to take


def test_a_cancelled_booking_comes_to_exactly_nothing(facts: Facts) -> None:
    row, back = facts.booking("cancelled"), facts.refunds("cancelled")
    assert row is not None
    assert row["fully_refunded_at"] == ms("2026-05-10 10:01")
    nets = {name: refund["net_minor"] for name, refund in back.items()}
    assert nets == {"re_1": 32_967, "re_2": 67_034, "re_3": 0}  # 40,000 × 100,001 / 121,334 = 32,967.18; the rest; none
    assert sum(nets.values()) == row["net_minor"]


@scenario
def deposit_refunded(records: Records) -> None:
    invoice(records, "in_deposit", booking="deposit")
    deposit = payment(records, "in_deposit", 36_300, "2026-05-02 10:00")
    refund(records, "re_deposit", deposit, 36_300, "2026-05-05 10:00")
    payment(records, "in_deposit", 84_700, "2026-05-06 10:00")


def test_a_refund_of_all_that_was_paid_so_far_cancels_the_whole_contract(facts: Facts) -> None:
    row = facts.booking("deposit")
    assert row is not None
    assert row["fully_refunded_at"] == ms("2026-05-05 10:00")
    assert facts.refunds("deposit")["re_deposit"]["net_minor"] == 100_000


@scenario
def credited(records: Records) -> None:
    total = invoice(records, "in_credited", booking="credited")
    intent = payment(records, "in_credited", total, "2026-05-02 10:00")
    refund(records, "re_paper", intent, 2_420, "2026-05-11 10:00")
    credit(records, "cn_paper", "in_credited", 2_000, 2_420, "2026-05-11 10:00", refund_ids=["re_paper"])
    credit(records, "cn_void", "in_credited", 3_000, 3_630, "2026-05-12 10:00", status="void")
    credit(records, "cn_counts", "in_credited", 5_000, 5_450, "2026-05-13 10:00")


def test_a_credit_note_counts_unless_it_is_void_or_the_paper_of_a_refund(facts: Facts) -> None:
    found = {name: (row["net_minor"], row["gross_minor"]) for name, row in facts.refunds("credited").items()}
    assert found == {"re_paper": (2_000, 2_420), "cn_counts": (5_000, 5_450)}


@scenario
def credited_before_payment(records: Records) -> None:
    invoice(records, "in_early", booking="early credit")
    credit(records, "cn_early", "in_early", 10_000, 12_100, "2026-05-01 12:00")
    payment(records, "in_early", 108_900, "2026-05-04 10:00")
    invoice(records, "in_never", booking="never paid", status="open")
    credit(records, "cn_never", "in_never", 10_000, 12_100, "2026-05-01 12:00")


def test_a_credit_before_the_first_payment_counts_from_that_payment_and_never_without_one(facts: Facts) -> None:
    assert facts.refunds("early credit")["cn_early"]["refunded_at"] == ms("2026-05-04 10:00")
    assert facts.refunds("never paid") == {}
    for name in ("early credit", "never paid"):
        row = facts.booking(name)
        assert row is not None
        assert row["fully_refunded_at"] is None


@scenario
def whose(records: Records) -> None:
    contact(records, "unqualified")
    contact(records, "winner", merged_ids="loser;other", entered_salesqualifiedlead_at=utc("2026-04-02 10:00"))
    contact(records, "loser", entered_salesqualifiedlead_at=utc("2026-04-02 10:00"))
    contact(records, "gone")
    contact(records, "gone", observed=utc("2026-06-02 00:00"), deleted=True)
    for lead in ("unqualified", "winner", "loser", "gone"):
        invoice(records, f"in_{lead}", booking=f"of {lead}")
        deal(records, f"d_{lead}", f"of {lead}", lead)
    invoice(records, "in_nobody", booking="of nobody")


def test_bookings_without_a_living_lead_are_unattributed(facts: Facts) -> None:
    rows = {row["booking_id"]: (row["lead_id"], row["lead_qualified"]) for row in facts.rows["booking"]}
    assert {name: rows[f"of {name}"] for name in ("unqualified", "winner", "loser", "gone", "nobody")} == {
        "unqualified": ("unqualified", False),
        "winner": ("winner", True),
        "loser": (None, False),
        "gone": (None, False),
        "nobody": (None, False),
    }
    assert facts.lead("loser") is None
    assert facts.lead("gone") is None


@scenario
def requalified(records: Records) -> None:
    first, again = utc("2026-04-02 10:00"), utc("2026-05-20 10:00")
    known = {"source": "website", "owner_id": "9"}
    contact(records, "twice", entered_salesqualifiedlead_at=first, **known)
    contact(records, "twice", observed=utc("2026-06-02 00:00"), entered_salesqualifiedlead_at=again, **known)
    contact(records, "marketing", entered_marketingqualifiedlead_at=again)


def test_the_first_entry_into_the_qualified_stage_counts(facts: Facts) -> None:
    assert facts.lead("twice") == {
        "lead_id": "twice",
        "created_at": ms("2026-04-01 10:00"),
        "qualified_at": ms("2026-04-02 10:00"),
        "first_contact_at": None,
        "source": "website",
        "owner_id": "9",
    }
    marketing = facts.lead("marketing")
    assert marketing is not None
    assert marketing["qualified_at"] is None


@scenario
def contacted(records: Records) -> None:
    for name in ("a", "b", "c", "nobody"):
        contact(records, name, "2026-04-01 10:00")
    engage(records, "calls", "rang first", "2026-04-01 09:55", "a", direction="OUTBOUND")
    engage(records, "emails", "auto", "2026-04-01 10:00", "a", direction="EMAIL", source="AUTOMATION_PLATFORM")
    engage(records, "emails", "sequence", "2026-04-01 10:05", "a", direction="EMAIL", sequence_id="3")
    engage(records, "emails", "theirs", "2026-04-01 10:10", "a", direction="INCOMING_EMAIL")
    engage(records, "calls", "theirs", "2026-04-01 10:15", "a", direction="INBOUND")
    engage(records, "meetings", "called off", "2026-04-01 10:20", "a", outcome="CANCELED")
    engage(records, "emails", "ours to two", "2026-04-01 11:00", "a", "b", direction="EMAIL", source="CRM_UI")
    engage(records, "calls", "later", "2026-04-01 12:00", "a", "b", direction="OUTBOUND")
    engage(records, "meetings", "met", "2026-04-01 10:00", "c", outcome="COMPLETED")


def test_the_first_contact_is_made_by_a_person_outbound_after_creation(facts: Facts) -> None:
    found = {row["lead_id"]: row["first_contact_at"] for row in facts.rows["lead"]}
    assert {name: found[name] for name in ("a", "b", "c", "nobody")} == {
        "a": ms("2026-04-01 11:00"),
        "b": ms("2026-04-01 11:00"),
        "c": ms("2026-04-01 10:00"),
        "nobody": None,
    }


@scenario
def booked_often(records: Records) -> None:
    contact(records, "often", entered_salesqualifiedlead_at=utc("2026-04-02 10:00"))
    paid = {"late": "2026-05-09 10:00", "early": "2026-05-02 10:00", "unpaid": None}
    for name, at in paid.items():
        invoice(records, f"in_often_{name}", booking=f"often {name}")
        deal(records, f"d_often_{name}", f"often {name}", "often")
        if at:
            payment(records, f"in_often_{name}", 121_000, at)
    refund(records, "re_often", "pi_in_often_early_2026-05-02 10:00", 121_000, "2026-05-20 10:00")


def test_a_lead_knows_its_first_paid_booking(facts: Facts) -> None:
    row = facts.lead_booking("often")
    assert row is not None
    assert (row["first_paid_at"], row["fully_refunded_at"]) == (ms("2026-05-02 10:00"), ms("2026-05-20 10:00"))


@scenario
def two_deals(records: Records) -> None:
    invoice(records, "in_deals", booking="deals")
    contact(records, "17")
    contact(records, "18")
    deal(records, "1", "deals", "18", created_at=utc("2026-04-22 10:00"), event_date="2026-06-06T00:00:00Z")
    deal(records, "2", "deals", "17", event_date="not yet")


def test_the_older_of_two_deals_of_a_booking_counts(facts: Facts) -> None:
    row = facts.booking("deals")
    assert row is not None
    assert (row["deal_id"], row["lead_id"], row["event_at"]) == ("2", "17", None)

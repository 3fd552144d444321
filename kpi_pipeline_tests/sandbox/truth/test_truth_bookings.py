"""Conversion and net revenue, recounted by hand. Day judged: 30 November 2025; its window begins on 1 November."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kpi_pipeline.sandbox.truth import bookings
from kpi_pipeline.sandbox.world.model import CreditNote, FxRate, Refund

DAY = date(2025, 11, 30)
FIRST_INSTANT = datetime(2025, 10, 31, 23, tzinfo=UTC)  # local midnight of 1 November
END = datetime(2025, 11, 30, 23, tzinfo=UTC)
MS = timedelta(milliseconds=1)
DJ = [("service", 100_000, 0, 21_000)]


def november(day: int, hour: int = 12) -> datetime:
    return datetime(2025, 11, day, hour, tzinfo=UTC)


def refund(tiny: Any, payment: str, amount: int, at: datetime) -> None:
    tiny.world.refunds.append(Refund(f"re-{payment}-{at:%d}", "", payment, amount, "eur", at, "", amount))


def test_conversion_counts_the_first_qualification_and_the_first_payment_in_the_window(tiny: Any) -> None:
    tiny.lead(1, FIRST_INSTANT - timedelta(days=3), qualified=FIRST_INSTANT)  # on the border: in
    tiny.lead(2, FIRST_INSTANT - timedelta(days=3), qualified=FIRST_INSTANT - MS)  # a millisecond early: out
    tiny.lead(3, november(2), qualified=END - MS)  # in
    tiny.lead(4, november(2), qualified=END)  # tomorrow: out
    tiny.lead(5, november(2))  # never qualified
    tiny.booking("paid", 2, [(FIRST_INSTANT, 121_000)], DJ)  # qualified before the window, paid on its border: counts
    tiny.booking("unqualified", 5, [(november(3), 121_000)], DJ)
    tiny.booking("no lead", None, [(november(4), 121_000)], DJ)
    tiny.booking("early", 1, [(FIRST_INSTANT - MS, 1_000), (november(5), 120_000)], DJ)  # first paid before the window

    found = tiny.value(bookings.values, "lead_to_booking_conversion", DAY)
    assert (found.numerator, found.denominator, found.n, found.value) == (1, 2, 2, Decimal(50))
    assert tiny.value(bookings.values, "unattributed_bookings", DAY).value == 1


def test_nothing_qualified_is_no_value_rather_than_zero(tiny: Any) -> None:
    tiny.lead(1, november(2))
    found = tiny.value(bookings.values, "lead_to_booking_conversion", DAY)
    assert (found.value, found.numerator, found.denominator) == (None, 0, 0)
    assert tiny.value(bookings.values, "net_revenue_per_booking", DAY).value is None


def test_a_fully_refunded_booking_counts_until_the_day_of_the_refund(tiny: Any) -> None:
    tiny.lead(1, november(1), qualified=november(2))
    tiny.booking("b", 1, [(november(3), 36_300)], DJ)  # a deposit of 30 %
    refund(tiny, "b-0", 36_300, november(20))
    before, after = date(2025, 11, 19), date(2025, 11, 20)
    assert tiny.value(bookings.values, "lead_to_booking_conversion", before).numerator == 1
    assert tiny.value(bookings.values, "lead_to_booking_conversion", after).numerator == 0
    assert tiny.value(bookings.values, "net_revenue_per_booking", before).numerator == 100_000
    cancelled = tiny.value(bookings.values, "net_revenue_per_booking", after)
    assert (cancelled.numerator, cancelled.denominator, cancelled.value) == (0, 0, None)


def test_a_refund_at_the_stroke_of_midnight_belongs_to_the_next_day(tiny: Any) -> None:
    tiny.lead(1, november(1), qualified=november(2))
    tiny.booking("b", 1, [(november(3), 36_300)], DJ)
    refund(tiny, "b-0", 36_300, END)
    assert tiny.value(bookings.values, "lead_to_booking_conversion", DAY).numerator == 1
    assert tiny.value(bookings.values, "lead_to_booking_conversion", date(2025, 12, 1)).numerator == 0


def test_merged_and_archived_leads_count_on_no_day(tiny: Any) -> None:
    tiny.lead(1, november(1), qualified=november(2), archived_at=november(25))
    tiny.lead(2, november(1), qualified=november(2), merged_into=3, merged_at=november(25))
    tiny.lead(3, november(1), qualified=november(2))
    day = date(2025, 11, 10)
    assert tiny.value(bookings.values, "lead_to_booking_conversion", day, november(24)).denominator == 3
    assert tiny.value(bookings.values, "lead_to_booking_conversion", day).denominator == 1


def test_the_cohort_follows_the_leads_of_the_window_before_for_thirty_times_24_hours(tiny: Any) -> None:
    october = datetime(2025, 10, 10, 12, tzinfo=UTC)
    for number in (1, 2, 3, 4):
        tiny.lead(number, october, qualified=october)
    tiny.booking("in time", 1, [(october + timedelta(days=30) - MS, 1)], DJ)
    tiny.booking("too late", 2, [(october + timedelta(days=30), 1)], DJ)
    tiny.booking("refunded", 3, [(october + timedelta(days=3), 100)], DJ)
    refund(tiny, "refunded-0", 100, november(28))
    found = tiny.value(bookings.values, "lead_to_booking_conversion_cohort", DAY)
    assert (found.numerator, found.denominator, found.n, found.value) == (1, 4, 4, Decimal(25))


def test_net_revenue_leaves_out_vat_discount_tips_and_what_is_passed_on(tiny: Any) -> None:
    tiny.lead(1, november(1), qualified=november(2))
    tiny.lead(2, november(1), qualified=november(2))
    lines = [("service", 200_000, 20_000, 37_800), ("tip", 5_000, 0, 0), ("pass_through", 30_000, 0, 0)]
    tiny.booking("full", 1, [(november(3), 252_800)], lines)
    tiny.booking("deposit", 2, [(november(4), 36_300)], DJ)
    found = tiny.value(bookings.values, "net_revenue_per_booking", DAY)
    assert (found.numerator, found.denominator, found.value) == (280_000, 2, Decimal(1400))
    assert tiny.value(bookings.values, "deposit_only_bookings", DAY).value == 1


def test_part_of_a_booking_given_back_lowers_revenue_on_the_day_it_is_given(tiny: Any) -> None:
    tiny.lead(1, november(1), qualified=november(2))
    tiny.booking("b", 1, [(november(3), 121_000)], DJ)
    refund(tiny, "b-0", 10_001, november(10))  # x 100000/121000 = 8265.29 cents net
    note = CreditNote("cn", "", "b", "", "eur", 2_420, 420, "", november(12), None)
    tiny.world.credit_notes.append(note)
    tiny.world.credit_notes.append(CreditNote("void", "", "b", "", "eur", 500, 0, "", november(12), None, november(13)))
    tiny.world.credit_notes.append(CreditNote("paid out", "", "b", "", "eur", 10_001, 1_736, "", november(10), "re"))
    assert tiny.value(bookings.values, "net_revenue_per_booking", date(2025, 11, 9)).numerator == 100_000
    assert tiny.value(bookings.values, "net_revenue_per_booking", date(2025, 11, 10)).numerator == 100_000 - 8_265
    assert tiny.value(bookings.values, "net_revenue_per_booking", DAY).numerator == 100_000 - 8_265 - 2_000


def test_a_booking_refunded_in_parts_cancels_to_the_cent(tiny: Any) -> None:
    tiny.lead(1, november(1), qualified=november(2))
    tiny.booking("b", 1, [(november(3), 121_001)], [("service", 100_001, 0, 21_000)])
    for day, amount in ((5, 40_000), (6, 40_000), (7, 41_001)):
        refund(tiny, "b-0", amount, november(day))
    assert tiny.value(bookings.values, "net_revenue_per_booking", DAY).numerator == 0


def test_another_currency_is_converted_at_the_rate_of_the_local_day_of_payment(tiny: Any) -> None:
    tiny.lead(1, november(1), qualified=november(2))
    friday = FxRate(date(2025, 11, 14), "GBP", Decimal("0.88000"))
    tiny.world.fx_rates += [friday, FxRate(date(2025, 11, 17), "GBP", Decimal("0.90000"))]
    tiny.booking("b", 1, [(datetime(2025, 11, 16, 22, 59, tzinfo=UTC), 1)], [("service", 100_000, 0, 0)], "gbp")
    # Sunday 23:59 local: Friday's rate; 100000 / 0.88 = 113636.36 cents
    assert tiny.value(bookings.values, "net_revenue_per_booking", DAY).numerator == 113_636
    tiny.booking("c", 1, [(datetime(2025, 11, 16, 23, tzinfo=UTC), 1)], [("service", 100_000, 0, 0)], "gbp")
    # Monday 00:00 local: 100000 / 0.90 = 111111.11 cents
    assert tiny.value(bookings.values, "net_revenue_per_booking", DAY).numerator == 113_636 + 111_111


def test_a_currency_without_a_rate_within_a_week_is_an_error(tiny: Any) -> None:
    tiny.world.fx_rates.append(FxRate(date(2025, 11, 2), "GBP", Decimal("0.88")))
    tiny.booking("b", None, [(november(10), 1)], [("service", 100_000, 0, 0)], "gbp")
    with pytest.raises(ValueError, match="no GBP rate on 2025-11-10 or in the 7 days before it"):
        tiny.value(bookings.values, "net_revenue_per_booking", DAY)

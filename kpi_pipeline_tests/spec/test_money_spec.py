"""KPI 6 and 9: net revenue per booking, cash runway."""

from __future__ import annotations

BOOKINGS = """
booking_id | lead_qualified | first_paid_at    | paid_in_full_at  | fully_refunded_at | net_minor
b1         | yes            | 2026-02-01 10:00 | 2026-02-01 10:00 |                   | 200000
b2         | yes            | 2026-02-02 10:00 | 2026-02-20 10:00 | 2026-02-04 10:00  | 150000
b3         | yes            | 2026-02-03 10:00 |                  |                   | 170001
b4         | no             | 2026-02-03 10:00 |                  |                   | 999999
"""
REFUNDS = """
refund_id | booking_id | lead_qualified | refunded_at      | net_minor
r1        | b1         | yes            | 2026-02-05 10:00 | 50000
r2        | b2         | yes            | 2026-02-04 10:00 | 150000
r3        | b4         | no             | 2026-02-05 10:00 | 999999
"""


def test_contracted_net_less_refunds_over_bookings_that_stand(recount) -> None:
    """b2 is taken off by its refund in the numerator and leaves the denominator the same day.

    On 4 March b2 has left and its refund has not, so the figure as printed can even be negative.
    """
    recount(
        "net_revenue_per_booking",
        {"booking": BOOKINGS, "booking_refund": REFUNDS},
        """
        day        | value     | numerator | denominator | n | status
        2026-01-31 | -         | 0         | 0           | 0 | no_data
        2026-02-01 | 2000      | 200000    | 1           | 1 | low_sample
        2026-02-03 | 5200.01/3 | 520001    | 3           | 3 | low_sample
        2026-02-04 | 3700.01/2 | 370001    | 2           | 2 | low_sample
        2026-02-05 | 3200.01/2 | 320001    | 2           | 2 | low_sample
        2026-03-03 | 1200.01   | 120001    | 1           | 1 | low_sample
        2026-03-04 | -299.99   | -29999    | 1           | 1 | low_sample
        2026-03-05 | -         | -200000   | 0           | 0 | no_data
        """,
    )


def test_bookings_of_which_only_a_deposit_is_paid(recount) -> None:
    recount(
        "deposit_only_bookings",
        {"booking": BOOKINGS},
        """
        day        | value | denominator | n
        2026-02-01 | 0     | -           | 0
        2026-02-02 | 1     | -           | 1
        2026-02-03 | 2     | -           | 2
        2026-02-04 | 1     | -           | 1
        """,
    )


LEDGER = """
entry_id | day        | account | kind    | amount_minor | one_off | restricted
1        | 2026-01-10 | bank    | balance | 5000000      | no      | no
2        | 2026-02-01 | bank    | balance | 6000000      | no      | no
3        | 2026-01-20 | savings | balance | 1000000      | no      | no
4        | 2026-01-20 | vat     | balance | 9000000      | no      | yes
5        | 2025-11-05 | bank    | outflow | 1000000      | no      | no
6        | 2025-12-05 | bank    | outflow | 1100000      | no      | no
7        | 2026-01-05 | bank    | outflow | 1200000      | no      | no
8        | 2026-01-31 | bank    | outflow | 7777777      | yes     | no
9        | 2026-02-28 | bank    | outflow | 900000       | no      | no
10       | 2026-01-31 | bank    | inflow  | 3000000      | no      | no
11       | 2026-02-01 | bank    | inflow  | 300000       | no      | no
"""


def test_cash_is_the_latest_balance_of_each_account(recount) -> None:
    """Balances are added over accounts and never over days; restricted ones are not ours to spend."""
    recount(
        "cash_available",
        {"ledger_entry": LEDGER},
        """
        day        | value | numerator | denominator | n | status
        2026-01-09 | -     | -         | -           | 0 | no_data
        2026-01-10 | 50000 | 5000000   | -           | 1 | unrated
        2026-01-20 | 60000 | 6000000   | -           | 2 | unrated
        2026-01-31 | 60000 | 6000000   | -           | 2 | unrated
        2026-02-01 | 70000 | 7000000   | -           | 2 | unrated
        """,
    )


def test_an_account_that_becomes_restricted_leaves_the_cash(recount) -> None:
    recount(
        "cash_available",
        {
            "ledger_entry": """
            entry_id | day        | account | kind    | amount_minor | one_off | restricted
            1        | 2026-01-10 | a       | balance | 100          | no      | no
            2        | 2026-01-10 | b       | balance | 200          | no      | no
            3        | 2026-01-12 | b       | balance | 200          | no      | yes
            """
        },
        """
        day        | value | n
        2026-01-11 | 3     | 2
        2026-01-12 | 1     | 1
        """,
    )


def test_burn_is_the_mean_of_the_three_complete_months_before(recount) -> None:
    """November to January: 10000 + 11000 + 12000, the one-off of 31 January left out. In January October is missing."""
    recount(
        "gross_burn_per_month",
        {"ledger_entry": LEDGER},
        """
        day        | value | numerator | denominator | n
        2026-01-31 | -     | -         | 3           | 0
        2026-02-01 | 11000 | 3300000   | 3           | 3
        2026-02-28 | 11000 | 3300000   | 3           | 3
        2026-03-01 | 32000/3 | 3200000 | 3           | 3
        """,
    )
    recount(
        "net_burn_per_month",
        {"ledger_entry": LEDGER},
        """
        day        | value   | numerator | denominator | n
        2026-02-01 | 1000    | 300000    | 3           | 4
        2026-03-01 | -1000/3 | -100000   | 3           | 5
        """,
    )


def test_runway_divides_cash_by_costs_as_printed(recount) -> None:
    recount(
        "cash_runway_months",
        {"ledger_entry": LEDGER},
        """
        day        | value | numerator | denominator | status
        2026-01-31 | -     | 60000     | -           | no_data
        2026-02-01 | 70/11 | 70000     | 11000       | ok
        """,
    )


def test_no_net_burn_is_no_number_and_good(recount) -> None:
    recount(
        "net_burn_runway",
        {"ledger_entry": LEDGER},
        """
        day        | value | numerator | denominator    | reason  | status
        2026-01-31 | -     | 60000     | -              | -       | no_data
        2026-02-01 | 70    | 70000     | 1000           | -       | unrated
        2026-03-01 | -     | 70000     | -1000/3        | no_burn | ok
        """,
    )

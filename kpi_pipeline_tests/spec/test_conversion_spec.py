"""KPI 1: paid bookings ÷ qualified leads, and what stands beside it."""

from __future__ import annotations

LEADS = """
lead_id | created_at       | qualified_at
l1      | 2026-02-01 09:00 | 2026-02-01 10:00
l2      | 2026-02-01 09:00 | 2026-02-02 10:00
l3      | 2026-02-01 09:00 | 2026-02-02 23:59
l4      | 2026-02-01 09:00 |
"""
BOOKINGS = """
booking_id | lead_id | lead_qualified | first_paid_at    | fully_refunded_at
b1         | l1      | yes            | 2026-02-02 12:00 | 2026-02-05 08:00
b2         | l9      | yes            | 2026-02-03 12:00 |
b3         | l4      | no             | 2026-02-02 12:00 |
b4         |         | no             | 2026-02-02 12:00 | 2026-02-04 12:00
b5         | l2      | yes            |                  |
"""


def test_bookings_of_qualified_leads_over_qualified_leads(recount) -> None:
    """b1 leaves on the day of its refund; l1 leaves 30 local days after it was qualified."""
    recount(
        "lead_to_booking_conversion",
        {"lead": LEADS, "booking": BOOKINGS},
        """
        day        | value | numerator | denominator | n | status
        2026-01-31 | -     | 0         | 0           | 0 | no_data
        2026-02-01 | 0     | 0         | 1           | 1 | low_sample
        2026-02-02 | 100/3 | 1         | 3           | 3 | low_sample
        2026-02-03 | 200/3 | 2         | 3           | 3 | low_sample
        2026-02-04 | 200/3 | 2         | 3           | 3 | low_sample
        2026-02-05 | 100/3 | 1         | 3           | 3 | low_sample
        2026-03-02 | 100/3 | 1         | 3           | 3 | low_sample
        2026-03-03 | 50    | 1         | 2           | 2 | low_sample
        2026-03-04 | -     | 1         | 0           | 0 | no_data
        2026-03-05 | -     | 0         | 0           | 0 | no_data
        """,
    )


def test_exactly_on_a_threshold_is_not_beyond_it(recount) -> None:
    """Of 25 leads 6 booked is exactly 24 %, 7 exactly 28 %, 8 exactly 32 %."""
    leads = "lead_id | qualified_at\n" + "\n".join(f"l{i} | 2026-02-01 10:00" for i in range(25))
    paid = {"2026-02-02": 5, "2026-02-03": 1, "2026-02-04": 1, "2026-02-05": 1}
    bookings = "booking_id | lead_qualified | first_paid_at\n" + "\n".join(
        f"b{day}{i} | yes | {day} 12:00" for day, number in paid.items() for i in range(number)
    )
    recount(
        "lead_to_booking_conversion",
        {"lead": leads, "booking": bookings},
        """
        day        | value | n  | status
        2026-02-02 | 20    | 25 | critical
        2026-02-03 | 24    | 25 | warning
        2026-02-04 | 28    | 25 | below_target
        2026-02-05 | 32    | 25 | ok
        """,
    )


def test_days_of_23_and_25_hours_are_one_local_day_each(recount) -> None:
    """Clocks go forward on 29 March and back on 25 October 2026: local midnights cut the days, not 24 hours."""
    recount(
        "lead_to_booking_conversion",
        {
            "lead": """
            lead_id | qualified_at
            a       | 2026-03-29 00:00
            b       | 2026-03-29 23:59
            c       | 2026-03-30 00:00
            d       | 2026-10-25 02:30+02:00
            e       | 2026-10-25 02:30+01:00
            f       | 2026-10-25 23:30
            g       | 2026-10-26 00:00
            """
        },
        """
        day        | denominator | period_start     | period_end
        2026-03-28 | 0           | 2026-02-27 00:00 | 2026-03-29 00:00
        2026-03-29 | 2           | 2026-02-28 00:00 | 2026-03-30 00:00
        2026-03-30 | 3           | 2026-03-01 00:00 | 2026-03-31 00:00
        2026-04-27 | 3           | 2026-03-29 00:00 | 2026-04-28 00:00
        2026-04-28 | 1           | 2026-03-30 00:00 | 2026-04-29 00:00
        2026-10-24 | 0           | 2026-09-25 00:00 | 2026-10-25 00:00
        2026-10-25 | 3           | 2026-09-26 00:00 | 2026-10-26 00:00
        2026-10-26 | 4           | 2026-09-27 00:00 | 2026-10-27 00:00
        """,
    )


def test_the_running_day_is_judged_as_of_now(recount) -> None:
    """Rolling windows are always complete, so the running day is open but not provisional."""
    recount(
        "lead_to_booking_conversion",
        {
            "lead": """
            lead_id | qualified_at
            a       | 2026-11-22 09:00
            b       | 2026-11-22 12:00
            c       | 2026-11-22 15:00
            """
        },
        """
        day        | denominator | closed | provisional | period_end
        2026-11-21 | 0           | yes    | no          | 2026-11-22 00:00
        2026-11-22 | 1           | no     | no          | 2026-11-22 12:00
        """,
        now="2026-11-22 12:00",
    )


def test_a_lead_or_booking_twice_in_the_facts_counts_once(recount) -> None:
    recount(
        "lead_to_booking_conversion",
        {
            "lead": """
            lead_id | qualified_at
            a       | 2026-02-01 10:00
            a       | 2026-02-03 10:00
            """
        },
        """
        day        | denominator
        2026-02-01 | 1
        2026-02-03 | 1
        2026-03-04 | 1
        2026-03-05 | 0
        """,
    )


def test_bookings_without_a_lead_stand_apart(recount) -> None:
    recount(
        "unattributed_bookings",
        {"booking": BOOKINGS},
        """
        day        | value | numerator | denominator | n | status
        2026-02-01 | 0     | 0         | -           | 0 | unrated
        2026-02-02 | 1     | 1         | -           | 1 | unrated
        2026-02-04 | 0     | 0         | -           | 0 | unrated
        """,
    )


def test_the_cohort_looks_at_leads_that_have_had_their_thirty_days(recount) -> None:
    """Seen from 30 to 59 days later. a paid a second too late, b in time, c in time but refunded on 10 March."""
    recount(
        "lead_to_booking_conversion_cohort",
        {
            "lead_booking": """
            lead_id | qualified_at     | first_paid_at       | fully_refunded_at
            a       | 2026-01-01 10:00 | 2026-01-31 10:00    |
            b       | 2026-01-01 10:00 | 2026-01-31 09:59:59 |
            c       | 2026-01-02 10:00 | 2026-01-05 10:00    | 2026-02-02 10:00
            d       | 2026-01-02 10:00 |                     |
            """
        },
        """
        day        | value | numerator | denominator | n
        2026-01-30 | -     | 0         | 0           | 0
        2026-01-31 | 50    | 1         | 2           | 2
        2026-02-01 | 50    | 2         | 4           | 4
        2026-02-02 | 25    | 1         | 4           | 4
        2026-03-01 | 25    | 1         | 4           | 4
        2026-03-02 | 0     | 0         | 2           | 2
        2026-03-03 | -     | 0         | 0           | 0
        """,
    )

"""KPI 2: how long new leads wait, on the clock of 09:00-21:00 on all seven days."""

from __future__ import annotations

# Opening hours from created to first contact: a 1 h, b 1 h 15 over a night, c 0 (both at night), d 3 h.
ANSWERED = """
lead_id | created_at       | first_contact_at
a       | 2026-02-01 10:00 | 2026-02-01 11:00
b       | 2026-02-01 20:30 | 2026-02-02 09:45
c       | 2026-02-02 22:00 | 2026-02-03 08:59
d       | 2026-02-03 17:00 | 2026-02-03 20:00
"""


def test_mean_business_hours_of_the_leads_answered_so_far(recount) -> None:
    recount(
        "lead_response_time_avg",
        {"lead": ANSWERED},
        """
        day        | value    | numerator | denominator | n | status
        2026-01-31 | -        | 0         | 0           | 0 | no_data
        2026-02-01 | 1        | 3600000   | 1           | 1 | low_sample
        2026-02-02 | 1.125    | 8100000   | 2           | 2 | low_sample
        2026-02-03 | 5.25/4   | 18900000  | 4           | 4 | low_sample
        2026-03-02 | 5.25/4   | 18900000  | 4           | 4 | low_sample
        2026-03-03 | 1.5      | 10800000  | 2           | 2 | low_sample
        2026-03-04 | 3        | 10800000  | 1           | 1 | low_sample
        2026-03-05 | -        | 0         | 0           | 0 | no_data
        """,
    )


def test_a_waiting_lead_counts_once_it_has_waited_longer_than_the_mean(recount) -> None:
    """a took 2 h. w has waited 1 h at the end of day one, exactly 2 h never, 13 h at the end of day two."""
    recount(
        "lead_response_time_avg",
        {
            "lead": """
            lead_id | created_at       | first_contact_at
            a       | 2026-02-01 10:00 | 2026-02-01 12:00
            w       | 2026-02-01 20:00 | 2026-02-03 09:00
            """
        },
        """
        day        | value | numerator | denominator | n
        2026-02-01 | 2     | 7200000   | 1           | 1
        2026-02-02 | 7.5   | 54000000  | 2           | 2
        2026-02-03 | 7.5   | 54000000  | 2           | 2
        """,
    )


def test_waiting_exactly_as_long_as_the_mean_does_not_count(recount) -> None:
    recount(
        "lead_response_time_avg",
        {
            "lead": """
            lead_id | created_at       | first_contact_at
            a       | 2026-02-01 10:00 | 2026-02-01 12:00
            w       | 2026-02-01 19:00 |
            """
        },
        """
        day        | value | n
        2026-02-01 | 2     | 1
        2026-02-02 | 8     | 2
        """,
    )


def test_nobody_answered_is_no_data_and_the_waiting_ones_are_shown(recount) -> None:
    lead = "lead_id | created_at | first_contact_at\nw | 2026-02-01 10:00 |"
    recount("lead_response_time_avg", {"lead": lead}, "day | value | n | status\n2026-02-01 | - | 0 | no_data")
    recount("open_leads", {"lead": lead}, "day | value | n\n2026-02-01 | 1 | 1\n2026-03-02 | 1 | 1\n2026-03-03 | 0 | 0")


def test_the_clock_changes_at_night_and_opening_hours_stay_twelve(recount) -> None:
    """Over the short night of 28-29 March and the long one of 24-25 October: 1 h in the evening, 1 h in the morning."""
    recount(
        "lead_response_time_avg",
        {
            "lead": """
            lead_id | created_at       | first_contact_at
            a       | 2026-03-28 20:00 | 2026-03-29 10:00
            b       | 2026-10-24 20:00 | 2026-10-25 10:00
            """
        },
        """
        day        | value | numerator
        2026-03-29 | 2     | 7200000
        2026-10-25 | 2     | 7200000
        """,
    )


def test_the_running_day_measures_waiting_until_now(recount) -> None:
    recount(
        "lead_response_time_avg",
        {
            "lead": """
            lead_id | created_at       | first_contact_at
            a       | 2026-11-22 09:00 | 2026-11-22 09:30
            w       | 2026-11-22 10:00 | 2026-11-22 13:00
            """
        },
        """
        day        | value  | n | closed
        2026-11-22 | 1.25   | 2 | no
        """,
        now="2026-11-22 12:00",
    )


def test_median_and_p90_lie_between_the_answered_leads(recount) -> None:
    """0, 1, 1.25 and 3 h: the median is halfway 1 and 1.25; p90 at place 2.7 of 0-3: 1.25 + 0.7 × 1.75."""
    expected = """
        day        | value  | n | numerator | denominator
        2026-01-31 | -      | 0 | -         | -
        2026-02-01 | 1      | 1 | -         | -
        2026-02-03 | {}     | 4 | -         | -
        """
    recount("lead_response_time_median", {"lead": ANSWERED}, expected.format("1.125"))
    recount("lead_response_time_p90", {"lead": ANSWERED}, expected.format("2.475"))


def test_within_two_hours_counts_those_already_too_late(recount) -> None:
    """a took exactly 2 h: in time. w is too late once 2 h have passed, then answered; v is not judged yet."""
    recount(
        "lead_response_within_2h",
        {
            "lead": """
            lead_id | created_at       | first_contact_at
            a       | 2026-02-01 10:00 | 2026-02-01 12:00
            w       | 2026-02-01 20:00 | 2026-02-03 09:00
            v       | 2026-02-02 19:00 | 2026-02-04 09:00
            """
        },
        """
        day        | value | numerator | denominator | n
        2026-02-01 | 100   | 1         | 1           | 1
        2026-02-02 | 50    | 1         | 2           | 2
        2026-02-03 | 100/3 | 1         | 3           | 3
        2026-02-04 | 100/3 | 1         | 3           | 3
        """,
    )

"""Leads answered, orders fulfilled, mail delivered, workflows run, alerts acknowledged."""

from __future__ import annotations

# Friday 2026-02-06. a 1 h, b over the weekend 1 h + 1 h, c at night and on Saturday nothing: 0.
LEADS = """
lead_id | created_at       | first_contact_at
a       | 2026-02-06 10:00 | 2026-02-06 11:00
b       | 2026-02-06 16:00 | 2026-02-09 10:00
c       | 2026-02-07 12:00 | 2026-02-07 20:00
"""


def test_office_hours_until_a_person_answers(recount) -> None:
    recount(
        "crm_lead_response_time",
        {"lead": LEADS},
        """
        day        | value | numerator | denominator | n | status
        2026-02-05 | -     | 0         | 0           | 0 | no_data
        2026-02-06 | 1     | 3600000   | 1           | 1 | low_sample
        2026-02-07 | 2/3   | 7200000   | 3           | 3 | low_sample
        2026-02-09 | 1     | 10800000  | 3           | 3 | low_sample
        2026-02-12 | 1     | 10800000  | 3           | 3 | low_sample
        2026-02-13 | 0     | 0         | 1           | 1 | low_sample
        2026-02-14 | -     | 0         | 0           | 0 | no_data
        """,
    )


def test_the_mean_of_exactly_two_hours_misses_the_target(recount) -> None:
    leads = "lead_id | created_at | first_contact_at\n" + "\n".join(
        f"l{n} | 2026-02-02 10:00 | 2026-02-02 12:00" for n in range(5)
    )
    recount("crm_lead_response_time", {"lead": leads}, "day | value | n | status\n2026-02-02 | 2 | 5 | below_target")


def test_the_running_day_counts_waiting_until_now(recount) -> None:
    """a took 1 h, w has waited 3 h at noon: longer than the mean, so it counts."""
    recount(
        "crm_lead_response_time",
        {
            "lead": """
            lead_id | created_at       | first_contact_at
            a       | 2026-02-06 09:00 | 2026-02-06 10:00
            w       | 2026-02-06 09:00 |
            """
        },
        "day | value | n | closed\n2026-02-06 | 2 | 2 | no",
        now="2026-02-06 12:00",
    )


def test_median_and_ninetieth_percentile(recount) -> None:
    """0, 1 and 2 h: the median is 1, the 90th percentile lies at place 1.8."""
    expected = "day | value | n\n2026-02-05 | - | 0\n2026-02-09 | {} | 3"
    recount("crm_lead_response_time_median", {"lead": LEADS}, expected.format("1"))
    recount("crm_lead_response_time_p90", {"lead": LEADS}, expected.format("1.8"))


def test_two_hours_exactly_is_not_in_time(recount) -> None:
    """b takes 2 h, which is not less than 2; while it waits it is not judged before that."""
    recount(
        "crm_lead_response_within_2h",
        {"lead": LEADS},
        """
        day        | value | numerator | denominator | n
        2026-02-05 | -     | 0         | 0           | 0
        2026-02-06 | 100   | 1         | 1           | 1
        2026-02-07 | 100   | 2         | 2           | 2
        2026-02-09 | 200/3 | 2         | 3           | 3
        """,
    )


ORDERS = """
order_id | placed_at        | fulfilled_at     | cancelled_at
a        | 2026-02-01 10:00 | 2026-02-02 10:00 |
b        | 2026-02-01 10:00 | 2026-02-03 22:00 |
c        | 2026-02-01 10:00 |                  | 2026-02-02 11:00
d        | 2026-02-03 00:00 | 2026-02-04 06:00 |
"""


def test_orders_fulfilled_in_the_window(recount) -> None:
    """a 24 h, b 60 h, d 30 h; a cancelled order has no time."""
    recount(
        "erp_order_fulfillment",
        {"purchase_order": ORDERS},
        """
        day        | value | numerator | denominator | n | status
        2026-02-01 | -     | 0         | 0           | 0 | no_data
        2026-02-02 | 24    | 86400000  | 1           | 1 | low_sample
        2026-02-03 | 42    | 302400000 | 2           | 2 | low_sample
        2026-02-04 | 38    | 410400000 | 3           | 3 | low_sample
        2026-02-09 | 45    | 324000000 | 2           | 2 | low_sample
        """,
    )


def test_a_day_exactly_misses_the_target(recount) -> None:
    orders = "order_id | placed_at | fulfilled_at\n" + "\n".join(
        f"o{n} | 2026-02-01 10:00 | 2026-02-02 {'10:00' if n else '09:59:55'}" for n in range(5)
    )
    recount("erp_order_fulfillment", {"purchase_order": orders}, "day | value | status\n2026-02-02 | 86399/3600 | ok")
    late = orders.replace("09:59:55", "10:00")
    recount("erp_order_fulfillment", {"purchase_order": late}, "day | value | status\n2026-02-02 | 24 | below_target")


def test_orders_open_for_more_than_a_day(recount) -> None:
    """b is late on the evening of the 2nd, c was cancelled before it, d is exactly 24 h old as the 3rd ends."""
    recount(
        "erp_orders_open_over_24h",
        {"purchase_order": ORDERS},
        """
        day        | value | n
        2026-02-01 | 0     | 0
        2026-02-02 | 1     | 1
        2026-02-03 | 0     | 0
        2026-02-04 | 0     | 0
        """,
    )


def test_an_order_a_second_more_than_a_day_old_is_late(recount) -> None:
    order = "order_id | placed_at | fulfilled_at\nd | 2026-02-02 23:59:59 |"
    recount("erp_orders_open_over_24h", {"purchase_order": order}, "day | value\n2026-02-02 | 0\n2026-02-03 | 1")


def test_mail_that_arrives_within_the_settling_time_counts(recount) -> None:
    """a at once, b after retries on the next morning, c never; half a day later the value stands."""
    mail = """
    message_id | accepted_at      | delivered_at
    a          | 2026-02-01 10:00 | 2026-02-01 10:01
    b          | 2026-02-01 23:00 | 2026-02-02 06:00
    c          | 2026-02-01 12:00 |
    """
    recount(
        "email_deliverability",
        {"email_message": mail},
        """
        day        | value | numerator | denominator | n | provisional | status
        2026-01-31 | -     | 0         | 0           | 0 | no          | no_data
        2026-02-01 | 200/3 | 2         | 3           | 3 | no          | low_sample
        2026-02-08 | -     | 0         | 0           | 0 | no          | no_data
        """,
    )
    recount(
        "email_deliverability",
        {"email_message": mail},
        "day | value | provisional\n2026-02-01 | 100/3 | yes",
        now="2026-02-02 05:00",
    )


def test_ninety_eight_percent_is_not_more_than_that(recount) -> None:
    mail = "message_id | accepted_at | delivered_at\n" + "\n".join(
        f"m{n} | 2026-02-01 10:00 | {'2026-02-01 10:01' if n else ''}" for n in range(50)
    )
    recount(
        "email_deliverability", {"email_message": mail}, "day | value | n | status\n2026-02-02 | 98 | 50 | below_target"
    )


def test_runs_that_ended_well(recount) -> None:
    """d is still running as the 1st ends and counts for it on no day but from the 2nd; a cancelled one never does."""
    recount(
        "workflow_run_completion",
        {
            "workflow_run": """
            run_id | started_at       | finished_at      | outcome
            a      | 2026-02-01 10:00 | 2026-02-01 10:05 | success
            b      | 2026-02-01 11:00 | 2026-02-01 11:05 | failure
            c      | 2026-02-01 12:00 | 2026-02-01 12:05 | cancelled
            d      | 2026-02-01 23:55 | 2026-02-02 00:05 | success
            e      | 2026-02-02 10:00 |                  |
            """
        },
        """
        day        | value | numerator | denominator | n
        2026-01-31 | -     | 0         | 0           | 0
        2026-02-01 | 50    | 1         | 2           | 2
        2026-02-02 | 200/3 | 2         | 3           | 3
        2026-02-08 | -     | 0         | 0           | 0
        """,
    )


def test_one_failure_in_two_hundred_misses_the_target(recount) -> None:
    runs = "run_id | started_at | finished_at | outcome\n" + "\n".join(
        f"r{n} | 2026-02-01 10:00 | 2026-02-01 10:05 | {'success' if n else 'failure'}" for n in range(200)
    )
    recount("workflow_run_completion", {"workflow_run": runs}, "day | value | status\n2026-02-01 | 99.5 | below_target")


ALERTS = """
incident_id | severity | raised_at        | acknowledged_at
a           | low      | 2026-02-01 10:00 | 2026-02-01 10:10
b           | high     | 2026-02-01 23:50 | 2026-02-02 00:10
c           | low      | 2026-02-02 10:00 |
"""


def test_minutes_until_an_analyst_looks(recount) -> None:
    """b is acknowledged on the next day; exactly 15 minutes on average is not less than that."""
    recount(
        "inosec_incident_response",
        {"security_incident": ALERTS},
        """
        day        | value | numerator | denominator | n | status
        2026-01-31 | -     | 0         | 0           | 0 | no_data
        2026-02-01 | 10    | 600000    | 1           | 1 | ok
        2026-02-02 | 15    | 1800000   | 2           | 2 | below_target
        2026-02-08 | -     | 0         | 0           | 0 | no_data
        """,
    )


def test_the_slowest_of_twenty(recount) -> None:
    """10 and 20 minutes: at place 0.95."""
    recount(
        "inosec_incident_response_p95",
        {"security_incident": ALERTS},
        "day | value | n\n2026-01-31 | - | 0\n2026-02-01 | 10 | 1\n2026-02-02 | 19.5 | 2",
    )

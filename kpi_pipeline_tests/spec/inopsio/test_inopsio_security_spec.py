"""Critical incidents, vulnerabilities, penetration tests, training and controls."""

from __future__ import annotations


def test_critical_incidents_count_once_confirmed(recount) -> None:
    """a was confirmed within the fortnight that February settles, b later; c is a false alarm, d is not critical."""
    incidents = """
    incident_id | severity | raised_at        | confirmed_at
    a           | critical | 2026-02-27 10:00 | 2026-03-01 10:00
    b           | critical | 2026-02-28 10:00 | 2026-03-15 00:00
    c           | critical | 2026-02-10 10:00 |
    d           | high     | 2026-02-10 10:00 | 2026-02-10 11:00
    """
    recount(
        "critical_security_incidents",
        {"security_incident": incidents},
        """
        day        | value | n | status
        2026-02-26 | 0     | 0 | provisional
        2026-02-28 | 1     | 1 | below_target
        2026-03-01 | 0     | 0 | provisional
        2026-03-31 | 0     | 0 | ok
        """,
    )
    recount(
        "critical_security_incidents",
        {"security_incident": incidents},
        "day | value | provisional\n2026-02-28 | 0 | yes",
        now="2026-03-01 09:00",
    )


BUGS = """
vulnerability_id | severity | found_at         | fixed_at
a                | critical | 2026-02-01 10:00 | 2026-02-02 10:00
b                | critical | 2026-02-03 10:00 | 2026-02-06 10:00
c                | high     | 2026-02-03 10:00 |
"""


def test_hours_from_found_to_fixed_of_critical_ones(recount) -> None:
    """24 h exactly is not less than that; none fixed is good when none is open, and no data when one is."""
    recount(
        "vulnerability_resolution_time",
        {"vulnerability": BUGS},
        """
        day        | value | numerator | denominator | n | reason    | status
        2026-01-31 | -     | 0         | 0           | 0 | none_open | ok
        2026-02-01 | -     | 0         | 0           | 0 | -         | no_data
        2026-02-02 | 24    | 86400000  | 1           | 1 | -         | below_target
        2026-02-06 | 48    | 345600000 | 2           | 2 | -         | below_target
        2026-03-04 | 72    | 259200000 | 1           | 1 | -         | below_target
        2026-03-08 | -     | 0         | 0           | 0 | none_open | ok
        """,
    )


def test_a_second_less_than_a_day_meets_the_target(recount) -> None:
    bug = "vulnerability_id | severity | found_at | fixed_at\na | critical | 2026-02-01 10:00 | 2026-02-02 09:59:59"
    recount(
        "vulnerability_resolution_time", {"vulnerability": bug}, "day | value | status\n2026-02-02 | 86399/3600 | ok"
    )


def test_open_critical_ones_and_the_oldest_of_them(recount) -> None:
    recount(
        "vulnerabilities_critical_open",
        {"vulnerability": BUGS},
        "day | value\n2026-01-31 | 0\n2026-02-01 | 1\n2026-02-02 | 0\n2026-02-05 | 1\n2026-02-06 | 0",
    )
    recount(
        "vulnerabilities_critical_open_age",
        {"vulnerability": BUGS},
        """
        day        | value | numerator | n | reason
        2026-01-31 | -     | -         | 0 | none_open
        2026-02-01 | 14    | 50400000  | 1 | -
        2026-02-02 | -     | -         | 0 | none_open
        2026-02-05 | 62    | 223200000 | 1 | -
        """,
    )


def test_the_grade_of_the_latest_test_lapses_after_a_quarter(recount) -> None:
    """Day 92 after the test still counts, day 93 does not; A+ is the target and A- misses it."""
    recount(
        "pentest_score",
        {
            "grade": """
            subject          | graded_day | grade
            penetration test | 2026-02-01 | A-
            penetration test | 2026-03-01 | A+
            something else   | 2026-04-01 | F
            """
        },
        """
        day        | value | text | n | reason   | status
        2026-01-31 | -     | -    | 0 | -        | no_data
        2026-02-01 | 10    | A-   | 1 | -        | below_target
        2026-03-01 | 12    | A+   | 1 | -        | ok
        2026-06-01 | 12    | A+   | 1 | -        | ok
        2026-06-02 | 12    | A+   | 1 | outdated | stale
        """,
    )


def test_who_is_trained_of_those_in_service(recount) -> None:
    """a lapses on 10 March, b leaves on 5 March, c joins the count on 3 March untrained, d did another course."""
    recount(
        "training_completion",
        {
            "employee": """
            employee_id | joined_day | in_30_day  | gone_day
            a           | 2025-01-01 | 2025-01-31 |
            b           | 2025-01-01 | 2025-01-31 | 2026-03-05
            c           | 2026-02-01 | 2026-03-03 |
            d           | 2025-01-01 | 2025-01-31 |
            """,
            "employee_result": """
            result_id | employee_id | kind              | taken_day  | in_30_day  | expires_day | gone_day
            1         | a           | security_training | 2025-03-10 | 2025-01-31 | 2026-03-10  |
            2         | b           | security_training | 2026-01-10 | 2025-01-31 |             | 2026-03-05
            3         | c           | security_training | 2026-03-20 | 2026-03-03 |             |
            4         | d           | first_aid         | 2026-01-10 | 2025-01-31 |             |
            5         | d           | security_training | 2026-03-15 | 2025-01-31 |             |
            6         | a           | security_training | 2026-03-19 | 2025-01-31 |             |
            """,
        },
        """
        day        | value | numerator | denominator | n | status
        2024-12-31 | -     | 0         | 0           | 0 | no_data
        2026-03-02 | 200/3 | 2         | 3           | 3 | below_target
        2026-03-03 | 50    | 2         | 4           | 4 | below_target
        2026-03-05 | 100/3 | 1         | 3           | 3 | below_target
        2026-03-10 | 0     | 0         | 3           | 3 | below_target
        2026-03-19 | 200/3 | 2         | 3           | 3 | below_target
        2026-03-20 | 100   | 3         | 3           | 3 | ok
        """,
    )


def test_controls_by_their_last_assessment(recount) -> None:
    """a fails on 1 March and passes a fortnight later; b leaves the scope on 10 March."""
    recount(
        "gdpr_soc_status",
        {
            "control": """
            control_id | assessed_day | passing | in_scope | to_day
            a          | 2026-02-01   | yes     | yes      | 2026-03-01
            a          | 2026-03-01   | no      | yes      | 2026-03-15
            a          | 2026-03-15   | yes     | yes      |
            b          | 2026-02-01   | yes     | yes      | 2026-03-10
            b          | 2026-03-10   | no      | no       |
            """
        },
        """
        day        | value | numerator | denominator | n | status
        2026-01-31 | -     | 0         | 0           | 0 | no_data
        2026-02-01 | 100   | 2         | 2           | 2 | ok
        2026-03-01 | 50    | 1         | 2           | 2 | below_target
        2026-03-10 | 0     | 0         | 1           | 1 | below_target
        2026-03-15 | 100   | 1         | 1           | 1 | ok
        """,
    )

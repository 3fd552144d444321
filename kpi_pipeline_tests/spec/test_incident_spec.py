"""KPI 10: how long P1 incidents take, and which are open."""

from __future__ import annotations

COMPLETED = """
issue_id | team | priority | created_at       | completed_at     | reopened_at
1        | INC  | 1        | 2026-02-01 23:00 | 2026-02-02 03:00 |
2        | INC  | 1        | 2026-02-02 10:00 | 2026-02-02 12:00 | 2026-02-04 09:00
3        | INC  | 2        | 2026-02-02 10:00 | 2026-02-02 22:00 |
4        | WEB  | 1        | 2026-02-02 10:00 | 2026-02-02 22:00 |
2        | INC  | 1        | 2026-02-02 10:00 | 2026-02-05 10:00 |
"""
OPEN = """
issue_id | team | priority | created_at       | start_at         | end_at
1        | INC  | 1        | 2026-02-01 23:00 | 2026-02-01 23:00 | 2026-02-02 03:00
2        | INC  | 1        | 2026-02-02 10:00 | 2026-02-02 10:00 | 2026-02-02 12:00
2        | INC  | 1        | 2026-02-02 10:00 | 2026-02-04 09:00 | 2026-02-05 10:00
3        | INC  | 2        | 2026-02-01 10:00 | 2026-02-01 10:00 |
5        | INC  | 1        | 2026-01-31 12:00 | 2026-02-06 12:00 |
"""


def test_mean_of_the_completions_that_stand_at_the_end_of_the_day(recount) -> None:
    """Issue 2 was reopened on the 4th: its first completion counts until then, its second of 72 h afterwards."""
    recount(
        "p1_resolution_time_avg",
        {"issue_completion": COMPLETED, "issue_open_interval": OPEN},
        """
        day        | value | numerator | denominator | n | reason    | status
        2026-01-31 | -     | 0         | 0           | 0 | none_open | ok
        2026-02-01 | -     | 0         | 0           | 0 | -         | no_data
        2026-02-02 | 3     | 21600000  | 2           | 2 | -         | ok
        2026-02-03 | 3     | 21600000  | 2           | 2 | -         | ok
        2026-02-04 | 4     | 14400000  | 1           | 1 | -         | ok
        2026-02-05 | 38    | 273600000 | 2           | 2 | -         | critical
        2026-05-02 | 38    | 273600000 | 2           | 2 | -         | critical
        2026-05-03 | 72    | 259200000 | 1           | 1 | -         | critical
        2026-05-06 | -     | 0         | 0           | 0 | -         | no_data
        """,
    )


def test_open_p1_at_the_end_of_the_day(recount) -> None:
    recount(
        "p1_open_count",
        {"issue_open_interval": OPEN},
        """
        day        | value | numerator | denominator | n
        2026-01-31 | 0     | 0         | -           | 0
        2026-02-01 | 1     | 1         | -           | 1
        2026-02-02 | 0     | 0         | -           | 0
        2026-02-04 | 1     | 1         | -           | 1
        2026-02-05 | 0     | 0         | -           | 0
        2026-02-06 | 1     | 1         | -           | 1
        """,
    )


def test_age_of_the_oldest_open_p1_counts_from_its_creation(recount) -> None:
    """Issue 5 became a P1 a week after it was created."""
    recount(
        "p1_open_oldest_age",
        {"issue_open_interval": OPEN},
        """
        day        | value | numerator | denominator | n | reason    | status
        2026-02-01 | 1     | 3600000   | -           | 1 | -         | ok
        2026-02-02 | -     | -         | -           | 0 | none_open | ok
        2026-02-04 | 62    | 223200000 | -           | 1 | -         | critical
        2026-02-06 | 156   | 561600000 | -           | 1 | -         | critical
        """,
    )


def test_the_oldest_of_several_open_p1_counts(recount) -> None:
    recount(
        "p1_open_oldest_age",
        {
            "issue_open_interval": """
            issue_id | team | priority | created_at       | start_at         | end_at
            1        | INC  | 1        | 2026-02-01 20:00 | 2026-02-01 20:00 | 2026-02-02 10:00
            2        | INC  | 1        | 2026-02-01 23:00 | 2026-02-01 23:00 | 2026-02-03 10:00
            """
        },
        """
        day        | value | n
        2026-02-01 | 4     | 2
        2026-02-02 | 25    | 1
        """,
    )


def test_an_open_p1_ages_until_now_on_the_running_day(recount) -> None:
    open_now = "issue_id | team | priority | created_at | start_at | end_at\n1 | INC | 1 | {} | {} |"
    for since, status in (("2026-11-22 00:00", "ok"), ("2026-11-21 23:59", "critical")):
        facts = {"issue_open_interval": open_now.format(since, since)}
        recount("p1_open_oldest_age", facts, f"day | n | status\n2026-11-22 | 1 | {status}", now="2026-11-22 12:00")

"""Who is active in the product, how long visits last, and who leaves the website at once."""

from __future__ import annotations

# u1 does two things on the 1st; u3 only gets a notification.
USE = """
user_id | event         | day        | qualifying
u1      | login         | 2026-02-01 | yes
u1      | page_view     | 2026-02-01 | yes
u2      | page_view     | 2026-02-01 | yes
u3      | notification  | 2026-02-01 | no
u1      | page_view     | 2026-02-02 | yes
"""
# s1 10 minutes and 8 pages, s2 a single event, s3 20 minutes and 4 pages.
VISITS = """
session_id | started_at       | duration_ms | page_views
s1         | 2026-02-01 09:00 | 600000      | 8
s2         | 2026-02-01 23:59 | 0           | 1
s3         | 2026-02-02 00:00 | 1200000     | 4
"""


def test_daily_users_are_a_mean_over_seven_days_with_empty_ones(recount) -> None:
    recount(
        "dau",
        {"usage_day": USE},
        """
        day        | value | numerator | denominator | n | status
        2026-01-31 | 0     | 0         | 7           | 7 | below_target
        2026-02-01 | 2/7   | 2         | 7           | 7 | below_target
        2026-02-02 | 3/7   | 3         | 7           | 7 | below_target
        2026-02-07 | 3/7   | 3         | 7           | 7 | below_target
        2026-02-08 | 1/7   | 1         | 7           | 7 | below_target
        2026-02-09 | 0     | 0         | 7           | 7 | below_target
        """,
    )


def test_the_targets_of_the_fourth_quarter_are_due_on_its_last_day(recount) -> None:
    for kpi in ("dau", "mau"):
        recount(kpi, {"usage_day": USE}, "day | status\n2025-12-30 | unrated\n2025-12-31 | below_target")


def test_the_daily_series_behind_the_mean(recount) -> None:
    """A row of yesterday that came in late counts for yesterday; the running day counts what is there."""
    recount(
        "dau_daily",
        {"usage_day": USE},
        """
        day        | value | n | closed | provisional
        2026-01-31 | 0     | 0 | yes    | no
        2026-02-01 | 2     | 2 | yes    | no
        2026-02-02 | 1     | 1 | no     | yes
        """,
        now="2026-02-02 12:00",
    )


def test_monthly_users_are_those_of_thirty_days(recount) -> None:
    recount(
        "mau",
        {"usage_day": USE},
        """
        day        | value | numerator | denominator | n
        2026-01-31 | 0     | 0         | -           | 0
        2026-02-01 | 2     | 2         | -           | 2
        2026-03-02 | 2     | 2         | -           | 2
        2026-03-03 | 1     | 1         | -           | 1
        2026-03-04 | 0     | 0         | -           | 0
        """,
    )


def test_stickiness_divides_the_two(recount) -> None:
    """On the 2nd 3/7 of 2 users; nobody in thirty days is no value."""
    recount(
        "stickiness",
        {"usage_day": USE},
        """
        day        | value | n | status
        2026-01-31 | -     | 0 | no_data
        2026-02-01 | 100/7 | 2 | unrated
        2026-02-02 | 150/7 | 2 | unrated
        2026-03-03 | 0     | 1 | unrated
        """,
    )


def test_visits_of_one_event_count_with_nothing(recount) -> None:
    recount(
        "avg_session_duration",
        {"session": VISITS},
        """
        day        | value | numerator | denominator | n | status
        2026-01-31 | -     | 0         | 0           | 0 | no_data
        2026-02-01 | 5     | 600000    | 2           | 2 | low_sample
        2026-02-02 | 10    | 1800000   | 3           | 3 | low_sample
        2026-02-08 | 20    | 1200000   | 1           | 1 | low_sample
        2026-02-09 | -     | 0         | 0           | 0 | no_data
        """,
    )


def test_a_quarter_of_an_hour_exactly_meets_the_target(recount) -> None:
    visits = "session_id | started_at | duration_ms\n" + "\n".join(
        f"s{number} | 2026-02-0{1 + number // 20} 10:00 | {900_000 - number // 20}" for number in range(40)
    )
    recount(
        "avg_session_duration",
        {"session": visits},
        """
        day        | value       | n  | status
        2026-02-01 | 15          | 20 | ok
        2026-02-08 | 899999/60000| 20 | below_target
        """,
    )


def test_pages_of_a_visit(recount) -> None:
    recount(
        "page_views_per_session",
        {"session": VISITS},
        """
        day        | value | numerator | denominator | n | status
        2026-01-31 | -     | 0         | 0           | 0 | no_data
        2026-02-01 | 4.5   | 9         | 2           | 2 | low_sample
        2026-02-02 | 13/3  | 13        | 3           | 3 | low_sample
        2026-02-08 | 4     | 4         | 1           | 1 | low_sample
        """,
    )


def test_bounces_are_sessions_that_were_not_engaged(recount) -> None:
    """Exactly 30 % is on target; the figures of all channels are added before they are divided."""
    recount(
        "bounce_rate",
        {
            "web_day": """
            day        | channel        | sessions | engaged_sessions
            2026-02-01 | Direct         | 60       | 40
            2026-02-01 | Organic Search | 40       | 30
            2026-02-02 | Direct         | 100      | 69
            2026-02-09 | Direct         | 10       | 10
            """
        },
        """
        day        | value | numerator | denominator | n   | status
        2026-01-31 | -     | 0         | 0           | 0   | no_data
        2026-02-01 | 30    | 30        | 100         | 100 | ok
        2026-02-02 | 30.5  | 61        | 200         | 200 | below_target
        2026-02-08 | 31    | 31        | 100         | 100 | below_target
        2026-02-09 | 0     | 0         | 10          | 10  | low_sample
        """,
    )

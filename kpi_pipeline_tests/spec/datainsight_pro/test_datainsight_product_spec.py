"""From signup to first value, and how much the product is used."""

from __future__ import annotations

# a1: a first insight after 2 hours, a dashboard after exactly 48 hours, set up after exactly 14 days; a2 a second later
# each, and an insight after exactly 24 hours; a3 sees something after 16 days only; a4 after 96 hours.
ACCOUNTS = """
account_id | signed_up_at     | setup_completed_at     | first_key_event_at | first_dashboard_at
a1         | 2026-03-02 10:00 | 2026-03-16 10:00       | 2026-03-02 12:00   | 2026-03-04 10:00
a2         | 2026-03-03 10:00 | 2026-03-17 10:00:01    | 2026-03-04 10:00   | 2026-03-05 10:00:01
a3         | 2026-03-04 10:00 |                        | 2026-03-20 10:00   |
a4         | 2026-03-05 10:00 | 2026-03-05 11:00       | 2026-03-09 10:00   | 2026-03-05 11:00
"""
SIGNED_UP = {"account": ACCOUNTS}


def test_the_first_value_of_signups_whose_two_weeks_are_over(recount) -> None:
    """2, 24 and 96 hours; a3 took longer than the two weeks and has no number."""
    recount(
        "time_to_first_value",
        SIGNED_UP,
        """
        day        | value | n | status
        2026-03-15 | -     | 0 | no_data
        2026-03-16 | 2     | 1 | low_sample
        2026-03-19 | 24    | 3 | low_sample
        """,
    )
    recount("time_to_first_value_mean", SIGNED_UP, "day | value | n\n2026-03-15 | - | 0\n2026-03-19 | 122/3 | 3")


def test_a_day_is_not_less_than_a_day(recount) -> None:
    lines = "\n".join(f"a{i} | 2026-03-02 10:00 | 2026-03-03 10:00" for i in range(5))
    table = "account_id | signed_up_at | first_key_event_at\n" + lines
    recount("time_to_first_value", {"account": table}, "day | value | status\n2026-03-16 | 24 | below_target")


def test_who_never_saw_anything_is_in_the_share_within_24_hours(recount) -> None:
    recount(
        "first_value_within_24h",
        SIGNED_UP,
        "day | value | numerator | denominator\n2026-03-02 | - | 0 | 0\n2026-03-03 | 100 | 1 | 1\n2026-03-06 | 50 | 2 | 4",
    )


def test_setting_up_within_two_weeks_by_week_of_signup(recount) -> None:
    recount(
        "onboarding_completion",
        SIGNED_UP,
        """
        day        | value | numerator | denominator | provisional | status
        2026-03-01 | -     | 0         | 0           | no          | no_data
        2026-03-02 | 100   | 1         | 1           | yes         | low_sample
        2026-03-08 | 50    | 2         | 4           | no          | low_sample
        """,
    )


def test_a_week_is_provisional_until_its_last_signups_had_their_two_weeks(recount) -> None:
    expected = "day | value | numerator | provisional\n2026-03-08 | 25 | 1 | yes"
    recount("onboarding_completion", SIGNED_UP, expected, now="2026-03-10 12:00")


def test_85_percent_set_up_is_the_target(recount) -> None:
    lines = "\n".join(f"a{i} | 2026-03-02 10:00 | {'2026-03-03 10:00' if i < 17 else ''}" for i in range(20))
    table = {"account": "account_id | signed_up_at | setup_completed_at\n" + lines}
    recount("onboarding_completion", table, "day | value | status\n2026-03-08 | 85 | ok")


def test_the_first_dashboard_within_48_hours(recount) -> None:
    """On 4 March a1's two days are over at ten in the morning; the window ends with the day before yesterday."""
    recount(
        "first_dashboard_48h",
        SIGNED_UP,
        """
        day        | value | numerator | denominator | status
        2026-03-03 | -     | 0         | 0           | no_data
        2026-03-04 | 100   | 1         | 1           | low_sample
        2026-03-07 | 50    | 2         | 4           | low_sample
        """,
    )


def test_a_connection_counts_once_with_how_it_ended_after_a_day(recount) -> None:
    """i3 works exactly 24 hours after the first try; i4 was tried today, its day is not over."""
    tries = """
        attempt_id | account_id | source_name | first_attempt_at | succeeded_at
        i1         | a1         | postgres    | 2026-03-02 10:00 | 2026-03-02 10:20
        i2         | a1         | stripe      | 2026-03-02 11:00 |
        i3         | a2         | postgres    | 2026-03-02 12:00 | 2026-03-03 12:00
        i4         | a2         | stripe      | 2026-03-03 12:00 | 2026-03-03 12:10
        """
    recount(
        "integration_success_rate",
        {"connection_attempt": tries},
        """
        day        | value | numerator | denominator | status
        2026-03-02 | -     | 0         | 0           | no_data
        2026-03-03 | 200/3 | 2         | 3           | low_sample
        2026-03-04 | 75    | 3         | 4           | low_sample
        """,
    )
    header = "attempt_id | account_id | source_name | first_attempt_at | succeeded_at\n"
    lines = "\n".join(f"i{i} | a{i} | x | 2026-03-02 10:00 | {'2026-03-02 11:00' if i < 19 else ''}" for i in range(20))
    recount(
        "integration_success_rate", {"connection_attempt": header + lines}, "day | value | status\n2026-03-03 | 95 | ok"
    )


CORE = ("dashboard_created", "report_generated", "api_used")


def test_three_core_features_within_30_days(recount) -> None:
    """u1 has its third on the 20th and loses its first on 1 April; looking at dashboards is none; u3 is not active."""
    use = """
        user_id | event             | day        | qualifying
        u1      | dashboard_created | 2026-03-02 | yes
        u1      | report_generated  | 2026-03-10 | yes
        u1      | api_used          | 2026-03-20 | yes
        u2      | dashboard_created | 2026-03-10 | yes
        u2      | collaboration     | 2026-03-10 | yes
        u2      | dashboard_viewed  | 2026-03-10 | yes
        u3      | login             | 2026-03-10 | no
        """
    recount(
        "feature_adoption_core",
        {"usage_day": use},
        """
        day        | value | numerator | denominator | status
        2026-03-01 | -     | 0         | 0           | no_data
        2026-03-19 | 0     | 0         | 2           | low_sample
        2026-03-20 | 50    | 1         | 2           | low_sample
        2026-04-01 | 0     | 0         | 2           | low_sample
        """,
    )
    lines = "\n".join(
        f"u{i} | {event} | 2026-03-02 | yes" for i in range(10) for event in (CORE if i < 7 else CORE[:2])
    )
    table = "user_id | event | day | qualifying\n" + lines
    recount("feature_adoption_core", {"usage_day": table}, "day | value | status\n2026-03-31 | 70 | ok")


USERS = """
user_id | enabled_at       | disabled_at      | internal
u1      | 2026-01-01 00:00 |                  | no
u2      | 2026-01-01 00:00 |                  | no
u3      | 2026-01-01 00:00 | 2026-03-31 09:00 | no
u4      | 2026-03-07 09:00 |                  | no
staff   | 2026-01-01 00:00 |                  | yes
"""
# Monday 2 March: u1 and u2; Tuesday: u1; Saturday 7 March: u1 and u4. Logging in does not make anybody active.
USE = """
user_id | event            | day        | qualifying
u1      | dashboard_viewed | 2026-03-02 | yes
u1      | report_generated | 2026-03-02 | yes
u2      | dashboard_viewed | 2026-03-02 | yes
u3      | login            | 2026-03-02 | no
u1      | dashboard_viewed | 2026-03-03 | yes
u1      | dashboard_viewed | 2026-03-07 | yes
u4      | dashboard_viewed | 2026-03-07 | yes
"""


def test_active_of_the_users_who_may_log_in(recount) -> None:
    """3 of 4 are exactly 75 %; when u3's login is closed, 3 of 3; nobody before anybody had done anything."""
    recount("monthly_active_users", {"usage_day": USE}, "day | value\n2026-03-01 | 0\n2026-03-31 | 3\n2026-04-01 | 2")
    recount("enabled_users", {"product_user": USERS}, "day | value\n2026-03-06 | 3\n2026-03-07 | 4\n2026-03-31 | 3")
    recount(
        "monthly_active_users_pct",
        {"usage_day": USE, "product_user": USERS},
        """
        day        | value | numerator | denominator | status
        2025-12-31 | -     | 0         | 0           | no_data
        2026-03-06 | 200/3 | 2         | 3           | below_target
        2026-03-07 | 75    | 3         | 4           | ok
        2026-03-31 | 100   | 3         | 3           | ok
        """,
    )


def test_the_mean_day_of_thirty_over_the_users_of_all_thirty(recount) -> None:
    """2 + 1 + 2 users on 30 days; 3 on the 22 weekdays among them."""
    facts = {"usage_day": USE}
    recount("daily_active_users", facts, "day | value\n2026-03-02 | 2\n2026-03-03 | 1\n2026-03-04 | 0\n2026-03-07 | 2")
    recount("daily_active_users_mean", facts, "day | value | numerator | n\n2026-03-31 | 5/30 | 5 | 30")
    recount("weekday_active_users_mean", facts, "day | value | numerator | n\n2026-03-31 | 3/22 | 3 | 22")
    recount(
        "daily_active_users_pct",
        facts,
        "day | value | status\n2026-03-01 | - | no_data\n2026-03-31 | 500/90 | below_target",
    )
    recount("weekday_active_users_pct", facts, "day | value\n2026-03-01 | -\n2026-03-31 | 300/66")


def test_whoever_comes_every_other_day_almost_makes_the_target_of_45_percent(recount) -> None:
    """9 of 20 users each day, for 30 days: exactly 45 %."""
    days = [f"2026-03-{day:02d}" for day in range(2, 32)]
    rows = [
        f"u{(9 * place + i) % 20} | dashboard_viewed | {day} | yes" for place, day in enumerate(days) for i in range(9)
    ]
    table = "user_id | event | day | qualifying\n" + "\n".join(rows)
    recount("daily_active_users_pct", {"usage_day": table}, "day | value | status\n2026-03-31 | 45 | ok")


def test_a_visit_counts_from_the_day_it_is_over(recount) -> None:
    """10 minutes; 10 minutes over midnight; and one that is cut at four hours."""
    visits = """
        session_id | user_id | started_at       | ended_at         | duration_ms
        v1         | u1      | 2026-03-02 10:00 | 2026-03-02 10:10 | 600000
        v2         | u1      | 2026-03-02 23:55 | 2026-03-03 00:05 | 600000
        v3         | u1      | 2026-03-08 10:00 | 2026-03-08 19:00 | 14400000
        """
    recount(
        "session_duration",
        {"session": visits},
        """
        day        | value | n | status
        2026-03-01 | -     | 0 | no_data
        2026-03-02 | 10    | 1 | low_sample
        2026-03-03 | 10    | 2 | low_sample
        2026-03-08 | 260/3 | 3 | low_sample
        2026-03-09 | 240   | 1 | low_sample
        """,
    )
    ten = "\n".join(f"v{i} | u1 | 2026-03-02 10:00 | 2026-03-02 10:12 | 720000" for i in range(10))
    table = "session_id | user_id | started_at | ended_at | duration_ms\n" + ten
    recount("session_duration", {"session": table}, "day | value | status\n2026-03-02 | 12 | ok")


def test_dashboards_that_exist_for_each_active_user(recount) -> None:
    dashboards = """
        dashboard_id | user_id | created_at       | deleted_at
        d1           | u1      | 2026-03-01 10:00 |
        d2           | u2      | 2026-03-02 10:00 | 2026-03-05 10:00
        """
    recount(
        "dashboards_total", {"dashboard": dashboards}, "day | value\n2026-03-01 | 1\n2026-03-04 | 2\n2026-03-05 | 1"
    )
    recount(
        "dashboards_per_user",
        {"dashboard": dashboards, "usage_day": USE},
        """
        day        | value | numerator | denominator | status
        2026-03-01 | -     | 1         | 0           | no_data
        2026-03-02 | 1     | 2         | 2           | below_target
        2026-03-07 | 1/3   | 1         | 3           | below_target
        """,
    )


def test_eight_dashboards_each_are_the_target(recount) -> None:
    made = "\n".join(f"d{i} | u1 | 2026-03-02 10:00 |" for i in range(16))
    facts = {"dashboard": "dashboard_id | user_id | created_at | deleted_at\n" + made, "usage_day": USE}
    recount("dashboards_per_user", facts, "day | value | status\n2026-03-02 | 8 | ok")


def test_calls_a_day_grow_against_the_month_before(recount) -> None:
    """100 a day in February; 250, then 125, then again 125 a day in March, which is exactly 25 % more."""
    calls = """
        account_id | day        | calls
        a1         | 2026-02-01 | 2000
        a2         | 2026-02-01 | 800
        a1         | 2026-03-01 | 250
        a1         | 2026-03-20 | 3625
        """
    facts = {"api_usage": calls}
    recount(
        "api_calls_per_day",
        facts,
        "day | value | n\n2026-02-28 | 100 | 28\n2026-03-02 | 125 | 2\n2026-03-31 | 125 | 31",
    )
    recount(
        "api_usage_growth",
        facts,
        """
        day        | value | status
        2026-02-28 | -     | no_data
        2026-03-01 | 150   | provisional
        2026-03-31 | 25    | ok
        2026-04-30 | -100  | below_target
        """,
    )

"""The North Star, and how visitors become trials."""

from __future__ import annotations

import pytest

USE = """
user_id | event             | day        | qualifying
u1      | dashboard_created | 2026-03-02 | yes
u1      | report_generated  | 2026-03-02 | yes
u1      | dashboard_created | 2026-03-20 | yes
u2      | api_used          | 2026-03-10 | yes
u2      | login             | 2026-03-10 | no
u3      | login             | 2026-03-10 | no
"""
# d1 and d3 are u1's, who stays active until 18 April; d2 is u2's, active until 8 April. d3 was thrown away.
OWNED = """
dashboard_id | user_id | from_day   | until_day
d1           | u1      | 2026-03-02 | 2026-04-19
d2           | u2      | 2026-03-10 | 2026-04-09
d3           | u1      | 2026-03-20 | 2026-03-25
"""


@pytest.mark.parametrize(
    ("kpi", "on_31_march", "on_1_april"),
    [
        ("users_creating_dashboards", 1, 1),
        ("users_generating_reports", 1, 0),
        ("users_of_the_api", 1, 1),
        ("users_connecting_sources", 0, 0),
        ("users_collaborating", 0, 0),
        ("users_of_advanced_analytics", 0, 0),
    ],
)
def test_a_value_action_counts_once_a_user_for_30_days(recount, kpi: str, on_31_march: int, on_1_april: int) -> None:
    recount(kpi, {"usage_day": USE}, f"day | value\n2026-03-31 | {on_31_march}\n2026-04-01 | {on_1_april}")


def test_the_score_is_the_points_of_distinct_actions_over_all_70(recount) -> None:
    """10 + 8 of u1 and 5 of u2, of 2 × 70; in April u1's report is gone, later u2, in the end everybody."""
    recount(
        "business_value_score",
        {"usage_day": USE},
        """
        day        | value  | numerator | denominator
        2026-03-31 | 23/140 | 23        | 140
        2026-04-01 | 15/140 | 15        | 140
        2026-04-09 | 10/70  | 10        | 70
        2026-04-19 | -      | 0         | 0
        """,
    )


def test_business_value_is_users_times_dashboards_times_score(recount) -> None:
    """2 users × 3 dashboards ÷ 2 × 23/140 on 22 March; on the 31st two dashboards are left."""
    recount(
        "mabv",
        {"usage_day": USE, "active_dashboard": OWNED},
        """
        day        | value  | status
        2026-03-22 | 69/140 | below_target
        2026-03-31 | 46/140 | below_target
        2026-04-19 | -      | no_data
        """,
    )


def test_the_target_of_business_value_is_the_next_one_on_the_path(company) -> None:
    """By month 6, 12, 24 and 36 of a company that began in December 2024."""
    starts = [(str(each), each.since and each.since.isoformat()) for each in company.kpis["mabv"].target]
    assert starts == [
        (">= 50000", None),
        (">= 200000", "2025-06-01"),
        (">= 800000", "2025-12-01"),
        (">= 2000000", "2026-12-01"),
    ]


def test_dashboards_of_active_users(recount) -> None:
    recount(
        "dashboards_of_active_users",
        {"active_dashboard": OWNED},
        """
        day        | value
        2026-03-01 | 0
        2026-03-24 | 3
        2026-03-25 | 2
        2026-04-08 | 2
        2026-04-09 | 1
        2026-04-19 | 0
        """,
    )
    recount(
        "dashboards_per_active_user",
        {"usage_day": USE, "active_dashboard": OWNED},
        "day | value | numerator | denominator\n2026-03-24 | 1.5 | 3 | 2\n2026-04-19 | - | 0 | 0",
    )


VISITS = """
month_day  | users
2026-01-31 | 50000
2026-02-27 | 900
2026-02-28 | 1000
2026-03-01 | 50
"""
TRIALS = """
subscription_id | customer_id | started_at       | repeat
s1              | c1          | 2026-02-03 10:00 | no
s2              | c2          | 2026-02-10 10:00 | no
s3              | c1          | 2026-02-20 10:00 | yes
s4              | c4          | 2026-02-28 23:59 | no
"""


def test_visitors_of_the_month_so_far_are_judged_when_it_is_over(recount) -> None:
    """Exactly 50,000 meet the target."""
    recount(
        "website_traffic",
        {"web_month": VISITS},
        """
        day        | value | closed | provisional | status
        2026-01-31 | 50000 | yes    | no          | ok
        2026-02-27 | 900   | no     | yes         | provisional
        2026-02-28 | 1000  | yes    | no          | below_target
        2026-03-01 | 50    | no     | yes         | provisional
        """,
    )
    recount("website_visitors_to_date", {"web_month": VISITS}, "day | value\n2026-02-28 | 1000\n2026-03-02 | 0")


def test_a_repeated_trial_is_no_signup(recount) -> None:
    recount(
        "trial_signups",
        {"subscription_trial": TRIALS},
        """
        day        | value | n | status
        2026-02-02 | 0     | 0 | provisional
        2026-02-27 | 2     | 2 | provisional
        2026-02-28 | 3     | 3 | below_target
        2026-03-01 | 0     | 0 | provisional
        """,
    )


def test_signups_over_the_visitors_of_the_same_month(recount) -> None:
    """3 of 1000; without visitors there is no rate."""
    recount(
        "signup_conversion_rate",
        {"subscription_trial": TRIALS, "web_month": VISITS},
        """
        day        | value | numerator | denominator | status
        2026-02-26 | -     | 2         | 0           | no_data
        2026-02-28 | 0.3   | 3         | 1000        | below_target
        """,
    )
    few = "month_day | users\n2026-02-28 | 100"
    recount("signup_conversion_rate", {"subscription_trial": TRIALS, "web_month": few},
            "day | value | status\n2026-02-28 | 3 | ok")  # fmt: skip


def test_organic_sessions_over_all_sessions_of_the_month(recount) -> None:
    """60 of 100 in January is exactly the target; February comes to 90 of 200."""
    sessions = """
        day        | channel        | sessions
        2026-01-31 | Organic Search | 60
        2026-01-31 | Direct         | 40
        2026-02-01 | Organic Search | 60
        2026-02-01 | Direct         | 40
        2026-02-02 | Organic Search | 30
        2026-02-02 | Paid Search    | 70
        """
    recount(
        "organic_traffic_share",
        {"web_day": sessions},
        """
        day        | value | n   | status
        2026-01-31 | 60    | 100 | ok
        2026-02-01 | 60    | 100 | provisional
        2026-02-28 | 45    | 200 | below_target
        2026-03-31 | -     | 0   | no_data
        """,
    )


DEALS = """
deal_id | closed_at        | won | duplicate | source_first_touch | annual_minor | one_time_minor
d1      | 2025-03-01 00:00 | yes | no        | ORGANIC_SEARCH     | 1200000      | 100000
d2      | 2026-03-01 00:00 | yes | no        | SOCIAL_MEDIA       | 900000       | 0
d3      | 2025-06-01 09:00 | yes | no        | PAID_SEARCH        | 900000       | 0
d4      | 2025-06-01 09:00 | no  | no        | ORGANIC_SEARCH     | 900000       | 0
d5      | 2025-06-01 09:00 | yes | yes       | ORGANIC_SEARCH     | 900000       | 0
"""
COSTS = """
entry_id | day        | category        | amount_minor
e1       | 2025-05-10 | content         | 200000
e2       | 2026-02-26 | content         | 60000
e3       | 2025-05-10 | sales_marketing | 700000
"""


def test_first_year_revenue_of_content_over_its_cost_in_twelve_complete_months(recount) -> None:
    """$13,000 of d1; $2,000 and then $2,600 spent: exactly 5 : 1 in March. d2 is won on the day after the window."""
    facts = {"deal": DEALS, "ledger_entry": COSTS}
    recount(
        "content_marketing_roi",
        facts,
        """
        day        | value | numerator | denominator | status
        2025-04-15 | -     | 1300000   | 0           | no_data
        2026-02-15 | 6.5   | 1300000   | 200000      | ok
        2026-03-15 | 5     | 1300000   | 260000      | ok
        2026-04-15 | 45/13 | 900000    | 260000      | below_target
        """,
    )
    recount("content_return_on_investment", facts, "day | value\n2025-04-15 | -\n2026-03-15 | 4")

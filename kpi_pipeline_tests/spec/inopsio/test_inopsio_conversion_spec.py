"""From lead to trial to payment, from a free plan to a paid one, and who stays."""

from __future__ import annotations


def test_leads_try_within_thirty_times_24_hours(recount) -> None:
    """a in time to the second, b a second late, c never, d of another month; the month settles for thirty days."""
    recount(
        "lead_to_trial",
        {
            "lead_trial": """
            lead_id | created_at       | trial_started_at
            a       | 2026-02-10 10:00 | 2026-03-12 10:00
            b       | 2026-02-10 10:00 | 2026-03-12 10:00:01
            c       | 2026-02-28 23:59 |
            d       | 2026-03-01 00:00 | 2026-03-01 09:00
            """
        },
        """
        day        | value | numerator | denominator | n | provisional | status
        2026-02-09 | -     | 0         | 0           | 0 | yes         | no_data
        2026-02-10 | 50    | 1         | 2           | 2 | yes         | low_sample
        2026-02-28 | 100/3 | 1         | 3           | 3 | no          | low_sample
        2026-03-31 | 100   | 1         | 1           | 1 | no          | low_sample
        """,
    )


def test_a_trial_of_the_next_month_counts_for_the_lead_s_own(recount) -> None:
    """On 12 March the value of February changes: a late record, as its thirty days allow."""
    leads = "lead_id | created_at | trial_started_at\na | 2026-02-10 10:00 | 2026-03-12 10:00"
    expected = "day | value | n | provisional\n2026-02-28 | {} | 1 | yes"
    recount("lead_to_trial", {"lead_trial": leads}, expected.format(0), now="2026-03-12 09:00")
    recount("lead_to_trial", {"lead_trial": leads}, expected.format(100), now="2026-03-12 12:00")


def test_three_of_twenty_leads_is_not_more_than_fifteen_percent(recount) -> None:
    leads = "lead_id | created_at | trial_started_at\n" + "\n".join(
        f"l{number} | 2026-02-01 10:00 | {'2026-02-02 10:00' if number < 3 else ''}" for number in range(20)
    )
    recount("lead_to_trial", {"lead_trial": leads}, "day | value | n | status\n2026-02-28 | 15 | 20 | below_target")


# a pays 14 days after its end, b a second later, c never, d is running on 20 March, e has tried before.
TRIALS = """
subscription_id | customer_id | started_at       | ended_at         | first_paid_at       | repeat
t1              | a           | 2026-02-02 10:00 | 2026-02-16 10:00 | 2026-03-02 10:00    | no
t2              | b           | 2026-02-03 10:00 | 2026-02-17 10:00 | 2026-03-03 10:00:01 | no
t3              | c           | 2026-02-04 10:00 | 2026-02-18 10:00 |                     | no
t4              | d           | 2026-03-10 10:00 | 2026-03-24 10:00 |                     | no
t5              | e           | 2026-02-05 10:00 | 2026-02-19 10:00 | 2025-11-01 10:00    | yes
"""


def test_trials_convert_until_fourteen_days_after_their_end(recount) -> None:
    """Trials by the month of their start; only ended ones count, so a running one is in neither part."""
    recount(
        "trial_to_paid",
        {"subscription_trial": TRIALS},
        """
        day        | value | numerator | denominator | n | provisional
        2026-02-01 | -     | 0         | 0           | 0 | yes
        2026-02-28 | 100/3 | 1         | 3           | 3 | yes
        2026-03-20 | -     | 0         | 0           | 0 | yes
        """,
        now="2026-03-20 12:00",
    )


def test_one_in_four_is_not_more_than_a_quarter(recount) -> None:
    head = "subscription_id | customer_id | started_at | ended_at | first_paid_at | repeat\n"
    trials = head + "\n".join(
        f"t{n} | c{n} | 2026-02-01 10:00 | 2026-02-15 10:00 | {'2026-02-15 11:00' if n < 3 else ''} | no"
        for n in range(12)
    )
    recount(
        "trial_to_paid",
        {"subscription_trial": trials},
        "day | value | n | status\n2026-02-28 | 25 | 12 | below_target",
    )


def test_the_rolling_view_counts_trials_by_their_end(recount) -> None:
    """Late payers count from the day they pay; a payment before the trial proves nothing."""
    recount(
        "trial_to_paid_rolling",
        {"subscription_trial": TRIALS},
        """
        day        | value | numerator | denominator | n
        2026-02-15 | -     | 0         | 0           | 0
        2026-02-18 | 0     | 0         | 3           | 3
        2026-03-02 | 100/3 | 1         | 3           | 3
        2026-03-03 | 200/3 | 2         | 3           | 3
        2026-03-18 | 50    | 1         | 2           | 2
        2026-03-20 | -     | 0         | 0           | 0
        """,
    )


def test_free_accounts_of_the_month_that_pay_now(recount) -> None:
    """a pays from the 10th, b from the 5th to the 20th and again from the 25th, c never."""
    recount(
        "free_to_paid",
        {
            "free_month": """
            customer_id | month_starts_at  | paid_from_at     | paid_until_at
            a           | 2026-02-01 00:00 | 2026-02-10 12:00 |
            b           | 2026-02-01 00:00 | 2026-02-05 12:00 | 2026-02-20 12:00
            b           | 2026-02-01 00:00 | 2026-02-25 12:00 |
            c           | 2026-02-01 00:00 |                  |
            c           | 2026-03-01 00:00 |                  |
            """
        },
        """
        day        | value | numerator | denominator | n | status
        2026-01-31 | -     | 0         | 0           | 0 | no_data
        2026-02-04 | 0     | 0         | 3           | 3 | low_sample
        2026-02-10 | 200/3 | 2         | 3           | 3 | low_sample
        2026-02-20 | 100/3 | 1         | 3           | 3 | low_sample
        2026-02-28 | 200/3 | 2         | 3           | 3 | low_sample
        2026-03-01 | 0     | 0         | 1           | 1 | low_sample
        """,
    )


def test_one_of_ten_free_accounts_is_not_more_than_ten_percent(recount) -> None:
    rows = "customer_id | month_starts_at | paid_from_at\n" + "\n".join(
        f"c{number} | 2026-02-01 00:00 | {'2026-02-03 10:00' if number == 0 else ''}" for number in range(10)
    )
    recount("free_to_paid", {"free_month": rows}, "day | value | n | status\n2026-02-28 | 10 | 10 | below_target")


def test_the_free_cohort_has_had_its_ninety_days(recount) -> None:
    """Seen from 90 to 119 days later. a upgraded on the 90th day to the second, b a second later, c never."""
    recount(
        "free_to_paid_cohort_90d",
        {
            "free_account": """
            customer_id | free_from_at     | upgraded_at
            a           | 2026-01-01 10:00 | 2026-04-01 10:00
            b           | 2026-01-01 10:00 | 2026-04-01 10:00:01
            c           | 2026-01-02 10:00 |
            """
        },
        """
        day        | value | numerator | denominator | n
        2026-03-31 | -     | 0         | 0           | 0
        2026-04-01 | 50    | 1         | 2           | 2
        2026-04-02 | 100/3 | 1         | 3           | 3
        2026-05-01 | 0     | 0         | 1           | 1
        2026-05-02 | -     | 0         | 0           | 0
        """,
    )


# a pays 100 and leaves in February; b pays 100, 150 from 10 February; c leaves and is back within February; d is new.
CHANGES = """
change_id | customer_id | changed_at       | delta_minor
1         | a           | 2026-01-05 10:00 | 10000
2         | b           | 2026-01-06 10:00 | 10000
3         | c           | 2026-01-07 10:00 | 20000
4         | b           | 2026-02-10 10:00 | 5000
5         | c           | 2026-02-11 10:00 | -20000
6         | d           | 2026-02-12 10:00 | 40000
7         | c           | 2026-02-15 10:00 | 20000
8         | a           | 2026-02-20 10:00 | -10000
"""


def test_customers_are_lost_when_they_pay_nothing_now(recount) -> None:
    recount(
        "customer_churn_monthly",
        {"mrr_change": CHANGES},
        """
        day        | value | numerator | denominator
        2026-01-31 | -     | 0         | 0
        2026-02-10 | 0     | 0         | 3
        2026-02-11 | 100/3 | 1         | 3
        2026-02-15 | 0     | 0         | 3
        2026-02-28 | 100/3 | 1         | 3
        2026-03-01 | 0     | 0         | 3
        """,
    )


def test_one_of_twenty_customers_is_not_less_than_five_percent(recount) -> None:
    changes = "change_id | customer_id | changed_at | delta_minor\n" + "\n".join(
        f"{number} | c{number} | 2026-01-05 10:00 | 100" for number in range(20)
    )
    changes += "\n99 | c0 | 2026-02-05 10:00 | -100"
    recount(
        "customer_churn_monthly",
        {"mrr_change": changes},
        "day | value | status\n2026-02-28 | 5 | below_target\n2026-03-31 | 0 | ok",
    )


def test_the_running_month_of_churn_is_provisional(recount) -> None:
    recount(
        "customer_churn_monthly",
        {"mrr_change": CHANGES},
        "day | value | provisional\n2026-02-11 | 100/3 | yes",
        now="2026-02-11 12:00",
    )


def test_revenue_retention_of_a_month(recount) -> None:
    """400 at the end of January; without d what a, b and c pay is 450, 250, 450 and 350."""
    recount(
        "nrr_monthly",
        {"mrr_change": CHANGES},
        """
        day        | value | numerator | denominator
        2026-01-31 | -     | 0         | 0
        2026-02-10 | 112.5 | 45000     | 40000
        2026-02-11 | 62.5  | 25000     | 40000
        2026-02-15 | 112.5 | 45000     | 40000
        2026-02-28 | 87.5  | 35000     | 40000
        2026-03-01 | 100   | 75000     | 75000
        """,
    )


def test_revenue_retention_looks_back_twelve_months(recount) -> None:
    """At the end of 10 January 2026 a, b and c paid 400; on 10 January 2027 they pay 350 and d is none of them."""
    recount(
        "net_revenue_retention",
        {"mrr_change": CHANGES},
        """
        day        | value | numerator | denominator | status
        2027-01-04 | -     | 0         | 0           | no_data
        2027-01-05 | 0     | 0         | 10000       | below_target
        2027-01-10 | 87.5  | 35000     | 40000       | below_target
        2027-02-28 | 100   | 75000     | 75000       | below_target
        """,
        now="2027-03-05 12:00",
    )


def test_a_hundred_and_ten_percent_is_not_more_than_that(recount) -> None:
    changes = """
    change_id | customer_id | changed_at       | delta_minor
    1         | a           | 2025-01-05 10:00 | 1000
    2         | a           | 2025-06-05 10:00 | 100
    3         | a           | 2025-06-15 10:00 | 1
    """
    recount(
        "net_revenue_retention",
        {"mrr_change": changes},
        """
        day        | value | status
        2026-01-05 | 110.1 | ok
        2026-06-05 | 1101/11 | below_target
        """,
    )


def test_retention_compounds_twelve_whole_months(recount) -> None:
    """Halved in February and doubled in April: 50 % × 200 % = 100 %; a month without a base makes it unknown."""
    changes = """
    change_id | customer_id | changed_at       | delta_minor
    1         | a           | 2025-01-05 10:00 | 1000
    2         | a           | 2025-02-05 10:00 | -500
    3         | a           | 2025-04-05 10:00 | 1000
    """
    recount(
        "nrr_compounded",
        {"mrr_change": changes},
        """
        day        | value
        2026-01-31 | -
        2026-02-01 | 150
        2026-03-01 | 300
        2026-05-01 | 100
        """,
    )

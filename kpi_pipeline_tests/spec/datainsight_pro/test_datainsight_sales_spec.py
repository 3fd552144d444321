"""Trials that become paid, deals that are won, and how fast."""

from __future__ import annotations

# s2 pays exactly 14 × 24 hours after the end of its trial, s3 a minute later; c6 had paid before it tried.
TRIALS = """
subscription_id | customer_id | started_at       | ended_at         | first_paid_at    | repeat
s1              | c1          | 2026-02-03 10:00 | 2026-02-17 10:00 | 2026-02-17 11:00 | no
s2              | c2          | 2026-02-10 10:00 | 2026-02-24 10:00 | 2026-03-10 10:00 | no
s3              | c3          | 2026-02-12 10:00 | 2026-02-26 10:00 | 2026-03-12 10:01 | no
s4              | c1          | 2026-02-20 10:00 | 2026-03-06 10:00 | 2026-02-17 11:00 | yes
s5              | c5          | 2026-02-28 23:59 | 2026-03-14 23:59 |                  | no
s6              | c6          | 2026-04-05 10:00 | 2026-04-19 10:00 | 2026-04-01 10:00 | no
"""
FACTS = {"subscription_trial": TRIALS}


def test_the_cohort_of_a_month_counts_trials_that_have_ended_and_payments_in_time(recount) -> None:
    recount(
        "trial_to_paid",
        FACTS,
        """
        day        | value | numerator | denominator | n | provisional | status
        2026-02-02 | -     | 0         | 0           | 0 | yes         | no_data
        2026-02-03 | 100   | 1         | 1           | 1 | yes         | low_sample
        2026-02-10 | 100   | 2         | 2           | 2 | yes         | low_sample
        2026-02-28 | 50    | 2         | 4           | 4 | no          | low_sample
        2026-03-31 | -     | 0         | 0           | 0 | no          | no_data
        """,
    )


def test_a_payment_that_comes_later_changes_the_cohort_until_it_is_settled(recount) -> None:
    """Seen on 5 March s2 has not paid and s5 still runs; on 11 March s2 has paid."""
    for now, value, parts in (("2026-03-05 12:00", "100/3", "1 | 3"), ("2026-03-11 12:00", "200/3", "2 | 3")):
        recount(
            "trial_to_paid",
            FACTS,
            f"""
            day        | value   | numerator | denominator | provisional
            2026-02-28 | {value} | {parts} | yes
            """,
            now=now,
        )


def trials(paid: int, ended: int) -> str:
    header = "subscription_id | customer_id | started_at | ended_at | first_paid_at | repeat\n"
    return header + "\n".join(
        f"s{i} | c{i} | 2026-02-03 10:00 | 2026-02-17 10:00 | {'2026-02-17 11:00' if i < paid else ''} | no"
        for i in range(ended)
    )


def test_the_alert_looks_at_trials_that_ended_in_seven_days(recount) -> None:
    """3 of 20 are 15 %, which is not below 15; 2 of 20 are."""
    for paid, value, status in ((3, 15, "ok"), (2, 10, "critical")):
        recount(
            "trial_to_paid_7d",
            {"subscription_trial": trials(paid, 20)},
            f"""
            day        | value   | n  | status
            2026-02-16 | -       | 0  | no_data
            2026-02-17 | {value} | 20 | {status}
            2026-02-23 | {value} | 20 | {status}
            2026-02-24 | -       | 0  | no_data
            """,
        )


def test_a_quarter_of_the_trials_is_the_target(recount) -> None:
    expected = "day | value | status\n2026-02-28 | 25 | ok"
    recount("trial_to_paid", {"subscription_trial": trials(5, 20)}, expected)


def test_thirty_days_of_ended_trials(recount) -> None:
    """On 11 March s3 has not paid yet; on the 14th it has, and s5 has ended."""
    recount(
        "trial_to_paid_30d",
        FACTS,
        """
        day        | value | numerator | denominator
        2026-03-11 | 200/3 | 2         | 3
        2026-03-14 | 75    | 3         | 4
        """,
    )


def test_the_cycle_is_from_the_trial_to_the_first_payment(recount) -> None:
    """14 days and an hour in February; 28 days, and 28 days and a minute, in March. c6 paid before its trial."""
    recount(
        "sales_cycle_length",
        FACTS,
        """
        day        | value      | n | status
        2026-02-28 | 337/24     | 1 | low_sample
        2026-03-10 | 28         | 1 | low_sample
        2026-03-31 | 80641/2880 | 2 | low_sample
        2026-04-30 | -          | 0 | no_data
        """,
    )
    recount("sales_cycle_length_median", FACTS, "day | value | n\n2026-03-31 | 80641/2880 | 2\n2026-04-30 | - | 0")


# a closes at the midnight with which 31 March begins; d was never qualified, e is a duplicate, f is open, g a renewal.
DEALS = """
deal_id | created_at       | qualified_at     | closed_at        | open_until_at    | won | amount_minor | annual_minor | deal_type        | duplicate
a       | 2026-03-01 00:00 | 2026-03-03 09:00 | 2026-03-31 00:00 | 2026-03-31 00:00 | yes | 1200000      | 1200000      | newbusiness      | no
b       | 2026-03-02 00:00 | 2026-03-05 09:00 | 2026-03-12 00:00 | 2026-03-12 00:00 | yes | 4100000      | 1800000      | existingbusiness | no
c       | 2026-03-02 00:00 | 2026-03-06 09:00 | 2026-03-20 09:00 | 2026-03-20 09:00 | no  | 500000       | 500000       | newbusiness      | no
d       | 2026-03-02 00:00 |                  | 2026-03-10 09:00 | 2026-03-10 09:00 | no  | 500000       | 500000       | newbusiness      | no
e       | 2026-03-02 00:00 | 2026-03-04 09:00 | 2026-03-15 09:00 | 2026-03-15 09:00 | yes | 900000       | 900000       | newbusiness      | yes
f       | 2026-03-10 00:00 | 2026-03-18 09:00 |                  |                  |     | 2000000      | 2000000      | newbusiness      | no
g       | 2026-03-20 00:00 | 2026-03-20 09:00 | 2026-03-25 00:00 | 2026-03-25 00:00 | yes | 600000       | 600000       | renewal          | no
"""
SOLD = {"deal": DEALS}


def test_won_of_the_qualified_deals_closed_in_the_month(recount) -> None:
    recount(
        "win_rate",
        SOLD,
        """
        day        | value | numerator | denominator | status
        2026-03-11 | -     | 0         | 0           | no_data
        2026-03-12 | 100   | 1         | 1           | low_sample
        2026-03-25 | 200/3 | 2         | 3           | low_sample
        2026-03-31 | 75    | 3         | 4           | low_sample
        2026-04-30 | -     | 0         | 0           | no_data
        """,
    )
    recount("win_rate_90d", SOLD, "day | value | n\n2026-03-31 | 75 | 4\n2026-06-28 | 100 | 1\n2026-06-29 | - | 0")


def closed(won: int, lost: int, annual: int) -> str:
    header = "deal_id | qualified_at | closed_at | won | annual_minor | duplicate\n"
    return header + "\n".join(
        f"d{i} | 2026-03-01 09:00 | 2026-03-10 09:00 | {'yes' if i < won else 'no'} | {annual} | no"
        for i in range(won + lost)
    )


def test_three_of_five_and_15_000_dollars_are_exactly_the_targets(recount) -> None:
    sold = {"deal": closed(won=6, lost=4, annual=1_500_000)}
    recount("win_rate", sold, "day | value | status\n2026-03-31 | 60 | ok")
    recount("average_contract_value", sold, "day | value | n | status\n2026-03-31 | 15000 | 6 | ok")
    less = {"deal": closed(won=6, lost=4, annual=1_499_999)}
    recount("average_contract_value", less, "day | value | status\n2026-03-31 | 14999.99 | below_target")


def test_the_win_rate_is_judged_by_the_target_of_its_day(recount) -> None:
    """45 % was the target of the company's first twelve months, 60 % is since."""
    table = closed(won=9, lost=11, annual=1)
    earlier = {"deal": table.replace("2026-", "2025-")}
    recount("win_rate", earlier, "day | value | status\n2025-03-31 | 45 | ok")
    recount("win_rate", {"deal": table}, "day | value | status\n2026-03-31 | 45 | below_target")


def test_the_contract_value_is_what_recurs_in_a_year(recount) -> None:
    """a 12,000, b 18,000 (of 41,000 for more than two years), g 6,000."""
    expected = "day | value | n\n2026-03-31 | 12000 | 3\n2026-04-30 | - | 0"
    recount("average_contract_value", SOLD, expected)
    recount("average_contract_value_90d", SOLD, "day | value | n\n2026-03-31 | 12000 | 3\n2026-06-28 | 12000 | 1")


def test_open_deals_are_those_qualified_and_not_closed(recount) -> None:
    recount(
        "qualified_open_deals",
        SOLD,
        """
        day        | value
        2026-03-02 | 0
        2026-03-03 | 1
        2026-03-06 | 3
        2026-03-12 | 2
        2026-03-20 | 3
        2026-03-25 | 2
        2026-03-31 | 1
        """,
    )
    recount("open_pipeline", SOLD, "day | value | n\n2026-03-25 | 32000 | 2\n2026-03-31 | 20000 | 1")


def test_the_cycle_of_deals_is_from_creation_to_win(recount) -> None:
    """a 30, b 10, g 5 days; 90 days later only a is left."""
    recount(
        "deal_cycle_length_90d", SOLD, "day | value | n\n2026-03-31 | 15 | 3\n2026-06-28 | 30 | 1\n2026-06-29 | - | 0"
    )


def test_velocity_is_deals_times_win_rate_times_value_over_days(recount) -> None:
    """1 × 75 % × $12,000 × 30.4375 ÷ 15 days; before the first win there is none."""
    recount(
        "pipeline_velocity",
        SOLD,
        """
        day        | value   | numerator | denominator | status
        2026-03-02 | -       | -         | -           | no_data
        2026-03-31 | 18262.5 | 273937.5  | 15          | below_target
        """,
    )


def test_bookings_leave_out_renewals_and_grow_against_the_month_before(recount) -> None:
    """$40,000 in February, $53,000 in March; there is no growth from nothing."""
    before = f"{DEALS.rstrip()}\nh | 2026-02-01 00:00 | 2026-02-02 09:00 | 2026-02-10 09:00 | 2026-02-10 09:00 | yes | 4000000 | 4000000 | newbusiness | no\n"
    facts = {"deal": before}
    recount(
        "bookings", facts, "day | value | n\n2026-02-28 | 40000 | 1\n2026-03-12 | 41000 | 1\n2026-03-31 | 53000 | 2"
    )
    recount(
        "bookings_growth",
        facts,
        """
        day        | value | numerator | denominator | status
        2026-02-28 | -     | 40000     | 0           | no_data
        2026-03-12 | 2.5   | 1000      | 40000       | provisional
        2026-03-31 | 32.5  | 13000     | 40000       | ok
        """,
    )
    fifth_more = "deal_id | closed_at | won | amount_minor | deal_type | duplicate\na | 2026-02-10 09:00 | yes | 100000 | newbusiness | no\nb | 2026-03-10 09:00 | yes | 120000 | newbusiness | no"
    recount("bookings_growth", {"deal": fifth_more}, "day | value | status\n2026-03-31 | 20 | ok")

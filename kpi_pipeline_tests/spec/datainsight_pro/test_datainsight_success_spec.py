"""What customers say and ask, whether they stay, and what they are worth."""

from __future__ import annotations

import pytest


def answers(form: str, question: str, scores: list[int], asked: str = "2026-02-06") -> str:
    header = "answer_id | form | question | respondent | event_at | submitted_at | superseded_at | score\n"
    return header + "\n".join(
        f"a{i} | {form} | {question} | r{i} | {asked} 00:00 | {asked} 10:00 | | {score}"
        for i, score in enumerate(scores)
    )


@pytest.mark.parametrize(
    ("scores", "value", "status"),
    [
        ([10] * 12 + [8] * 5 + [0] * 3, "45", "below_target"),
        ([9] * 11 + [7] * 14, "44", "warning"),
        ([9] * 7 + [8] * 3, "70", "ok"),
        ([9] * 9, "100", "low_sample"),
    ],
)
def test_promoters_less_detractors(recount, scores: list[int], value: str, status: str) -> None:
    """45 is not below 45; 70 is the target since the company's second year; nine answers are too few."""
    given = {"survey_answer": answers("nps", "nps", scores)}
    recount("nps", given, f"day | value | status\n2026-02-28 | {value} | {status}")


def test_more_than_50_was_the_target_of_the_first_year(recount) -> None:
    fifty = answers("nps", "nps", [9] * 6 + [8] * 3 + [0], "2025-02-06")
    recount("nps", {"survey_answer": fifty}, "day | value | status\n2025-02-28 | 50 | below_target")


def test_the_last_answer_of_a_wave_counts_until_two_weeks_later(recount) -> None:
    """b changes their mind on 20 March, after the cut of every day of February but within that of 7 March's wave."""
    given = """
        answer_id | form | question | respondent | event_at         | submitted_at     | superseded_at    | score
        a         | nps  | nps      | r1         | 2026-02-06 00:00 | 2026-02-07 10:00 |                  | 10
        b         | nps  | nps      | r2         | 2026-02-06 00:00 | 2026-02-07 10:00 | 2026-03-20 10:00 | 6
        c         | nps  | nps      | r2         | 2026-02-06 00:00 | 2026-03-20 10:00 |                  | 10
        d         | csat | csat     | r2         | 2026-02-06 00:00 | 2026-02-07 10:00 |                  | 1
        """
    recount(
        "nps",
        {"survey_answer": given},
        """
        day        | value | n | provisional | status
        2026-02-05 | -     | 0 | yes         | no_data
        2026-02-06 | 0     | 2 | yes         | low_sample
        2026-02-28 | 0     | 2 | no          | low_sample
        """,
    )
    recount("nps", {"survey_answer": given}, "day | n\n2026-02-06 | 0", now="2026-02-06 12:00")


def test_the_mean_of_the_ratings_from_one_to_five(recount) -> None:
    """Five fives and five fours are exactly 4.5; a zero and a six are no ratings."""
    given = {"survey_answer": answers("csat", "csat", [5] * 5 + [4] * 5 + [0, 6])}
    recount(
        "csat",
        given,
        "day | value | numerator | n | status\n2026-02-28 | 4.5 | 45 | 10 | ok\n2026-03-31 | - | 0 | 0 | no_data",
    )


def test_the_team_is_asked_by_quarter_and_four_answers_are_too_few(recount) -> None:
    """Exactly 4.0 is not more than 4.0."""
    five = answers("team", "team_satisfaction", [4] * 5)
    recount(
        "team_satisfaction",
        {"survey_answer": five},
        """
        day        | value | n | status
        2026-02-05 | -     | 0 | no_data
        2026-03-31 | 4     | 5 | below_target
        2026-04-01 | -     | 0 | no_data
        """,
    )
    four = answers("team", "team_satisfaction", [5] * 4)
    recount("team_satisfaction", {"survey_answer": four}, "day | value | status\n2026-03-31 | 5 | low_sample")


def customers(count: int, since: str = "2025-01-10", amount: int = 10_000) -> str:
    header = "change_id | customer_id | reason | changed_at | delta_minor | first_at\n"
    return header + "\n".join(
        f"s{i} | c{i} | subscription | {since} 09:00 | {amount} | {since} 09:00" for i in range(count)
    )


TICKETS = """
ticket_id | created_at       | is_duplicate
t1        | 2026-03-02 09:00 | no
t2        | 2026-03-06 09:00 | no
t3        | 2026-03-06 09:00 | yes
"""


def test_tickets_on_the_scale_of_a_month_per_100_customers(recount) -> None:
    """2 tickets, 10 customers: 2 × 100 × 30.4375 ÷ 30 ÷ 10; of the week 2 × 100 × 30.4375 ÷ 7 ÷ 10."""
    facts = {"support_ticket": TICKETS, "mrr_change": customers(10)}
    recount("tickets_30d", {"support_ticket": TICKETS}, "day | value\n2026-03-31 | 2\n2026-04-01 | 1\n2026-04-05 | 0")
    recount("tickets_7d", {"support_ticket": TICKETS}, "day | value\n2026-03-08 | 2\n2026-03-09 | 1\n2026-03-13 | 0")
    recount(
        "tickets_per_100_customers",
        facts,
        """
        day        | value       | numerator   | denominator | status
        2026-03-31 | 6087.5/300  | 6087.5/30   | 10          | below_target
        2026-04-01 | 3043.75/300 | 3043.75/30  | 10          | ok
        """,
    )
    recount(
        "tickets_per_100_customers_7d",
        facts,
        "day | value | status\n2026-03-08 | 6087.5/70 | warning\n2026-03-09 | 3043.75/70 | warning\n2026-03-13 | 0 | ok",
    )
    recount("tickets_per_100_customers", {"support_ticket": TICKETS}, "day | value | status\n2026-03-31 | - | no_data")


def test_customers_are_the_mean_of_the_days(recount) -> None:
    """One customer on four days and two on three: 10/7."""
    one_more = f"{customers(1)}\nx | c9 | subscription | 2026-03-06 09:00 | 10000 | 2026-03-06 09:00"
    facts = {
        "support_ticket": TICKETS.replace("t2 ", "t9 ").replace("2026-03-06", "2026-01-06"),
        "mrr_change": one_more,
    }
    recount(
        "tickets_per_100_customers_7d",
        facts,
        "day | value | numerator | denominator\n2026-03-08 | 304.375 | 3043.75/7 | 10/7",
    )


# t2 comes on Friday at five and is answered on Monday at nine: an hour and an hour. t3 is never answered.
WAITING = """
ticket_id | created_at       | first_reply_at   | is_duplicate
t1        | 2026-03-02 09:00 | 2026-03-02 11:00 | no
t2        | 2026-03-06 17:00 | 2026-03-09 09:00 | no
t3        | 2026-03-03 08:00 |                  | no
t4        | 2026-03-03 08:00 | 2026-03-03 08:01 | yes
"""


def test_waiting_in_office_hours_until_a_person_answers(recount) -> None:
    """On the 3rd t3 has waited ten hours, longer than the two of t1; on the 6th forty, t2 only one."""
    facts = {"support_ticket": WAITING}
    recount(
        "first_response_time",
        facts,
        """
        day        | value | n | status
        2026-03-01 | -     | 0 | no_data
        2026-03-02 | 2     | 1 | low_sample
        2026-03-03 | 6     | 2 | low_sample
        2026-03-06 | 21    | 2 | low_sample
        """,
    )
    recount("first_response_time_median", facts, "day | value | n\n2026-03-03 | 2 | 1\n2026-03-08 | 2 | 1")
    recount("unanswered_tickets", facts, "day | value\n2026-03-02 | 0\n2026-03-03 | 1\n2026-03-06 | 2\n2026-03-09 | 1")


def test_two_hours_are_not_less_than_two_hours(recount) -> None:
    lines = "\n".join(f"t{i} | 2026-03-02 09:00 | 2026-03-02 11:00 | no" for i in range(5))
    table = "ticket_id | created_at | first_reply_at | is_duplicate\n" + lines
    recount("first_response_time", {"support_ticket": table}, "day | value | status\n2026-03-02 | 2 | below_target")


def test_solved_with_one_answer_and_not_back_within_a_week(recount) -> None:
    """t2 is back after exactly seven days, t3 a second later; t4 took two answers; the week ended a week ago."""
    solved = """
        ticket_id | replies | resolved_at      | reopened_at         | is_duplicate
        t1        | 1       | 2026-03-02 10:00 |                     | no
        t2        | 1       | 2026-03-02 10:00 | 2026-03-09 10:00    | no
        t3        | 1       | 2026-03-02 10:00 | 2026-03-09 10:00:01 | no
        t4        | 2       | 2026-03-02 10:00 |                     | no
        t5        | 1       | 2026-03-02 10:00 |                     | yes
        """
    recount(
        "first_contact_resolution",
        {"support_ticket": solved},
        """
        day        | value | numerator | denominator | status
        2026-03-08 | -     | 0         | 0           | no_data
        2026-03-09 | 50    | 2         | 4           | low_sample
        2026-03-15 | 50    | 2         | 4           | low_sample
        2026-03-16 | -     | 0         | 0           | no_data
        """,
    )
    five = "\n".join(f"t{i} | {1 if i < 4 else 3} | 2026-03-02 10:00 | | no" for i in range(5))
    table = "ticket_id | replies | resolved_at | reopened_at | is_duplicate\n" + five
    recount("first_contact_resolution", {"support_ticket": table}, "day | value | status\n2026-03-09 | 80 | ok")


def leaving(of: int, gone: int, on: str = "2026-03-10") -> str:
    lines = "\n".join(f"x{i} | c{i} | subscription | {on} 09:00 | -10000 | 2025-01-10 09:00" for i in range(gone))
    return f"{customers(of)}\n{lines}" if gone else customers(of)


def test_who_paid_at_the_start_of_the_month_and_not_at_its_end(recount) -> None:
    """2 of 100 are exactly the limit of the target; nobody had paid at the start of the first month."""
    recount(
        "monthly_churn_rate",
        {"mrr_change": leaving(of=100, gone=2)},
        """
        day        | value | numerator | denominator | status
        2025-01-31 | -     | 0         | 0           | no_data
        2026-02-28 | 0     | 0         | 100         | ok
        2026-03-09 | 0     | 0         | 100         | provisional
        2026-03-31 | 2     | 2         | 100         | below_target
        2026-04-30 | 0     | 0         | 98          | ok
        """,
    )
    back = f"{leaving(of=10, gone=1)}\ny | c0 | subscription | 2026-03-20 09:00 | 10000 | 2025-01-10 09:00"
    recount("monthly_churn_rate", {"mrr_change": back}, "day | value\n2026-03-15 | 10\n2026-03-31 | 0")


@pytest.mark.parametrize(("gone", "status"), [(4, "ok"), (5, "critical")])
def test_four_in_a_hundred_within_30_days_is_not_more_than_four(recount, gone: int, status: str) -> None:
    recount(
        "monthly_churn_rate_30d",
        {"mrr_change": leaving(of=100, gone=gone)},
        f"""
        day        | value  | denominator  | status
        2026-03-09 | 0      | 100          | ok
        2026-03-10 | {gone} | 100          | {status}
        2026-04-08 | {gone} | 100          | {status}
        2026-04-09 | 0      | {100 - gone} | ok
        """,
    )


# Ten pay 100 each since January 2025. c0 leaves in May 2026; c1 pays half more since June; c2 left and came back with
# the same; c10 came in December 2025.
YEAR = f"""{customers(10)}
x0 | c0  | subscription | 2026-05-05 09:00 | -10000 | 2025-01-10 09:00
x1 | c1  | subscription | 2026-06-05 09:00 | 5000   | 2025-01-10 09:00
x2 | c2  | subscription | 2026-02-05 09:00 | -10000 | 2025-01-10 09:00
x3 | c2  | subscription | 2026-08-05 09:00 | 10000  | 2025-01-10 09:00
x4 | c10 | subscription | 2025-12-05 09:00 | 70000  | 2025-12-05 09:00
"""


def test_customers_of_a_year_ago_who_pay_nothing_now(recount) -> None:
    """On 4 August c0 and c2 are gone, on the 5th only c0. A year before 9 January 2026 there was nobody."""
    recount(
        "annual_churn_rate",
        {"mrr_change": YEAR},
        """
        day        | value | numerator | denominator | status
        2026-01-09 | -     | 0         | 0           | no_data
        2026-01-10 | 0     | 0         | 10          | ok
        2026-08-04 | 20    | 2         | 10          | below_target
        2026-08-05 | 10    | 1         | 10          | below_target
        """,
    )
    twenty = {"mrr_change": leaving(of=20, gone=1)}
    recount("annual_churn_rate", twenty, "day | value | status\n2026-03-31 | 5 | below_target")


def test_revenue_of_the_customers_of_a_year_ago(recount) -> None:
    """In August 900 + 50 of 1000; kept of it 900; of the nine who stayed 950 of 900."""
    facts = {"mrr_change": YEAR}
    recount(
        "net_revenue_retention",
        facts,
        """
        day        | value | numerator | denominator | n  | status
        2026-01-09 | -     | 0         | 0           | 0  | no_data
        2026-08-04 | 85    | 85000     | 100000      | 10 | below_target
        2026-08-05 | 95    | 95000     | 100000      | 10 | below_target
        """,
    )
    recount(
        "gross_revenue_retention",
        facts,
        "day | value | status\n2026-01-09 | - | no_data\n2026-08-05 | 90 | below_target",
    )
    recount("revenue_per_survivor", facts, "day | value\n2026-01-09 | -\n2026-08-05 | 950/9")


def test_15_percent_more_of_everybody_is_the_target(recount) -> None:
    more = "\n".join(f"y{i} | c{i} | subscription | 2026-02-05 09:00 | 1500 | 2025-01-10 09:00" for i in range(10))
    facts = {"mrr_change": f"{customers(10)}\n{more}"}
    recount("net_revenue_retention", facts, "day | value | status\n2026-03-31 | 115 | ok")
    recount("gross_revenue_retention", facts, "day | value | status\n2026-03-31 | 100 | ok")
    nineteen = {"mrr_change": leaving(of=20, gone=1)}
    recount("gross_revenue_retention", nineteen, "day | value | status\n2026-03-31 | 95 | ok")


# Four pay $1,000 each; one left in October 2025 (25 % of the month, 25/6 a month over six), another came in March 2026.
LIVES = f"""{customers(4, amount=100_000)}
x0 | c0 | subscription | 2025-10-10 09:00 | -100000 | 2025-01-10 09:00
x1 | c9 | subscription | 2026-03-10 09:00 | 100000  | 2026-03-10 09:00
"""
BOOKS = """
entry_id | day        | category | amount_minor
r        | 2026-03-07 | revenue  | 1000000
c        | 2026-03-20 | cogs     | 200000
"""


def test_lifetime_value_is_revenue_times_margin_over_churn(recount) -> None:
    """$1,000 × 80 ÷ (25/6); in September nobody had left for six months, and in April nothing is booked yet."""
    facts = {"mrr_change": LIVES, "ledger_entry": BOOKS}
    recount("arpa", {"mrr_change": LIVES}, "day | value | n\n2025-01-09 | - | 0\n2026-03-31 | 1000 | 4")
    recount(
        "customer_lifetime_value",
        facts,
        """
        day        | value | numerator | denominator | status
        2026-03-31 | 19200 | 80000     | 25/6        | below_target
        2026-04-15 | -     | -         | 25/6        | no_data
        2026-09-30 | -     | -         | 0           | no_data
        """,
    )
    recount(
        "customer_lifetime_value_without_margin",
        {"mrr_change": LIVES},
        "day | value\n2026-03-31 | 24000\n2026-09-30 | -",
    )

"""Getting schools live, and helping them."""

from __future__ import annotations

import pytest

DAY_MS = 86_400_000
SCHOOLS = f"""
school_id | contract_signed_at | contract_signed_day | live_at          | onboarding_ms
a         | 2026-03-02 16:00   | 2026-03-02          | 2026-03-12 00:00 | {10 * DAY_MS}
b         | 2026-03-02 09:00   | 2026-03-02          | 2026-04-01 00:00 | {30 * DAY_MS}
c         |                    |                     | 2026-03-12 00:00 |
d         | 2026-03-20 10:00   | 2026-03-20          |                  |
"""


def test_onboarding_is_the_mean_of_the_schools_that_went_live_in_four_weeks(recount) -> None:
    """c went live without a contract; d still waits; b took 30 calendar days over the change to summer time."""
    recount(
        "onboarding_lead_time",
        {"school": SCHOOLS},
        f"""
        day        | value | numerator      | denominator | n | status
        2026-03-11 | -     | 0              | 0           | 0 | no_data
        2026-03-12 | 10    | {10 * DAY_MS}  | 1           | 1 | unrated
        2026-04-01 | 20    | {40 * DAY_MS}  | 2           | 2 | unrated
        2026-04-08 | 20    | {40 * DAY_MS}  | 2           | 2 | unrated
        2026-04-09 | 30    | {30 * DAY_MS}  | 1           | 1 | unrated
        2026-04-29 | -     | 0              | 0           | 0 | no_data
        """,
    )


def test_median_onboarding_lies_between_two_schools(recount) -> None:
    table = "day | value | n\n2026-03-11 | - | 0\n2026-03-12 | 10 | 1\n2026-04-01 | 20 | 2\n2026-04-09 | 30 | 1"
    recount("onboarding_lead_time_median", {"school": SCHOOLS}, table)


def test_schools_that_signed_and_are_not_live(recount) -> None:
    table = "day | value\n2026-03-01 | 0\n2026-03-02 | 2\n2026-03-12 | 1\n2026-03-20 | 2\n2026-04-01 | 1"
    recount("onboarding_waiting", {"school": SCHOOLS}, table)


def test_the_longest_waiting_school_in_calendar_days(recount) -> None:
    recount(
        "onboarding_waiting_oldest",
        {"school": SCHOOLS},
        f"""
        day        | value | numerator     | n | reason    | status
        2026-03-01 | -     | -             | 0 | none_open | ok
        2026-03-02 | 0     | 0             | 2 | -         | unrated
        2026-03-12 | 10    | {10 * DAY_MS} | 1 | -         | unrated
        2026-04-01 | 12    | {12 * DAY_MS} | 1 | -         | unrated
        """,
    )


TICKETS = """
ticket_id | created_at       | first_reply_at   | resolved_at
1         | 2026-03-02 08:00 | 2026-03-02 10:30 | 2026-03-03 09:00
2         | 2026-03-03 20:00 | 2026-03-03 21:00 |
3         | 2026-03-06 16:30 | 2026-03-09 09:00 |
4         | 2026-03-05 10:00 |                  |
5         | 2026-03-06 09:00 |                  | 2026-03-10 09:00
6         | 2026-05-13 16:00 | 2026-05-15 09:30 |
"""


def test_first_replies_are_measured_in_hours_of_support(recount) -> None:
    """From 08:30 on; an evening counts nothing; Ascension Day, 14 May, is free; a reply of the next week is too late."""
    recount(
        "first_response_time_support",
        {"support_ticket": TICKETS},
        """
        day        | value | numerator | denominator | n | status
        2026-03-01 | -     | 0         | 0           | 0 | no_data
        2026-03-02 | 2     | 7200000   | 1           | 1 | provisional
        2026-03-03 | 1     | 7200000   | 2           | 2 | provisional
        2026-03-08 | 1     | 7200000   | 2           | 2 | unrated
        2026-03-09 | -     | 0         | 0           | 0 | no_data
        2026-05-15 | 2     | 7200000   | 1           | 1 | provisional
        """,
    )


def test_the_week_against_the_four_weeks_that_it_ends(recount) -> None:
    """Sunday 15 March: no ticket of the week was answered in it; 22 March: 4 hours against (2 + 0 + 4) ÷ 3 of 28 days."""
    tickets = f"{TICKETS}7 | 2026-03-16 09:00 | 2026-03-16 13:00 |"
    table = """
    day        | value | numerator | denominator | n
    2026-03-08 | 1     | 7200000   | 2           | 2
    2026-03-15 | 1     | 9000000   | 3           | 3
    2026-03-22 | 7/4   | 25200000  | 4           | 4
    """
    recount("first_response_time_28d", {"support_ticket": tickets}, table.replace("9000000 ", "10800000"))
    table = "day | value | n\n2026-03-08 | 1 | 2\n2026-03-15 | - | 0\n2026-03-22 | 16/7 | 1"
    recount("first_response_vs_4_weeks", {"support_ticket": tickets}, table)


def test_unanswered_tickets_wait_until_a_reply_or_their_closing(recount) -> None:
    table = "day | value\n2026-03-04 | 0\n2026-03-05 | 1\n2026-03-06 | 3\n2026-03-09 | 2\n2026-03-10 | 1"
    recount("unanswered_tickets", {"support_ticket": TICKETS}, table)


ISSUES = """
issue_id | team | priority | start_at         | end_at           | high_since_at
1        | SUP  | 2        | 2026-03-05 10:00 | 2026-03-06 10:00 | 2026-03-05 10:00
1        | SUP  | 1        | 2026-03-06 10:00 | 2026-03-10 11:00 | 2026-03-05 10:00
2        | PLAT | 1        | 2026-03-01 10:00 |                  | 2026-03-01 10:00
3        | SUP  | 3        | 2026-03-01 10:00 |                  |
4        | SUP  | 2        | 2026-03-09 12:00 |                  | 2026-03-09 12:00
"""


def test_open_p1_and_p2_of_support(recount) -> None:
    recount(
        "open_p1_p2_tickets",
        {"issue_open_interval": ISSUES},
        """
        day        | value | n | status
        2026-03-04 | 0     | 0 | ok
        2026-03-05 | 1     | 1 | below_target
        2026-03-06 | 1     | 1 | below_target
        2026-03-09 | 2     | 2 | below_target
        2026-03-10 | 1     | 1 | below_target
        """,
    )


def test_open_p1_alone(recount) -> None:
    table = "day | value | status\n2026-03-05 | 0 | ok\n2026-03-06 | 1 | below_target\n2026-03-10 | 0 | ok"
    recount("open_p1_tickets", {"issue_open_interval": ISSUES}, table)


def test_a_working_day_is_the_same_time_on_the_next_working_day(recount) -> None:
    """14 h to Thursday's midnight, 24 h of Friday, nothing at the weekend, 24 h of Monday; since it was a P2."""
    recount(
        "open_p1_p2_oldest_age",
        {"issue_open_interval": ISSUES},
        """
        day        | value | numerator | n | reason    | status
        2026-03-04 | -     | -         | 0 | none_open | ok
        2026-03-05 | 14/24 | 50400000  | 1 | -         | ok
        2026-03-06 | 38/24 | 136800000 | 1 | -         | warning
        2026-03-08 | 38/24 | 136800000 | 1 | -         | warning
        2026-03-09 | 62/24 | 223200000 | 2 | -         | warning
        2026-03-10 | 36/24 | 129600000 | 1 | -         | warning
        """,
    )


def test_a_p1_ages_since_it_became_one(recount) -> None:
    recount(
        "open_p1_oldest_age",
        {"issue_open_interval": ISSUES},
        """
        day        | value | n | reason    | status
        2026-03-05 | -     | 0 | none_open | ok
        2026-03-06 | 14/24 | 1 | -         | ok
        2026-03-08 | 14/24 | 1 | -         | ok
        2026-03-09 | 38/24 | 1 | -         | critical
        2026-03-10 | -     | 0 | none_open | ok
        """,
    )


@pytest.mark.parametrize(("kpi", "bad"), [("open_p1_p2_oldest_age", "warning"), ("open_p1_oldest_age", "critical")])
def test_exactly_one_working_day_is_not_longer_than_one(recount, kpi: str, bad: str) -> None:
    header = "issue_id | team | priority | start_at | end_at | high_since_at"
    for since, status in (("2026-03-05 00:00", "ok"), ("2026-03-04 23:59", bad)):
        issues = {"issue_open_interval": f"{header}\n1 | SUP | 1 | {since} | | {since}"}
        recount(kpi, issues, f"day | status\n2026-03-05 | {status}")


ANSWERS = """
form     | question     | respondent | submitted_at     | superseded_at    | score
docenten | satisfaction | t1         | 2026-03-02 00:00 |                  | 8
docenten | satisfaction | t2         | 2026-03-03 10:00 | 2026-03-05 10:00 | 6
docenten | satisfaction | t2         | 2026-03-05 10:00 |                  | 9
docenten | satisfaction | t3         | 2026-03-15 23:00 |                  | 10
docenten | satisfaction | t4         | 2026-03-16 00:00 |                  | 7
docenten | teacher_nps  | t1         | 2026-03-02 00:00 |                  | 9
docenten | teacher_nps  | t2         | 2026-03-03 10:00 | 2026-03-05 10:00 | 6
docenten | teacher_nps  | t2         | 2026-03-05 10:00 |                  | 10
docenten | teacher_nps  | t3         | 2026-03-15 23:00 |                  | 0
other    | satisfaction | t9         | 2026-03-03 10:00 |                  | 1
other    | teacher_nps  | t9         | 2026-03-03 10:00 |                  | 1
"""


def test_satisfaction_is_a_mean_of_two_weeks_one_answer_a_teacher(recount) -> None:
    recount(
        "nps_satisfaction_teachers",
        {"survey_answer": ANSWERS},
        """
        day        | value | numerator | denominator | n | status     | closed
        2026-03-01 | -     | 0         | 0           | 0 | no_data    | yes
        2026-03-02 | 8     | 8         | 1           | 1 | low_sample | no
        2026-03-03 | 7     | 14        | 2           | 2 | low_sample | no
        2026-03-05 | 17/2  | 17        | 2           | 2 | low_sample | no
        2026-03-15 | 9     | 27        | 3           | 3 | low_sample | yes
        2026-03-16 | 7     | 7         | 1           | 1 | low_sample | no
        """,
    )


def test_nps_of_teachers_is_not_a_mean(recount) -> None:
    recount(
        "nps_teachers",
        {"survey_answer": ANSWERS},
        """
        day        | value | numerator | denominator | n
        2026-03-01 | -     | 0         | 0           | 0
        2026-03-02 | 100   | 1         | 1           | 1
        2026-03-03 | 0     | 0         | 2           | 2
        2026-03-05 | 100   | 2         | 2           | 2
        2026-03-15 | 100/3 | 1         | 3           | 3
        """,
    )


def test_five_answers_are_enough(recount) -> None:
    header = "form | question | respondent | submitted_at | superseded_at | score"
    for kpi, question in (("nps_satisfaction_teachers", "satisfaction"), ("nps_teachers", "teacher_nps")):
        for answers, status in ((4, "low_sample"), (5, "unrated")):
            lines = [f"docenten | {question} | t{n} | 2026-03-04 10:00 | | 9" for n in range(answers)]
            recount(
                kpi,
                {"survey_answer": "\n".join([header, *lines])},
                f"day | n | status\n2026-03-15 | {answers} | {status}",
            )

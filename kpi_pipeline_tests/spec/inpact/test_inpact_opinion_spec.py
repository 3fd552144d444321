"""KPI 15-17: the first NPS per target group, what it has risen by, and who sees an innovative partner."""

from __future__ import annotations

import pytest

BASELINES = {
    "kpi15_baseline_gebruikers": "gebruikers",
    "kpi15_baseline_beslissers": "beslissers",
    "kpi15_baseline_partners": "partners",
}
SCORES = {
    "kpi16_nps_gebruikers": "gebruikers",
    "kpi16_nps_beslissers": "beslissers",
    "kpi16_nps_partners": "partners",
}
UPLIFTS = {
    "kpi16_nps_uplift": "gebruikers",
    "kpi16_nps_uplift_beslissers": "beslissers",
    "kpi16_nps_uplift_partners": "partners",
}


def answers(group: str) -> dict[str, str]:
    """In 2025-Q4 two promoters, two detractors (b changed its mind within the wave); in 2026-Q1 four promoters."""
    return {
        "survey_answer": f"""
        answer_id | form      | question       | target_group | wave    | respondent | submitted_at     | superseded_at    | score
        1         | klant-nps | nps_aanbevelen | {group}      | 2025-Q4 | a          | 2025-11-03 10:00 |                  | 9
        2         | klant-nps | nps_aanbevelen | {group}      | 2025-Q4 | b          | 2025-11-04 10:00 | 2025-11-06 10:00 | 8
        3         | klant-nps | nps_aanbevelen | {group}      | 2025-Q4 | b          | 2025-11-06 10:00 |                  | 10
        4         | klant-nps | nps_aanbevelen | {group}      | 2025-Q4 | c          | 2025-11-05 10:00 |                  | 6
        5         | klant-nps | nps_aanbevelen | {group}      | 2025-Q4 | d          | 2025-11-05 10:00 |                  | 0
        6         | klant-nps | nps_aanbevelen | {group}      | 2026-Q1 | a          | 2026-02-02 10:00 |                  | 10
        7         | klant-nps | nps_aanbevelen | {group}      | 2026-Q1 | c          | 2026-02-03 10:00 |                  | 7
        8         | klant-nps | nps_aanbevelen | someone      | 2026-Q1 | z          | 2026-02-02 10:00 |                  | 0
        9         | klant-nps | other          | {group}      | 2026-Q1 | y          | 2026-02-02 10:00 |                  | 0
        """
    }


@pytest.mark.parametrize(("kpi", "group"), BASELINES.items())
def test_the_first_score_stays_what_it_was(recount, kpi: str, group: str) -> None:
    recount(
        kpi,
        answers(group),
        """
        day        | value | numerator | denominator | status
        2025-11-02 | -     | 0         | 0           | no_data
        2025-11-04 | 50    | 1         | 2           | low_sample
        2025-11-05 | -25   | -1        | 4           | low_sample
        2025-11-06 | 0     | 0         | 4           | low_sample
        2026-11-01 | 0     | 0         | 4           | low_sample
        """,
    )


@pytest.mark.parametrize(("kpi", "group"), SCORES.items())
def test_the_score_of_a_quarter_is_that_of_its_answers(recount, kpi: str, group: str) -> None:
    recount(
        kpi,
        answers(group),
        """
        day        | value | n | provisional
        2025-12-31 | 0     | 4 | no
        2026-01-01 | -     | 0 | yes
        2026-02-02 | 100   | 1 | yes
        2026-02-03 | 50    | 2 | yes
        2026-03-31 | 50    | 2 | no
        """,
    )


@pytest.mark.parametrize(("kpi", "group"), UPLIFTS.items())
def test_uplift_needs_both_measurements(recount, kpi: str, group: str) -> None:
    """In the quarter of the first measurement itself there is nothing to compare."""
    recount(
        kpi,
        answers(group),
        """
        day        | value | numerator | denominator | n
        2025-11-02 | -     | -         | -           | 0
        2025-12-31 | -     | -         | 0           | 0
        2026-02-01 | -     | -         | 0           | 0
        2026-02-02 | 100   | 100       | 0           | 1
        2026-03-31 | 50    | 50        | 0           | 2
        """,
    )


def test_exactly_ten_points_more_is_the_goal(recount) -> None:
    """From 0 of ten answers to 10 and to 0 of ten."""
    head = "answer_id | form | question | target_group | wave | respondent | submitted_at | score\n"
    first = [9, 9, 9, 9, 9, 6, 6, 6, 6, 6]
    for scores, status in (([9] + [7] * 9, "ok"), ([7] * 10, "below_target")):
        lines = [
            f"{wave}{i} | klant-nps | nps_aanbevelen | gebruikers | {wave} | r{i} | {day} 10:00 | {score}"
            for wave, day, given in (("2025-Q4", "2025-11-03", first), ("2026-Q1", "2026-02-03", scores))
            for i, score in enumerate(given)
        ]
        value = scores.count(9) * 10
        expected = f"day | value | n | status\n2026-03-31 | {value} | 10 | {status}"
        recount("kpi16_nps_uplift", {"survey_answer": head + "\n".join(lines)}, expected)


def test_the_margin_of_two_against_two_is_ninety_eight_points(recount) -> None:
    """Then 1, 1, −1, −1: variance 1 ÷ 4; now one promoter: none. 1.96 × √(1 ÷ 4) = 0.98."""
    recount(
        "kpi16_nps_uplift_margin",
        answers("gebruikers"),
        "day | value | numerator | denominator\n2026-02-01 | - | - | 0\n2026-02-02 | 98 | 100 | 0",
    )


# c1: 8 and 7 are a mean of exactly 7.5; in August one of them says 7 in the next survey.
OPINIONS = """
form | question            | customer_id | wave    | answered_at      | superseded_at    | answers | score_total | arr_minor | arr_score_minor
p    | innovatieve_partner | c1          | 2026-Q1 | 2026-02-01 10:00 | 2026-02-02 10:00 | 1       | 8           | 100000    | 800000
p    | innovatieve_partner | c1          | 2026-Q1 | 2026-02-02 10:00 | 2026-08-01 10:00 | 2       | 15          | 100000    | 750000
p    | innovatieve_partner | c2          | 2026-Q1 | 2026-02-05 10:00 |                  | 1       | 9           | 300000    | 2700000
p    | innovatieve_partner | c1          | 2026-Q3 | 2026-08-01 10:00 |                  | 1       | 7           | 120000    | 840000
p    | other               | c2          | 2026-Q3 | 2026-08-01 10:00 |                  | 1       | 1           | 900000    | 900000
"""
CHANGES = """
customer_id | changed_at       | delta_minor
c1          | 2025-03-01 09:00 | 10000
c2          | 2025-03-01 09:00 | 25000
c3          | 2026-02-01 09:00 | 5000
"""


def test_the_share_is_of_the_revenue_of_those_that_answered(recount) -> None:
    recount(
        "kpi17_innovative_partner",
        {"customer_opinion": OPINIONS},
        """
        day        | value           | numerator | denominator | status
        2026-01-31 | -               | 0         | 0           | no_data
        2026-02-01 | 100             | 100000    | 100000      | ok
        2026-02-02 | 100             | 100000    | 100000      | ok
        2026-02-05 | 100             | 400000    | 400000      | ok
        2026-08-01 | 30000000/420000 | 300000    | 420000      | below_target
        """,
    )


def test_an_answer_counts_for_a_year(recount) -> None:
    recount(
        "kpi17_innovative_partner",
        {"customer_opinion": OPINIONS},
        """
        day        | value           | denominator
        2027-02-04 | 30000000/420000 | 420000
        2027-02-05 | 0               | 120000
        """,
        now="2027-03-01 12:00",
    )


def test_exactly_three_quarters_is_the_goal(recount) -> None:
    rows = OPINIONS.replace("120000 ", "100000 ")
    recount("kpi17_innovative_partner", {"customer_opinion": rows}, "day | value | status\n2026-08-01 | 75 | ok")


def test_the_mean_and_what_it_covers(recount) -> None:
    """Of 35,000 cents a month, from February 40,000: 4,800 euros a year, of which 4,000 and then 4,200 answered."""
    opinions = {"customer_opinion": OPINIONS}
    recount(
        "kpi17_mean_score",
        opinions,
        "day | value | status\n2026-01-31 | - | no_data\n2026-02-02 | 7.5 | ok\n2026-08-01 | 3540000/420000 | ok",
    )
    recount(
        "kpi17_answered_arr",
        opinions,
        "day | value | n\n2026-01-31 | 0 | 0\n2026-02-05 | 4000 | 2\n2026-08-01 | 4200 | 2",
    )
    recount(
        "kpi17_coverage",
        {**opinions, "mrr_change": CHANGES},
        """
        day        | value       | numerator | denominator | n
        2025-02-28 | -           | 0         | 0           | 0
        2026-02-01 | 100000/4800 | 1000      | 4800        | 1
        2026-02-05 | 400000/4800 | 4000      | 4800        | 2
        """,
    )

"""KPI 12-14: who of those in service reached the benchmark, did the assessment, answered the survey."""

from __future__ import annotations

# e3 leaves in February, e2 has been there for six months in March.
STAFF = """
employee_id | joined_day | in_30_day  | in_6_months_day | gone_day
e1          | 2025-01-15 | 2025-02-14 | 2025-07-15      |
e2          | 2025-09-01 | 2025-10-01 | 2026-03-01      |
e3          | 2025-01-01 | 2025-01-31 | 2025-07-01      | 2026-02-01
e4          | 2025-02-01 | 2025-03-03 | 2025-08-01      |
"""
RESULTS = """
result_id | employee_id | kind          | taken_day  | score_e2 | next_day   | in_30_day  | in_6_months_day | gone_day
r1        | e1          | benchmark     | 2025-11-01 | 650      | 2026-02-15 | 2025-02-14 | 2025-07-15      |
r2        | e1          | benchmark     | 2026-02-15 | 700      |            | 2025-02-14 | 2025-07-15      |
r3        | e3          | benchmark     | 2025-12-01 | 800      |            | 2025-01-31 | 2025-07-01      | 2026-02-01
r4        | e2          | benchmark     | 2026-02-10 | 900      |            | 2025-10-01 | 2026-03-01      |
r5        | e4          | benchmark     | 2025-11-20 | 699      |            | 2025-03-03 | 2025-08-01      |
r6        | e1          | ai_assessment | 2025-11-01 |          |            | 2025-02-14 | 2025-07-15      |
r7        | e2          | ai_assessment | 2025-09-15 |          |            | 2025-10-01 | 2026-03-01      |
"""
FACTS = {"employee": STAFF, "employee_result": RESULTS}


def test_the_latest_score_counts_of_those_six_months_in_service(recount) -> None:
    """A seven is enough, 6.99 is not; e2's nine counts from March, e3's eight until it left."""
    recount(
        "kpi12_benchmark",
        FACTS,
        """
        day        | value | numerator | denominator | status
        2025-06-30 | -     | 0         | 0           | no_data
        2025-12-01 | 100/3 | 1         | 3           | low_sample
        2026-02-01 | 0     | 0         | 2           | low_sample
        2026-02-15 | 50    | 1         | 2           | low_sample
        2026-03-01 | 200/3 | 2         | 3           | low_sample
        """,
    )
    recount(
        "kpi12_tested",
        FACTS,
        """
            day        | value | numerator
            2025-11-01 | 100/3 | 1
            2025-11-20 | 200/3 | 2
            2026-02-15 | 100   | 2
            2026-03-01 | 100   | 3
            """,
    )


def crowd(done: int, kind: str) -> dict[str, str]:
    """Ten employees, the first `done` of which have a result of 8 since 15 December 2025."""
    days = "2025-02-01 | 2025-07-01 |"
    staff = "\n".join(f"e{i} | 2025-01-01 | {days}" for i in range(10))
    results = "\n".join(f"r{i} | e{i} | {kind} | 2025-12-15 | 800 | {days}" for i in range(done))
    service = "in_30_day | in_6_months_day | gone_day"
    return {
        "employee": f"employee_id | joined_day | {service}\n{staff}",
        "employee_result": f"result_id | employee_id | kind | taken_day | score_e2 | {service}\n{results}",
    }


def test_exactly_eighty_percent_reach_the_benchmark(recount) -> None:
    for done, status in ((8, "ok"), (7, "below_target")):
        expected = f"day | value | status\n2025-12-15 | {done * 10} | {status}"
        recount("kpi12_benchmark", crowd(done, "benchmark"), expected)


def test_the_assessment_counts_of_those_thirty_days_in_service(recount) -> None:
    """e2 did it after a fortnight and counts from its thirtieth day."""
    recount(
        "kpi13_ai_assessment",
        FACTS,
        """
        day        | value | numerator | denominator | n
        2025-01-30 | -     | 0         | 0           | 0
        2025-09-30 | 0     | 0         | 3           | 3
        2025-10-01 | 25    | 1         | 4           | 4
        2025-11-01 | 50    | 2         | 4           | 4
        2026-02-01 | 200/3 | 2         | 3           | 3
        """,
    )


def test_the_assessment_is_held_against_a_line_to_the_end_of_march(recount) -> None:
    """Half of ten is on the line of December and above that of November; all ten are due on 31 March."""
    for done, on, status in (
        (5, "2025-12-30", "below_target"),
        (5, "2025-12-31", "below_target"),
        (4, "2025-12-30", "below_target"),
        (4, "2025-12-31", "warning"),
        (9, "2026-03-30", "below_target"),
        (9, "2026-03-31", "warning"),
        (10, "2026-03-31", "ok"),
    ):
        expected = f"day | value | status\n{on} | {done * 10} | {status}"
        recount("kpi13_ai_assessment", crowd(done, "ai_assessment"), expected)


# b's second answer of the wave replaces the first one; d answers in the next quarter.
ANSWERS = """
answer_id | form        | question     | respondent | submitted_at     | superseded_at    | score | wave
1         | medewerkers | tevredenheid | a          | 2026-02-02 10:00 |                  | 8     | 2026-Q1
2         | medewerkers | tevredenheid | b          | 2026-02-03 10:00 | 2026-02-09 10:00 | 4     | 2026-Q1
3         | medewerkers | tevredenheid | b          | 2026-02-09 10:00 |                  | 7     | 2026-Q1
4         | klant-nps   | tevredenheid | c          | 2026-02-02 10:00 |                  | 1     | 2026-Q1
5         | medewerkers | tevredenheid | d          | 2026-04-01 00:00 |                  | 6     | 2026-Q2
"""


def test_satisfaction_is_the_mean_of_the_quarters_answers(recount) -> None:
    recount(
        "kpi14_mean_score",
        {"survey_answer": ANSWERS},
        """
        day        | value | numerator | denominator | provisional | status
        2026-02-01 | -     | 0         | 0           | yes         | no_data
        2026-02-02 | 8     | 8         | 1           | yes         | low_sample
        2026-02-03 | 6     | 12        | 2           | yes         | low_sample
        2026-02-09 | 7.5   | 15        | 2           | yes         | low_sample
        2026-03-31 | 7.5   | 15        | 2           | no          | low_sample
        2026-04-01 | 6     | 6         | 1           | yes         | low_sample
        """,
    )
    recount("kpi14_answers", {"survey_answer": ANSWERS}, "day | value\n2026-02-01 | 0\n2026-02-09 | 2\n2026-04-01 | 1")


def test_response_is_of_those_in_service(recount) -> None:
    recount("kpi14_employees", {"employee": STAFF}, "day | value\n2024-12-31 | 0\n2026-01-31 | 4\n2026-02-01 | 3")
    recount(
        "kpi14_response_rate",
        {"survey_answer": ANSWERS, "employee": STAFF},
        """
        day        | value | numerator | denominator | n
        2024-12-31 | -     | 0         | 0           | 0
        2026-01-31 | 0     | 0         | 4           | 0
        2026-02-03 | 200/3 | 2         | 3           | 2
        2026-04-01 | 100/3 | 1         | 3           | 1
        """,
    )


def test_an_answer_that_comes_late_is_not_known_before(recount) -> None:
    """Of 9 February, looked at in the morning before b changed its mind and in the afternoon after it."""
    for now, score in (("2026-02-09 09:00", 6), ("2026-02-09 12:00", 7.5)):
        recount("kpi14_mean_score", {"survey_answer": ANSWERS}, f"day | value\n2026-02-09 | {score}", now=now)

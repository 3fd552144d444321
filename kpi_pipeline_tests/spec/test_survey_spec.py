"""KPI 7 and 8: NPS by month of the event, response rate by month of sending; both settle for 14 × 24 hours."""

from __future__ import annotations

ANSWERS = """
answer_id | form | question  | respondent | event_at         | submitted_at     | superseded_at    | score
a         | nps  | nps_event | b1         | 2026-02-03 00:00 | 2026-02-04 10:00 |                  | 10
b         | nps  | nps_event | b2         | 2026-02-03 00:00 | 2026-02-05 10:00 | 2026-02-20 10:00 | 6
c         | nps  | nps_event | b2         | 2026-02-03 00:00 | 2026-02-20 10:00 |                  | 9
d         | nps  | nps_event | b3         | 2026-02-03 00:00 | 2026-02-06 10:00 |                  | 8
e         | nps  | other     | b1         | 2026-02-03 00:00 | 2026-02-04 10:00 |                  | 0
f         | csat | nps_event | b1         | 2026-02-03 00:00 | 2026-02-04 10:00 |                  | 0
g         | nps  | nps_event | b4         | 2026-02-28 00:00 | 2026-03-20 10:00 |                  | 0
"""


def test_promoters_less_detractors_over_all_answers(recount) -> None:
    """Seen long afterwards. b2's second answer came within 14 days of 7 February's end, not of the 5th's.

    g answered 19 days after the month: too late for every day of February.
    """
    recount(
        "nps_post_event",
        {"survey_answer": ANSWERS},
        """
        day        | value | numerator | denominator | n | provisional | status
        2026-02-02 | -     | 0         | 0           | 0 | yes         | no_data
        2026-02-03 | 0     | 0         | 3           | 3 | yes         | low_sample
        2026-02-05 | 0     | 0         | 3           | 3 | yes         | low_sample
        2026-02-06 | 200/3 | 2         | 3           | 3 | yes         | low_sample
        2026-02-28 | 200/3 | 2         | 3           | 3 | no          | low_sample
        2026-03-01 | -     | 0         | 0           | 0 | yes         | no_data
        """,
    )


def test_the_day_after_the_answer_does_not_matter_only_the_cut_does(recount) -> None:
    """Judged on 5 February at noon: only what has been submitted by then counts."""
    recount(
        "nps_post_event",
        {"survey_answer": ANSWERS},
        """
        day        | value | n | provisional
        2026-02-04 | 0     | 2 | yes
        2026-02-05 | 0     | 2 | yes
        """,
        now="2026-02-05 12:00",
    )


def test_a_month_is_provisional_until_fourteen_days_after_its_end(recount) -> None:
    answers = ANSWERS + "\n".join(
        f"x{i} | nps | nps_event | x{i} | 2026-02-10 00:00 | 2026-02-11 10:00 | | 9" for i in range(10)
    )
    for now, provisional, status in (("2026-03-14 23:59", "yes", "provisional"), ("2026-03-15 00:00", "no", "ok")):
        recount(
            "nps_post_event",
            {"survey_answer": answers},
            f"""
            day        | value   | n  | closed | provisional   | status
            2026-02-28 | 1200/13 | 13 | yes    | {provisional} | {status}
            """,
            now=now,
        )


def test_the_late_cut_is_exact_hours_over_a_clock_change(recount) -> None:
    """14 × 24 h after 20 October's end (CEST) is 23:00 on 3 November (CET): 23:30 is too late for the 20th."""
    recount(
        "nps_post_event",
        {
            "survey_answer": """
            answer_id | form | question  | respondent | event_at         | submitted_at     | score
            a         | nps  | nps_event | b1         | 2026-10-20 00:00 | 2026-11-03 22:59 | 9
            b         | nps  | nps_event | b2         | 2026-10-20 00:00 | 2026-11-03 23:30 | 9
            """
        },
        """
        day        | n
        2026-10-19 | 0
        2026-10-20 | 1
        2026-10-21 | 2
        2026-10-31 | 2
        2026-11-01 | 0
        """,
    )


def test_scores_outside_the_scale_are_no_answers(recount) -> None:
    lines = "\n".join(
        f"{s} | nps | nps_event | {s} | 2026-02-03 00:00 | 2026-02-04 10:00 | {s}" for s in (-1, 0, 6, 7, 8, 9, 10, 11)
    )
    answers = "answer_id | form | question | respondent | event_at | submitted_at | score\n" + lines
    recount("nps_post_event", {"survey_answer": answers}, "day | value | numerator | n\n2026-02-28 | 0 | 0 | 6")


INVITATIONS = """
invitation_id | sent_at             | bounced_at       | answered_at         | is_reminder
i1            | 2026-02-01 10:00    |                  | 2026-02-15 10:00    | no
i2            | 2026-02-01 10:00    |                  | 2026-02-15 10:00:01 | no
i3            | 2026-02-02 10:00    | 2026-02-02 10:05 |                     | no
i4            | 2026-02-02 10:00    |                  |                     | yes
i5            | 2026-01-31 23:59    |                  | 2026-02-01 10:00    | no
"""


def test_answers_within_fourteen_days_over_all_that_was_sent(recount) -> None:
    """i1 answered after exactly 14 × 24 h: in time; i2 a second later: not. Reminders are not sendings."""
    recount(
        "nps_response_rate",
        {"survey_invitation": INVITATIONS},
        """
        day        | value | numerator | denominator | n
        2026-01-31 | 100   | 1         | 1           | 1
        2026-02-01 | 50    | 1         | 2           | 2
        2026-02-02 | 100/3 | 1         | 3           | 3
        2026-02-28 | 100/3 | 1         | 3           | 3
        2026-03-01 | -     | 0         | 0           | 0
        """,
    )


def test_an_answer_before_the_invitation_is_no_answer_to_it(recount) -> None:
    invitation = """
        invitation_id | sent_at          | answered_at         | is_reminder
        i1            | 2026-02-01 10:00 | 2026-02-01 09:59:59 | no
        i2            | 2026-02-01 10:00 | 2026-02-01 10:00    | no
        """
    expected = "day | numerator | denominator\n2026-02-01 | 1 | 2"
    recount("nps_response_rate", {"survey_invitation": invitation}, expected)


def test_bounced_invitations_leave_the_delivered_rate_only(recount) -> None:
    recount(
        "nps_response_rate_delivered",
        {"survey_invitation": INVITATIONS},
        """
        day        | value | numerator | denominator
        2026-02-01 | 50    | 1         | 2
        2026-02-02 | 50    | 1         | 2
        """,
    )


def test_an_answer_counts_once_it_is_there(recount) -> None:
    """Known at noon of 15 February, when i1 answered at 10:00 that day; an hour earlier than that nobody had."""
    for now, answered in (("2026-02-15 09:00", 0), ("2026-02-15 12:00", 1)):
        recount(
            "nps_response_rate",
            {"survey_invitation": INVITATIONS},
            f"day | numerator | denominator | provisional\n2026-02-01 | {answered} | 2 | yes",
            now=now,
        )

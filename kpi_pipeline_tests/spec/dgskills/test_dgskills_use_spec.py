"""Teachers and students at work."""

from __future__ import annotations

SEATS = """
seat_id | user_id | role    | phase    | seated_at        | settled_at       | left_at
1       | t1      | teacher | contract | 2026-02-01 09:00 | 2026-03-01 00:00 |
2       | t2      | teacher | contract | 2026-02-01 09:00 | 2026-03-01 00:00 |
3       | t3      | teacher | contract | 2026-02-01 09:00 | 2026-03-01 00:00 |
4       | t4      | teacher | pilot    | 2026-02-01 09:00 | 2026-03-01 00:00 |
5       | t5      | teacher | pilot    | 2026-02-01 09:00 | 2026-03-01 00:00 | 2026-03-10 10:00
6       | t6      | teacher | pilot    | 2026-03-02 09:00 | 2026-03-09 00:00 |
7       | s1      | student | pilot    | 2026-02-01 09:00 | 2026-03-01 00:00 |
"""
USES = """
seat_id | user_id | role    | phase    | seated_at        | settled_at       | left_at          | event    | day        | qualifying
1       | t1      | teacher | contract | 2026-02-01 09:00 | 2026-03-01 00:00 |                  | feedback | 2026-03-02 | yes
2       | t2      | teacher | contract | 2026-02-01 09:00 | 2026-03-01 00:00 |                  | feedback | 2026-03-03 | yes
3       | t3      | teacher | contract | 2026-02-01 09:00 | 2026-03-01 00:00 |                  | feedback | 2026-03-08 | yes
4       | t4      | teacher | pilot    | 2026-02-01 09:00 | 2026-03-01 00:00 |                  | login    | 2026-03-03 | no
5       | t5      | teacher | pilot    | 2026-02-01 09:00 | 2026-03-01 00:00 | 2026-03-10 10:00 | feedback | 2026-03-04 | yes
5       | t5      | teacher | pilot    | 2026-02-01 09:00 | 2026-03-01 00:00 | 2026-03-10 10:00 | export   | 2026-03-04 | yes
6       | t6      | teacher | pilot    | 2026-03-02 09:00 | 2026-03-09 00:00 |                  | feedback | 2026-03-02 | yes
7       | s1      | student | pilot    | 2026-02-01 09:00 | 2026-03-01 00:00 |                  | hand_in  | 2026-03-03 | yes
"""
BOTH = {"seat": SEATS, "seat_use": USES}


def test_activation_is_teachers_at_work_in_seven_days_by_enabled_teachers(recount) -> None:
    """Exactly 60% is enough; t6 waits until its login is older than the window; t4 only logged in; t5 left."""
    recount(
        "teacher_activation_7d",
        BOTH,
        """
        day        | value | numerator | denominator | n | status
        2026-02-28 | -     | 0         | 0           | 0 | no_data
        2026-03-01 | 0     | 0         | 5           | 0 | warning
        2026-03-03 | 40    | 2         | 5           | 2 | warning
        2026-03-04 | 60    | 3         | 5           | 3 | ok
        2026-03-08 | 80    | 4         | 5           | 4 | ok
        2026-03-09 | 50    | 3         | 6           | 3 | warning
        2026-03-10 | 20    | 1         | 5           | 1 | warning
        """,
    )


def test_teachers_at_work_and_enabled(recount) -> None:
    active = "day | value\n2026-03-01 | 0\n2026-03-04 | 3\n2026-03-08 | 4\n2026-03-09 | 3\n2026-03-10 | 1"
    recount("teachers_active_7d", {"seat_use": USES}, active)
    recount(
        "teachers_enabled",
        {"seat": SEATS},
        "day | value\n2026-02-28 | 0\n2026-03-01 | 5\n2026-03-09 | 6\n2026-03-10 | 5",
    )


def test_activation_in_pilots_alone(recount) -> None:
    recount(
        "teacher_activation_pilots",
        BOTH,
        """
        day        | value | numerator | denominator | status
        2026-02-28 | -     | 0         | 0           | no_data
        2026-03-03 | 0     | 0         | 2           | unrated
        2026-03-04 | 50    | 1         | 2           | unrated
        2026-03-09 | 100/3 | 1         | 3           | unrated
        2026-03-10 | 0     | 0         | 2           | unrated
        """,
    )
    recount(
        "teachers_active_7d_pilots", {"seat_use": USES}, "day | value\n2026-03-03 | 0\n2026-03-04 | 1\n2026-03-10 | 0"
    )
    recount("teachers_enabled_pilots", {"seat": SEATS}, "day | value\n2026-03-01 | 2\n2026-03-09 | 3\n2026-03-10 | 2")


PILOT_SEATS = """
seat_id | user_id | role    | phase    | school_id | seated_at        | settled_at       | left_at
a1      | a1      | teacher | pilot    | A         | 2026-02-01 09:00 | 2026-03-01 00:00 |
a2      | a2      | teacher | pilot    | A         | 2026-02-01 09:00 | 2026-03-01 00:00 |
b1      | b1      | teacher | pilot    | B         | 2026-02-01 09:00 | 2026-03-01 00:00 |
b2      | b2      | teacher | pilot    | B         | 2026-02-01 09:00 | 2026-03-01 00:00 |
b3      | b3      | teacher | pilot    | B         | 2026-02-01 09:00 | 2026-03-01 00:00 | 2026-03-13 10:00
c1      | c1      | teacher | pilot    | C         | 2026-03-02 09:00 | 2026-03-09 00:00 |
d1      | d1      | teacher | contract | D         | 2026-02-01 09:00 | 2026-03-01 00:00 |
"""
PILOT_USES = """
seat_id | user_id | role    | phase | school_id | seated_at        | settled_at       | left_at          | event | day        | qualifying
a1      | a1      | teacher | pilot | A         | 2026-02-01 09:00 | 2026-03-01 00:00 |                  | give  | 2026-03-02 | yes
a2      | a2      | teacher | pilot | A         | 2026-02-01 09:00 | 2026-03-01 00:00 |                  | give  | 2026-03-03 | yes
a2      | a2      | teacher | pilot | A         | 2026-02-01 09:00 | 2026-03-01 00:00 |                  | give  | 2026-03-12 | yes
b1      | b1      | teacher | pilot | B         | 2026-02-01 09:00 | 2026-03-01 00:00 |                  | give  | 2026-03-04 | yes
b2      | b2      | teacher | pilot | B         | 2026-02-01 09:00 | 2026-03-01 00:00 |                  | login | 2026-03-04 | no
b3      | b3      | teacher | pilot | B         | 2026-02-01 09:00 | 2026-03-01 00:00 | 2026-03-13 10:00 | give  | 2026-03-12 | yes
c1      | c1      | teacher | pilot | C         | 2026-03-02 09:00 | 2026-03-09 00:00 |                  | give  | 2026-03-10 | yes
"""


def test_the_weakest_pilot_is_not_hidden_by_a_strong_one(recount) -> None:
    """Pooled it is 3 of 5 on the 4th; c1 waits until its login is older than the window; of equals the larger is told;
    on the 13th b3 is gone and nobody of B is at work; a school under contract is no pilot."""
    recount(
        "teacher_activation_lowest_pilot",
        {"seat": PILOT_SEATS, "seat_use": PILOT_USES},
        """
        day        | value | numerator | denominator | n | status
        2026-02-28 | -     | 0         | 0           | 0 | no_data
        2026-03-01 | 0     | 0         | 3           | 2 | warning
        2026-03-03 | 0     | 0         | 3           | 2 | warning
        2026-03-04 | 100/3 | 1         | 3           | 2 | warning
        2026-03-09 | 0     | 0         | 1           | 3 | warning
        2026-03-11 | 0     | 0         | 3           | 3 | warning
        2026-03-12 | 100/3 | 1         | 3           | 3 | warning
        2026-03-13 | 0     | 0         | 2           | 3 | warning
        """,
    )


def test_pilots_that_run(recount) -> None:
    phases = """
    deal_id | school_id | phase    | start_at         | end_at
    1       | A         | pilot    | 2026-03-02 09:00 | 2026-03-30 00:00
    1       | A         | contract | 2026-03-30 00:00 |
    2       | A         | pilot    | 2026-03-05 09:00 |
    """
    table = "day | value\n2026-03-01 | 0\n2026-03-02 | 1\n2026-03-05 | 2\n2026-03-30 | 1"
    recount("pilots_running", {"school_phase": phases}, table)


def test_the_reading_before_is_that_of_the_last_sunday_but_today(recount) -> None:
    table = "day | value\n2026-03-02 | 0\n2026-03-08 | 0\n2026-03-09 | 80\n2026-03-15 | 80\n2026-03-01 | -"
    recount("teacher_activation_last_week", BOTH, table)


PHASES = """
deal_id | school_id | phase    | start_at         | end_at
1       | A         | pilot    | 2026-01-05 09:00 |
2       | B         | contract | 2026-01-05 09:00 | 2026-03-30 00:00
"""
HOLIDAYS = """
deal_id | school_id | phase    | start_at         | end_at           | day
1       | A         | pilot    | 2026-01-05 09:00 |                  | 2026-03-16
1       | A         | pilot    | 2026-01-05 09:00 |                  | 2026-03-18
2       | B         | contract | 2026-01-05 09:00 | 2026-03-30 00:00 | 2026-03-24
"""


def test_schools_of_which_a_weekday_of_seven_days_was_a_holiday(recount) -> None:
    recount(
        "schools_on_holiday",
        {"school_holiday": HOLIDAYS, "school_phase": PHASES},
        """
        day        | value | numerator | denominator
        2026-01-04 | -     | 0         | 0
        2026-03-15 | 0     | 0         | 2
        2026-03-16 | 50    | 1         | 2
        2026-03-24 | 100   | 2         | 2
        2026-03-25 | 50    | 1         | 2
        2026-03-30 | 0     | 0         | 1
        """,
    )
    recount(
        "schools_on_holiday_7d",
        {"school_holiday": HOLIDAYS},
        "day | value\n2026-03-15 | 0\n2026-03-24 | 2\n2026-03-25 | 1",
    )
    recount("schools_in_use", {"school_phase": PHASES}, "day | value\n2026-01-04 | 0\n2026-01-05 | 2\n2026-03-30 | 1")


def test_two_readings_below_are_told_from_one_and_a_holiday_is_none(recount) -> None:
    """Sunday by Sunday: both teachers, one, one, nobody (half of the schools on holiday), both."""
    seats = "seat_id | user_id | role | phase | seated_at | settled_at"
    uses = f"{seats} | event | day | qualifying"
    for teacher in ("t1", "t2"):
        seats += f"\n{teacher} | {teacher} | teacher | pilot | 2026-01-05 09:00 | 2026-01-12 00:00"
    for teacher, day in (
        ("t1", "02-25"),
        ("t2", "02-25"),
        ("t1", "03-04"),
        ("t1", "03-11"),
        ("t1", "03-25"),
        ("t2", "03-25"),
    ):
        uses += (
            f"\n{teacher} | {teacher} | teacher | pilot | 2026-01-05 09:00 | 2026-01-12 00:00 | x | 2026-{day} | yes"
        )
    holiday = "deal_id | school_id | phase | start_at | end_at | day\n1 | A | pilot | 2026-01-05 09:00 | | 2026-03-18"
    recount(
        "teacher_activation_readings",
        {"seat": seats, "seat_use": uses, "school_phase": PHASES, "school_holiday": holiday},
        """
        day        | text        | status
        2026-03-01 | sufficient  | unrated
        2026-03-08 | below_once  | unrated
        2026-03-15 | below_twice | unrated
        2026-03-22 | holiday     | unrated
        2026-03-29 | sufficient  | unrated
        """,
    )
    nobody = "day | text | status\n2026-03-08 | - | no_data"
    recount("teacher_activation_readings", {"school_phase": PHASES}, nobody)


def test_students_with_a_learning_event_count_once_a_week(recount) -> None:
    recount(
        "wau_students",
        {
            "usage_day": """
            user_id | role    | event            | day        | qualifying
            s1      | student | hand_in          | 2026-03-02 | yes
            s1      | student | reflect          | 2026-03-04 | yes
            s2      | student | start_assignment | 2026-03-08 | yes
            s3      | student | login            | 2026-03-03 | no
            t1      | teacher | give_feedback    | 2026-03-03 | yes
            """
        },
        """
        day        | value | n | status
        2026-03-01 | 0     | 0 | unrated
        2026-03-02 | 1     | 1 | provisional
        2026-03-08 | 2     | 2 | unrated
        2026-03-09 | 0     | 0 | provisional
        """,
    )


def test_active_students_of_seven_days_are_the_same_on_any_day(recount) -> None:
    use = """
    user_id | role    | event   | day        | qualifying
    s1      | student | hand_in | 2026-03-02 | yes
    s2      | student | hand_in | 2026-03-08 | yes
    s3      | student | login   | 2026-03-08 | no
    t1      | teacher | x       | 2026-03-08 | yes
    """
    table = "day | value\n2026-03-01 | 0\n2026-03-08 | 2\n2026-03-09 | 1\n2026-03-15 | 0"
    recount("students_active_7d", {"usage_day": use}, table)


ASSIGNMENTS = """
assignment_id | started_at       | completed_at
1             | 2026-03-02 10:00 | 2026-03-02 11:00
2             | 2026-03-03 10:00 | 2026-03-20 10:00
3             | 2026-03-08 10:00 | 2026-03-22 23:59
4             | 2026-03-08 10:00 | 2026-03-23 00:00
5             | 2026-03-08 10:00 |
"""


def test_assignments_of_the_week_have_fourteen_days_more_to_be_finished(recount) -> None:
    recount(
        "assignment_completion_ratio",
        {"assignment": ASSIGNMENTS},
        """
        day        | value | numerator | denominator | n | status
        2026-03-01 | -     | 0         | 0           | 0 | no_data
        2026-03-02 | 100   | 1         | 1           | 1 | provisional
        2026-03-03 | 50    | 1         | 2           | 2 | provisional
        2026-03-08 | 60    | 3         | 5           | 5 | unrated
        2026-03-09 | -     | 0         | 0           | 0 | no_data
        """,
    )
    early = "day | value | numerator | status\n2026-03-08 | 40 | 2 | provisional"
    recount("assignment_completion_ratio", {"assignment": ASSIGNMENTS}, early, now="2026-03-20 12:00")


def test_assignments_finished_in_the_week_by_those_begun_in_it(recount) -> None:
    recount(
        "assignment_completion_period",
        {"assignment": ASSIGNMENTS},
        """
        day        | value | numerator | denominator | status
        2026-03-08 | 20    | 1         | 5           | unrated
        2026-03-22 | -     | 2         | 0           | no_data
        """,
    )
    recount(
        "assignment_completion_28d",
        {"assignment": ASSIGNMENTS},
        """
        day        | value | numerator | denominator | status
        2026-03-08 | 20    | 1         | 5           | unrated
        2026-03-22 | 60    | 3         | 5           | unrated
        2026-03-30 | 300/4 | 3         | 4           | unrated
        """,
    )


WEEKS = """
pilot_id | week | ends_at                 | active | active_at_first
A        | 1    | 2026-03-08 23:59:59.999 | yes    | yes
A        | 2    | 2026-03-15 23:59:59.999 | yes    | yes
A        | 3    | 2026-03-22 23:59:59.999 | no     | yes
B        | 1    | 2026-03-08 23:59:59.999 | yes    | yes
B        | 2    | 2026-03-15 23:59:59.999 | no     | yes
B        | 3    | 2026-03-22 23:59:59.999 | yes    | yes
C        | 2    | 2026-03-15 23:59:59.999 | yes    | no
"""


def test_retention_looks_at_the_last_whole_week_of_pilots_that_began_at_work(recount) -> None:
    """A goes still as B comes back; C did nothing in week 1 and is no base; week 1 itself is no retention."""
    recount(
        "pilot_cohort_retention",
        {"pilot_week": WEEKS},
        """
        day        | value | numerator | denominator | n
        2026-03-14 | -     | 0         | 0           | 0
        2026-03-15 | 50    | 1         | 2           | 2
        2026-03-21 | 50    | 1         | 2           | 2
        2026-03-22 | 50    | 1         | 2           | 2
        2026-03-29 | -     | 0         | 0           | 0
        """,
    )


def test_retention_in_one_week_is_over_the_pilots_that_reached_it_in_13_weeks(recount) -> None:
    for week, kpi in ((4, "pilot_retention_week_4"), (8, "pilot_retention_week_8"), (12, "pilot_retention_week_12")):
        weeks = f"""
        pilot_id | week       | ends_at                 | active | active_at_first
        A        | {week}     | 2026-03-15 23:59:59.999 | yes    | yes
        B        | {week}     | 2026-03-22 23:59:59.999 | no     | yes
        C        | {week + 1} | 2026-03-15 23:59:59.999 | yes    | yes
        D        | {week}     | 2026-03-15 23:59:59.999 | yes    | no
        """
        recount(
            kpi,
            {"pilot_week": weeks},
            """
            day        | value | numerator | denominator
            2026-03-14 | -     | 0         | 0
            2026-03-15 | 100   | 1         | 1
            2026-03-22 | 50    | 1         | 2
            2026-06-13 | 50    | 1         | 2
            2026-06-14 | 0     | 0         | 1
            2026-06-21 | -     | 0         | 0
            """,
        )

"""The promises of the product: profiles, reports and a quick start."""

from __future__ import annotations

DAY_MS = 86_400_000
STUDENT = "student | VSO | pilot | 2026-03-01 09:00"


def students() -> str:
    """Ten in a VSO pilot: nine set their profile on the 2nd, the tenth on the 3rd; all leave on the 10th."""
    lines = ["user_id | seat_id | role | segment | phase | seated_at | profile_set_at | left_at"]
    for n in range(10):
        lines.append(f"s{n} | {n} | {STUDENT} | 2026-03-0{3 if n == 9 else 2} 10:00 | 2026-03-10 10:00")
    lines.append("s10 | 10 | student | PO | pilot | 2026-03-01 09:00 | | ")
    lines.append("s11 | 11 | student | VSO | contract | 2026-03-01 09:00 | | ")
    lines.append("t1 | 12 | teacher | VSO | pilot | 2026-03-01 09:00 | | ")
    return "\n".join(lines)


def test_vso_adoption_counts_profiles_in_pilots_that_run(recount) -> None:
    """Exactly 90% is not above it; without a pilot there is nothing to say."""
    recount(
        "vso_adoption",
        {"seat": students()},
        """
        day        | value | numerator | denominator | n  | status
        2026-02-28 | -     | 0         | 0           | 0  | no_data
        2026-03-01 | 0     | 0         | 10          | 10 | below_target
        2026-03-02 | 90    | 9         | 10          | 10 | below_target
        2026-03-03 | 100   | 10        | 10          | 10 | ok
        2026-03-10 | -     | 0         | 0           | 0  | no_data
        """,
    )


SEATS = """
seat_id | user_id | role    | seated_at        | settled_at       | whole_month_from_at | left_at
1       | a       | teacher | 2026-02-10 09:00 | 2026-02-17 00:00 | 2026-03-01 00:00    |
2       | b       | teacher | 2026-02-10 09:00 | 2026-02-17 00:00 | 2026-03-01 00:00    |
3       | c       | teacher | 2026-03-10 09:00 | 2026-03-17 00:00 | 2026-04-01 00:00    |
4       | d       | teacher | 2026-02-10 09:00 | 2026-02-17 00:00 | 2026-03-01 00:00    | 2026-03-20 09:00
5       | s       | student | 2026-02-10 09:00 | 2026-02-17 00:00 | 2026-03-01 00:00    |
"""


def exports() -> str:
    seats = {row.split("|")[0].strip(): row for row in SEATS.strip().splitlines()[1:]}
    lines = [SEATS.strip().splitlines()[0] + " | event | day | qualifying"]
    for seat, day, event in (
        ("2", "02-27", "export_excel"),
        ("1", "03-05", "export_excel"),
        ("1", "03-06", "export_excel"),
        ("4", "03-06", "export_excel"),
        ("2", "03-06", "give_feedback"),
        ("5", "03-06", "export_excel"),
        ("3", "03-12", "export_excel"),
    ):
        lines.append(f"{seats[seat]} | {event} | 2026-{day} | yes")
    return "\n".join(lines)


BOTH = {"seat": SEATS, "seat_use": exports()}


def test_report_usage_is_of_the_teachers_of_the_whole_month(recount) -> None:
    """c came during the month, d left before its end; half of them is not more than half."""
    recount(
        "report_usage",
        BOTH,
        """
        day        | value | numerator | denominator | n | status
        2026-02-28 | -     | 0         | 0           | 0 | no_data
        2026-03-01 | 0     | 0         | 3           | 0 | provisional
        2026-03-05 | 100/3 | 1         | 3           | 1 | provisional
        2026-03-06 | 200/3 | 2         | 3           | 2 | provisional
        2026-03-20 | 50    | 1         | 2           | 1 | provisional
        2026-03-31 | 50    | 1         | 2           | 1 | below_target
        2026-04-01 | 0     | 0         | 3           | 0 | provisional
        """,
    )
    two = SEATS.replace("2026-03-20 09:00", "")
    recount(
        "report_usage",
        {"seat": two, "seat_use": exports().replace("2026-03-20 09:00", "")},
        "day | value | status\n2026-03-31 | 200/3 | ok",
    )


def test_the_parts_of_report_usage(recount) -> None:
    recount(
        "teachers_exporting",
        {"seat_use": exports()},
        "day | value\n2026-03-05 | 1\n2026-03-06 | 2\n2026-03-20 | 1\n2026-04-01 | 0",
    )
    recount(
        "teachers_whole_month",
        {"seat": SEATS},
        "day | value\n2026-02-28 | 0\n2026-03-01 | 3\n2026-03-20 | 2\n2026-04-01 | 3",
    )


def test_reports_of_thirty_days(recount) -> None:
    """c counts from its eighth day; b's export of 27 February leaves on 29 March."""
    recount(
        "report_usage_30d",
        BOTH,
        """
        day        | value | numerator | denominator
        2026-02-16 | -     | 0         | 0
        2026-02-27 | 100/3 | 1         | 3
        2026-03-06 | 100   | 3         | 3
        2026-03-17 | 100   | 4         | 4
        2026-03-20 | 100   | 3         | 3
        2026-03-29 | 200/3 | 2         | 3
        """,
    )
    recount(
        "teachers_exporting_30d",
        {"seat_use": exports()},
        "day | value\n2026-02-27 | 1\n2026-03-16 | 3\n2026-03-17 | 4\n2026-03-20 | 3",
    )


SCHOOLS = f"""
school_id | go_at            | go_day     | overdue_at       | first_student_at | implementation_ms
a         | 2026-03-02 00:00 | 2026-03-02 | 2026-03-13 00:00 | 2026-03-12 09:00 | {10 * DAY_MS}
b         | 2026-03-02 00:00 | 2026-03-02 | 2026-03-13 00:00 | 2026-03-06 12:00 | {4 * DAY_MS}
c         | 2026-03-10 00:00 | 2026-03-10 | 2026-03-21 00:00 |                  |
d         |                  |            |                  | 2026-03-06 10:00 |
"""


def test_implementation_is_the_mean_of_schools_whose_first_student_came_in_13_weeks(recount) -> None:
    """d had a student and no go; exactly ten days are not less than ten."""
    recount(
        "implementation_speed",
        {"school": SCHOOLS},
        f"""
        day        | value | numerator     | denominator | n | status
        2026-03-05 | -     | 0             | 0           | 0 | no_data
        2026-03-06 | 4     | {4 * DAY_MS}  | 1           | 1 | ok
        2026-03-12 | 7     | {14 * DAY_MS} | 2           | 2 | ok
        2026-06-04 | 7     | {14 * DAY_MS} | 2           | 2 | ok
        2026-06-05 | 10    | {10 * DAY_MS} | 1           | 1 | below_target
        2026-06-11 | -     | 0             | 0           | 0 | no_data
        """,
    )


def test_median_implementation(recount) -> None:
    table = "day | value | n\n2026-03-05 | - | 0\n2026-03-06 | 4 | 1\n2026-03-12 | 7 | 2\n2026-06-05 | 10 | 1"
    recount("implementation_speed_median", {"school": SCHOOLS}, table)


def test_a_school_that_waits_counts_once_it_waits_longer_than_the_mean(recount) -> None:
    """b took 108 h; a has waited 120 h on the 6th, and took 249 h: 178.5 h on average, which c exceeds with 216 h."""
    recount(
        "implementation_speed_with_waiting",
        {"school": SCHOOLS},
        """
        day        | value   | denominator | n
        2026-03-01 | -       | 0           | 0
        2026-03-05 | -       | 0           | 0
        2026-03-06 | 19/4    | 2           | 2
        2026-03-12 | 119/16  | 2           | 2
        2026-03-18 | 191/24  | 3           | 3
        """,
    )


def test_schools_are_overdue_after_ten_days_until_the_first_student(recount) -> None:
    """a came on the tenth day; e, on the thirteenth, was overdue for two days."""
    late = (
        SCHOOLS.rstrip()
        + f"\ne | 2026-03-02 00:00 | 2026-03-02 | 2026-03-13 00:00 | 2026-03-15 10:00 | {13 * DAY_MS}\n"
    )
    table = "day | value | status\n2026-03-12 | 0 | ok\n2026-03-13 | 1 | below_target\n2026-03-15 | 0 | ok\n2026-03-20 | 0 | ok"
    recount("implementation_overdue", {"school": late}, f"{table}\n2026-03-21 | 1 | below_target")

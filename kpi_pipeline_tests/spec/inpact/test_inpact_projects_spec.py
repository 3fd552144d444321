"""KPI 21 and 22: projects that run, or were finished in the month, against their budget and their contract's date."""

from __future__ import annotations

# p1 is looked at again on 15 February: exactly 10 % over and 20 of 100 days late. p2 is finished in February for more,
# p3 has no budget; p4 got a new date, and is held to the old one.
PROJECTS = {
    "project": """
    project_id | from_day   | to_day     | start_day  | baseline_end_day | first_baseline_end_day | end_day    | actual_end_day | month_over_day | running | budget_minor | cost_minor
    p1         | 2026-01-10 | 2026-02-15 | 2026-01-10 | 2026-04-20       | 2026-04-20             | 2026-04-20 |                |                | yes     | 1000000      | 1000000
    p1         | 2026-02-15 |            | 2026-01-10 | 2026-04-20       | 2026-04-20             | 2026-05-10 |                |                | yes     | 1000000      | 1100000
    p2         | 2026-02-01 | 2026-02-20 | 2026-01-01 | 2026-02-10       | 2026-02-10             | 2026-02-10 |                |                | yes     | 500000       | 500000
    p2         | 2026-02-20 |            | 2026-01-01 | 2026-02-10       | 2026-02-10             | 2026-02-20 | 2026-02-20     | 2026-03-01     | no      | 500000       | 600000
    p3         | 2026-02-25 |            | 2026-02-25 | 2026-03-25       | 2026-03-25             | 2026-03-25 |                |                | yes     | 0            | 70000
    p4         | 2026-03-05 |            | 2026-01-04 | 2026-06-30       | 2026-04-14             | 2026-06-30 |                |                | yes     | 1000000      | 800000
    """
}


def test_cost_over_budget_of_running_and_just_finished_projects(recount) -> None:
    recount(
        "kpi21_project_overrun",
        PROJECTS,
        """
        day        | value           | numerator | denominator | status
        2026-01-09 | -               | 0         | 0           | no_data
        2026-01-10 | 100             | 1000000   | 1000000     | ok
        2026-02-15 | 320/3           | 1600000   | 1500000     | ok
        2026-02-20 | 340/3           | 1700000   | 1500000     | critical
        2026-02-28 | 340/3           | 1700000   | 1500000     | critical
        2026-03-01 | 110             | 1100000   | 1000000     | critical
        2026-03-05 | 95              | 1900000   | 2000000     | ok
        """,
    )


def test_the_same_as_a_ratio(recount) -> None:
    """Exactly 1.10 is not below 1.10."""
    recount(
        "kpi21b_overrun_ratio",
        PROJECTS,
        """
            day        | value | status
            2026-01-09 | -     | no_data
            2026-01-10 | 1     | ok
            2026-03-01 | 1.1   | below_target
            2026-03-05 | 0.95  | ok
            """,
    )


def test_exactly_ten_percent_over_is_not_more_than_ten(recount) -> None:
    """p1 is 10 % over and does not count, p2 is 20 % over; of p3 nothing can be said."""
    recount(
        "kpi21a_share",
        PROJECTS,
        """
        day        | value | numerator | denominator | status
        2026-01-09 | -     | 0         | 0           | no_data
        2026-02-15 | 0     | 0         | 2           | ok
        2026-02-20 | 50    | 1         | 2           | below_target
        2026-02-25 | 50    | 1         | 2           | below_target
        2026-03-01 | 0     | 0         | 1           | ok
        """,
    )
    rows = "project_id | from_day | budget_minor | cost_minor\n" + "\n".join(
        f"p{i} | 2026-01-01 | 100 | {111 if i < 3 else 100}" for i in range(20)
    )
    recount("kpi21a_share", {"project": rows}, "day | value | status\n2026-01-01 | 15 | below_target")


def test_the_sum_of_overruns_is_not_made_up_for_by_savings(recount) -> None:
    """In March p4 saves 2000 and p1 overruns by 1000: 5 % of all budgets, though NC ÷ VC is 95 %."""
    recount(
        "kpi21_overrun_sum",
        PROJECTS,
        """
        day        | value | numerator | denominator
        2026-01-09 | -     | 0         | 0
        2026-01-10 | 0     | 0         | 1000000
        2026-02-20 | 40/3  | 200000    | 1500000
        2026-03-05 | 5     | 100000    | 2000000
        """,
    )


def test_finished_and_running_apart(recount) -> None:
    recount(
        "kpi21_overrun_finished",
        PROJECTS,
        "day | value | denominator\n2026-02-19 | - | 0\n2026-02-20 | 120 | 500000\n2026-03-01 | - | 0",
    )
    recount(
        "kpi21_overrun_running",
        PROJECTS,
        "day | value | denominator\n2026-02-19 | 320/3 | 1500000\n2026-02-20 | 110 | 1000000",
    )
    recount("kpi21_without_budget", PROJECTS, "day | value\n2026-02-24 | 0\n2026-02-25 | 1")


def test_late_is_more_than_a_fifth_of_the_planned_time(recount) -> None:
    """p1 is exactly 20 of 100 days late; p2 10 of 40; p4 77 of 100 by its contract, though not by its new date."""
    recount(
        "kpi22_project_late",
        PROJECTS,
        """
        day        | value | numerator | denominator | status
        2026-01-09 | -     | 0         | 0           | no_data
        2026-02-15 | 0     | 0         | 2           | ok
        2026-02-20 | 50    | 1         | 2           | below_target
        2026-02-25 | 100/3 | 1         | 3           | below_target
        2026-03-01 | 0     | 0         | 2           | ok
        2026-03-05 | 100/3 | 1         | 3           | below_target
        """,
    )
    rows = "project_id | from_day | start_day | first_baseline_end_day | end_day\n" + "\n".join(
        f"p{i} | 2026-01-01 | 2026-01-01 | 2026-01-11 | {'2026-01-14' if i < 1 else '2026-01-13'}" for i in range(10)
    )
    recount("kpi22_project_late", {"project": rows}, "day | value | status\n2026-01-01 | 10 | below_target")


def test_days_late_and_new_baselines(recount) -> None:
    recount(
        "kpi22_days_late",
        PROJECTS,
        """
            day        | value | denominator
            2026-02-14 | -     | 0
            2026-02-15 | 20    | 1
            2026-02-20 | 15    | 2
            2026-03-05 | 97/2  | 2
            """,
    )
    recount("kpi22_rebaselined", PROJECTS, "day | value | status\n2026-03-04 | 0 | ok\n2026-03-05 | 1 | warning")


def test_a_version_that_is_delivered_late_restates_the_days_since_its_date(recount) -> None:
    """The state of 15 February was entered on the 27th: before that the 20th still showed the one of January."""
    lines = PROJECTS["project"].strip().splitlines()
    before = "\n".join([lines[0], lines[1].replace("2026-02-15 |", "           |", 1)])
    after = "\n".join(lines[:3])
    for rows, value in ((before, 100), (after, 110)):
        recount("kpi21_project_overrun", {"project": rows}, f"day | value\n2026-02-14 | 100\n2026-02-20 | {value}")

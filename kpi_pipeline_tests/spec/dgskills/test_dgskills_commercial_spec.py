"""From qualified school to annual contract."""

from __future__ import annotations

MEETINGS = """
meeting_id | kind        | outcome     | held | starts_at        | created_at       | reasons_recorded | usp_mentioned
1          | Demo        | completed   | yes  | 2026-03-03 10:00 | 2026-02-20 09:00 | yes              | yes
2          | Demo        | canceled    | no   | 2026-03-04 10:00 | 2026-03-02 09:00 | no               | no
3          | Demo        | rescheduled | no   | 2026-03-05 10:00 | 2026-03-02 09:00 | no               | no
4          | Demo        | no_show     | no   | 2026-03-06 10:00 | 2026-03-03 09:00 | no               | no
5          | Pilotreview | completed   | yes  | 2026-03-06 10:00 | 2026-03-03 09:00 | yes              | yes
6          | Demo        | scheduled   | no   | 2026-03-08 23:30 | 2026-03-08 12:00 | no               | no
"""


def held(demos: int, *, at: str = "2026-03-02 10:00", recorded: int = 0, usp: int = 0) -> str:
    """Demos held, of which the first `recorded` had reasons written down and the first `usp` named the USP."""
    lines = ["meeting_id | kind | held | starts_at | reasons_recorded | usp_mentioned"]
    flags = [("yes" if n < recorded else "no", "yes" if n < usp else "no") for n in range(demos)]
    lines += [f"{n} | Demo | yes | {at} | {told} | {named}" for n, (told, named) in enumerate(flags)]
    return "\n".join(lines)


def pilots(ended: int, annual: int) -> str:
    lines = ["pilot_id | ended_at | signed_at | annual"]
    at = "2026-03-10 10:00"
    return "\n".join(
        lines + [f"{n} | {at} | {at if n < annual else ''} | {'yes' if n < annual else 'no'}" for n in range(ended)]
    )


QUALIFIED = """
school_id | qualified_at
a         | 2026-03-02 00:00
b         | 2026-03-08 23:59
c         | 2026-03-09 00:00
d         |
e         | 2026-05-01 00:00
f         | 2026-05-31 23:59
"""


def test_new_leads_are_schools_qualified_in_the_iso_week_and_none_is_zero(recount) -> None:
    recount(
        "new_leads",
        {"school": QUALIFIED},
        """
        day        | value | numerator | denominator | n | status      | provisional
        2026-03-01 | 0     | 0         | -           | 0 | unrated     | no
        2026-03-02 | 1     | 1         | -           | 1 | provisional | yes
        2026-03-07 | 1     | 1         | -           | 1 | provisional | yes
        2026-03-08 | 2     | 2         | -           | 2 | unrated     | no
        2026-03-09 | 1     | 1         | -           | 1 | provisional | yes
        """,
    )


def test_two_leads_a_month_are_enough(recount) -> None:
    recount(
        "new_leads_month",
        {"school": QUALIFIED},
        """
        day        | value | status
        2026-02-28 | 0     | below_target
        2026-03-08 | 2     | provisional
        2026-03-31 | 3     | ok
        2026-04-30 | 0     | below_target
        2026-05-30 | 1     | provisional
        2026-05-31 | 2     | ok
        """,
    )


def test_planned_demos_count_on_their_day_unless_cancelled_or_moved(recount) -> None:
    recount(
        "demos_planned",
        {"meeting": MEETINGS},
        """
        day        | value | n | status
        2026-03-01 | 0     | 0 | unrated
        2026-03-03 | 1     | 1 | provisional
        2026-03-06 | 2     | 2 | provisional
        2026-03-08 | 3     | 3 | unrated
        2026-03-09 | 0     | 0 | provisional
        """,
    )


def test_booked_demos_count_on_the_day_they_were_made(recount) -> None:
    table = "day | value\n2026-02-22 | 1\n2026-03-01 | 0\n2026-03-02 | 2\n2026-03-03 | 3\n2026-03-08 | 4"
    recount("demos_booked", {"meeting": MEETINGS}, table)


def test_held_demos_took_place(recount) -> None:
    recount("demos_held", {"meeting": MEETINGS}, "day | value\n2026-03-02 | 0\n2026-03-03 | 1\n2026-03-08 | 1")


def test_demo_to_pilot_is_pilots_by_demos_of_four_weeks(recount) -> None:
    """Exactly 25% is no warning."""
    two = "pilot_id | started_at\np1 | 2026-03-29 09:00\np2 | 2026-03-29 10:00"
    recount(
        "demo_to_pilot_conversion",
        {"meeting": held(8), "pilot": two},
        """
        day        | value | numerator | denominator | n | status
        2026-03-01 | -     | 0         | 0           | 0 | no_data
        2026-03-28 | 0     | 0         | 8           | 8 | warning
        2026-03-29 | 25    | 2         | 8           | 8 | ok
        2026-03-30 | -     | 2         | 0           | 0 | no_data
        """,
    )
    recount(
        "demo_to_pilot_conversion",
        {"meeting": held(9), "pilot": two},
        "day | value | status\n2026-03-29 | 200/9 | warning",
    )
    recount(
        "demo_to_pilot_conversion", {"meeting": held(4)}, "day | value | n | status\n2026-03-29 | 0 | 4 | low_sample"
    )


DEMOS = """
meeting_id | school_id | kind | held | starts_at        | pilot_started_at
1          | a         | Demo | yes  | 2026-03-02 10:00 | 2026-04-27 11:00
2          | b         | Demo | yes  | 2026-03-02 10:00 | 2026-04-27 11:01
3          | c         | Demo | yes  | 2026-03-03 10:00 |
4          | d         | Demo | no   | 2026-03-03 10:00 | 2026-03-20 10:00
5          | e         | Demo | yes  | 2026-03-08 10:00 | 2026-03-20 10:00
6          | f         | Demo | yes  | 2026-03-08 10:00 |
"""


def test_a_cohort_of_demos_has_56_days_to_become_pilots(recount) -> None:
    """56 × 24 hours over the change to summer time: from 10:00 to 11:00."""
    recount(
        "demo_to_pilot_cohort",
        {"demo": DEMOS},
        """
        day        | value | numerator | denominator | n | status
        2026-03-01 | -     | 0         | 0           | 0 | no_data
        2026-03-03 | 100/3 | 1         | 3           | 3 | low_sample
        2026-03-08 | 40    | 2         | 5           | 5 | unrated
        2026-03-09 | -     | 0         | 0           | 0 | no_data
        """,
    )
    unknown_yet = "day | value | numerator | status | provisional\n2026-03-08 | 20 | 1 | provisional | yes"
    recount("demo_to_pilot_cohort", {"demo": DEMOS}, unknown_yet, now="2026-04-01 12:00")


def test_pilots_that_ended_and_led_to_a_contract_of_a_year(recount) -> None:
    """Pilot 2 was signed ten days after it ended; a contract of six months is none; exactly 40% is not above it."""
    recount(
        "pilot_to_contract_conversion",
        {
            "pilot": """
            pilot_id | ended_at         | signed_at        | annual
            1        | 2026-03-10 00:00 | 2026-03-10 00:00 | yes
            2        | 2026-03-10 10:00 | 2026-03-20 10:00 | yes
            3        | 2026-03-10 10:00 | 2026-03-10 10:00 | no
            4        | 2026-03-11 10:00 |                  | no
            5        | 2026-03-12 10:00 |                  | no
            6        |                  |                  | no
            """
        },
        """
        day        | value | numerator | denominator | n | status
        2026-03-09 | -     | 0         | 0           | 0 | no_data
        2026-03-10 | 100/3 | 1         | 3           | 3 | low_sample
        2026-03-12 | 20    | 1         | 5           | 5 | warning
        2026-03-20 | 40    | 2         | 5           | 5 | below_target
        2026-06-08 | 40    | 2         | 5           | 5 | below_target
        2026-06-09 | 0     | 0         | 2           | 2 | low_sample
        2026-06-11 | -     | 0         | 0           | 0 | no_data
        """,
    )
    for annual, value, status in ((3, 30, "below_target"), (2, 20, "warning"), (5, 50, "ok")):
        recount(
            "pilot_to_contract_conversion",
            {"pilot": pilots(10, annual)},
            f"day | value | status\n2026-03-10 | {value} | {status}",
        )


CONTRACTS = """
deal_id | won | duplicate | closed_at        | annual_minor
1       | yes | no        | 2026-03-02 10:00 | 480000
2       | yes | no        | 2026-03-31 10:00 | 240000
3       | no  | no        | 2026-03-02 10:00 | 990000
4       | yes | yes       | 2026-03-02 10:00 | 480000
5       | yes | no        | 2026-03-03 10:00 |
6       |     | no        |                  | 100000
"""


def test_contract_value_is_the_mean_of_years_of_won_deals_in_13_weeks(recount) -> None:
    recount(
        "acv_closed_deals",
        {"deal": CONTRACTS},
        """
        day        | value | numerator | denominator | n | status
        2026-03-01 | -     | 0         | 0           | 0 | no_data
        2026-03-03 | 4800  | 480000    | 1           | 1 | unrated
        2026-03-31 | 3600  | 720000    | 2           | 2 | unrated
        2026-06-01 | 2400  | 240000    | 1           | 1 | unrated
        2026-06-30 | -     | 0         | 0           | 0 | no_data
        """,
    )


def test_contract_value_of_the_week(recount) -> None:
    recount(
        "acv_closed_deals_week",
        {"deal": CONTRACTS},
        """
        day        | value | status
        2026-03-02 | 4800  | provisional
        2026-03-08 | 4800  | unrated
        2026-03-09 | -     | no_data
        2026-04-05 | 2400  | unrated
        """,
    )


def test_usp_resonance_asks_only_demos_with_recorded_reasons(recount) -> None:
    """7 of 10 is exactly 70%, and the target is more than that; two demos without reasons change nothing."""
    for demos, told, named, value, status in (
        (12, 10, 7, "70", "below_target"),
        (12, 10, 8, "80", "ok"),
        (12, 4, 4, "100", "low_sample"),
        (12, 0, 0, "-", "no_data"),
    ):
        table = f"day | value | numerator | denominator | status\n2026-03-29 | {value} | {named} | {told} | {status}"
        recount("usp_resonance", {"meeting": held(demos, recorded=told, usp=named)}, table)
    recount(
        "usp_resonance", {"meeting": held(9, recorded=9)}, "day | value | n\n2026-03-01 | - | 0\n2026-03-30 | - | 0"
    )


def test_resonance_says_little_below_80_percent_of_recorded_demos(recount) -> None:
    for recorded, status in ((8, "ok"), (7, "warning")):
        table = f"day | value | n | status\n2026-03-02 | {recorded * 10} | 10 | {status}\n2026-03-30 | - | 0 | no_data"
        recount("usp_resonance_coverage", {"meeting": held(10, recorded=recorded)}, table)

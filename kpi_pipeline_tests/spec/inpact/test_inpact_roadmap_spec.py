"""KPI 7 and 8: what was promised by the frozen roadmap, and what of it came in its quarter or by its hard deadline."""

from __future__ import annotations

# B came late but in its quarter, C a day after it, D was moved out.
ITEMS = {
    "roadmap_delivery": """
    item_id | value_e2 | due_day    | delivered_day | in_quarter | on_time | moved_out | hard_reason
    A       | 800      | 2026-01-20 | 2026-01-15    | yes        | yes     | no        | customer
    B       | 200      | 2026-02-10 | 2026-03-31    | yes        | no      | no        |
    C       | 1000     | 2026-03-10 | 2026-04-01    | no         | no      | no        | compliance
    D       | 500      | 2026-03-20 |               | no         | no      | yes       |
    E       | 400      | 2026-04-05 | 2026-04-05    | yes        | yes     | no        | customer
    """
}


def test_value_delivered_in_the_quarter_over_value_due_in_it(recount) -> None:
    recount(
        "kpi07_tactical_delivery",
        ITEMS,
        """
        day        | value | numerator | denominator | provisional | status
        2026-01-19 | -     | 0         | 0           | yes         | no_data
        2026-01-20 | 100   | 800       | 800         | yes         | provisional
        2026-02-10 | 80    | 800       | 1000        | yes         | provisional
        2026-03-20 | 32    | 800       | 2500        | yes         | provisional
        2026-03-31 | 40    | 1000      | 2500        | no          | critical
        2026-04-01 | -     | 0         | 0           | yes         | no_data
        2026-04-05 | 100   | 400       | 400         | yes         | provisional
        """,
    )


def test_all_quarters_together_are_sums_not_a_mean(recount) -> None:
    recount(
        "kpi07_tactical_delivery_cumulative",
        ITEMS,
        """
        day        | value      | numerator | denominator
        2026-01-19 | -          | 0         | 0
        2026-03-31 | 40         | 1000      | 2500
        2026-04-01 | 40         | 1000      | 2500
        2026-04-05 | 1400/29    | 1400      | 2900
        """,
    )


def test_exactly_eighty_and_seventy_percent(recount) -> None:
    for delivered, status in ((80, "ok"), (79, "warning"), (70, "warning"), (69, "critical")):
        rows = f"""
            item_id | value_e2          | due_day    | delivered_day | in_quarter
            A       | {delivered * 100} | 2026-02-10 | 2026-02-01    | yes
            B       | {(100 - delivered) * 100} | 2026-02-10 |       | no
            """
        expected = f"day | value | status\n2026-03-31 | {delivered} | {status}"
        recount("kpi07_tactical_delivery", {"roadmap_delivery": rows}, expected)


def test_a_delivery_entered_late_restates_its_quarter(recount) -> None:
    row = "item_id | value_e2 | due_day | delivered_day | in_quarter\nA | 100 | 2026-02-10 | {}"
    for cells, value in ((" | no", 0), ("2026-02-09 | yes", 100)):
        recount(
            "kpi07_tactical_delivery", {"roadmap_delivery": row.format(cells)}, f"day | value\n2026-03-31 | {value}"
        )


def test_hard_deadlines_count_from_the_day_they_fall_due(recount) -> None:
    recount(
        "kpi08_hard_deadlines",
        ITEMS,
        """
        day        | value | numerator | denominator | status
        2026-01-19 | -     | 0         | 0           | no_data
        2026-01-20 | 100   | 1         | 1           | ok
        2026-03-10 | 50    | 1         | 2           | critical
        2026-04-05 | 200/3 | 2         | 3           | critical
        """,
    )
    recount("kpi08_missed_deadlines", ITEMS, "day | value\n2026-03-09 | 0\n2026-03-10 | 1\n2026-04-05 | 1")

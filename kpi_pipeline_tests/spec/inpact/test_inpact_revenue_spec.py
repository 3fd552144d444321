"""KPI 1-3: what became of the 400 euros a month of June 2025, and the bridge that must close."""

from __future__ import annotations

# c2 leaves in October and is back in March; c5 had left before June 2025 and is back in February.
CHANGES = """
customer_id | product | changed_at       | delta_minor | first_at
c1          | RPA     | 2025-03-10 09:00 | 10000       | 2025-03-10 09:00
c1          | RPA     | 2025-09-01 09:00 | 2000        | 2025-03-10 09:00
c2          | RPA     | 2025-04-01 09:00 | 20000       | 2025-04-01 09:00
c2          | RPA     | 2025-10-10 09:00 | -20000      | 2025-04-01 09:00
c2          | IIP     | 2026-03-01 09:00 | 5000        | 2025-04-01 09:00
c3          | RPA     | 2025-05-01 09:00 | 10000       | 2025-05-01 09:00
c3          | RPA     | 2025-12-01 09:00 | -3000       | 2025-05-01 09:00
c4          | RPA     | 2025-08-01 09:00 | 4000        | 2025-08-01 09:00
c5          | RPA     | 2025-03-01 09:00 | 6000        | 2025-03-01 09:00
c5          | RPA     | 2025-05-20 09:00 | -6000       | 2025-03-01 09:00
c5          | RPA     | 2026-02-01 09:00 | 1000        | 2025-03-01 09:00
"""
FACTS = {"mrr_change": CHANGES}


def test_who_left_weighs_what_it_paid_in_june(recount) -> None:
    """Contraction is no churn, and who is back has not left; before the reference month there is nothing to hold to."""
    recount(
        "kpi01_revenue_churn",
        FACTS,
        """
        day        | value | numerator | denominator | n | status
        2025-06-29 | -     | 0         | 0           | 0 | no_data
        2025-06-30 | 0     | 0         | 40000       | 3 | ok
        2025-10-09 | 0     | 0         | 40000       | 3 | ok
        2025-10-10 | 50    | 20000     | 40000       | 3 | critical
        2026-02-28 | 50    | 20000     | 40000       | 3 | critical
        2026-03-01 | 0     | 0         | 40000       | 3 | ok
        """,
    )


def test_new_is_who_had_nothing_in_june_former_customers_too(recount) -> None:
    recount(
        "kpi02_new_business",
        FACTS,
        """
        day        | value | numerator | denominator | n
        2025-07-31 | 0     | 0         | 40000       | 3
        2025-08-01 | 10    | 4000      | 40000       | 3
        2026-02-01 | 12.5  | 5000      | 40000       | 3
        """,
    )
    recount("kpi02_returning", FACTS, "day | value | numerator\n2026-01-31 | 0 | 0\n2026-02-01 | 2.5 | 1000")


def test_net_of_existing_customers_leaves_out_who_left(recount) -> None:
    """2000 more of c1 less 3000 of c3; once c2 is back with 5000 of its 20000, 15000 less."""
    recount(
        "kpi03_cross_upsell_net",
        FACTS,
        """
        day        | value | numerator | denominator | n
        2025-06-29 | -     | 0         | 0           | 0
        2025-06-30 | 0     | 0         | 40000       | 3
        2025-09-01 | 5     | 2000      | 40000       | 3
        2025-10-10 | 5     | 2000      | 40000       | 3
        2025-12-01 | -2.5  | -1000     | 40000       | 3
        2026-03-01 | -40   | -16000    | 40000       | 3
        """,
    )


def test_the_bridge_closes_on_every_day(recount) -> None:
    """290 = 400 − 0 + 50 − 160 in March; 260 = 400 − 200 + 40 + 20 in November."""
    for kpi, values in {
        "mrr_reference": (0, 400, 400, 400),
        "mrr_lost": (0, 0, 200, 0),
        "mrr_new": (400, 0, 40, 50),
        "mrr_net_upsell": (0, 0, 20, -160),
        "mrr_now": (400, 400, 260, 290),
        "mrr_bridge_gap": (0, 0, 0, 0),
    }.items():
        days = ("2025-06-29", "2025-06-30", "2025-11-30", "2026-03-01")
        expected = "\n".join(f"{day} | {value}" for day, value in zip(days, values, strict=True))
        recount(kpi, FACTS, f"day | value\n{expected}")
    recount("mrr_bridge", FACTS, "day | text | status\n2025-06-30 | closes | ok\n2026-03-01 | closes | ok")


def test_the_reference_month_ends_at_local_midnight(recount) -> None:
    changes = """
        customer_id | product | changed_at          | delta_minor | first_at
        a           | RPA     | 2025-06-30 23:59:59 | 1000        | 2025-06-30 23:59:59
        b           | RPA     | 2025-07-01 00:00:00 | 500         | 2025-07-01 00:00:00
        """
    recount(
        "kpi02_new_business",
        {"mrr_change": changes},
        "day | value | numerator | denominator\n2025-07-01 | 50 | 500 | 1000",
    )


EDGE = """
customer_id | product | changed_at       | delta_minor | first_at
a           | RPA     | 2025-03-01 09:00 | 19000       | 2025-03-01 09:00
b           | RPA     | 2025-03-01 09:00 | 500         | 2025-03-01 09:00
b           | RPA     | 2025-12-10 09:00 | -500        | 2025-03-01 09:00
c           | RPA     | 2025-03-01 09:00 | 500         | 2025-03-01 09:00
c           | RPA     | 2026-06-10 09:00 | -500        | 2025-03-01 09:00
d           | RPA     | 2025-12-10 09:00 | 500         | 2025-12-10 09:00
e           | RPA     | 2026-06-10 09:00 | 500         | 2026-06-10 09:00
f           | RPA     | 2026-07-10 09:00 | 1           | 2026-07-10 09:00
"""


def test_on_the_line_of_the_month_churn_is_still_in_time(recount) -> None:
    """2.5 % is the line of December and above that of November; exactly 5 % is not below 5 %."""
    recount(
        "kpi01_revenue_churn",
        {"mrr_change": EDGE},
        """
        day        | value | status
        2025-12-30 | 2.5   | warning
        2025-12-31 | 2.5   | ok
        2026-06-29 | 5     | critical
        2026-06-30 | 5     | critical
        """,
    )


def test_on_the_line_of_the_month_growth_is_no_warning_and_not_the_target_either(recount) -> None:
    recount(
        "kpi02_new_business",
        {"mrr_change": EDGE},
        """
        day        | value       | status
        2025-12-09 | 0           | warning
        2025-12-31 | 2.5         | below_target
        2026-06-30 | 5           | below_target
        2026-07-10 | 100100/20000 | ok
        """,
    )
    up = "customer_id | product | changed_at | delta_minor | first_at\n" + "\n".join(
        f"a | RPA | {day} 09:00 | {delta} | 2025-03-01 09:00"
        for day, delta in (("2025-03-01", 10_000), ("2025-12-10", 500), ("2026-06-10", 500), ("2026-06-20", 1))
    )
    recount(
        "kpi03_cross_upsell_net",
        {"mrr_change": up},
        """
        day        | value | status
        2025-11-30 | 0     | warning
        2025-12-31 | 5     | below_target
        2026-06-10 | 10    | below_target
        2026-06-20 | 10.01 | ok
        """,
    )


INDEXED = """
customer_id | product | day        | changed_at       | delta_minor
c1          | RPA     | 2026-01-01 | 2026-01-01 07:00 | 320
c3          | RPA     | 2026-01-01 | 2026-01-01 07:00 | 80
"""


def test_indexed_prices_are_shown_apart(recount) -> None:
    recount(
        "kpi03_indexation_mrr",
        {"price_indexation": INDEXED},
        "day | value | n\n2025-12-31 | 0 | 0\n2026-01-01 | 4 | 2\n2026-06-01 | 4 | 2",
    )
    recount(
        "kpi03_indexation",
        {"price_indexation": INDEXED, **FACTS},
        """
            day        | value | numerator | denominator
            2025-06-29 | -     | 0         | 0
            2025-12-31 | 0     | 0         | 400
            2026-01-01 | 1     | 4         | 400
            """,
    )

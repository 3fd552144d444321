"""KPI 4 and 11: revenue from AI products, and what went over from legacy products to their successors."""

from __future__ import annotations

# c1 swaps 20 euros of RPA for 60 of AI; c2 had AI in June 2025 and takes less of it.
ALL = """
customer_id | product   | changed_at       | delta_minor | first_at
c1          | RPA       | 2025-03-01 09:00 | 10000       | 2025-03-01 09:00
c1          | RPA       | 2025-09-01 09:00 | -2000       | 2025-03-01 09:00
c1          | Inpact.ai | 2025-09-01 09:00 | 6000        | 2025-03-01 09:00
c2          | Inpact.ai | 2025-04-01 09:00 | 5000        | 2025-04-01 09:00
c2          | Inpact.ai | 2026-01-10 09:00 | -1000       | 2025-04-01 09:00
c3          | RPA       | 2026-02-01 09:00 | 4000        | 2026-02-01 09:00
"""
AI = """
customer_id | product   | class     | changed_at       | delta_minor | first_at
c1          | Inpact.ai | ai        | 2025-09-01 09:00 | 6000        | 2025-03-01 09:00
c1          | Inpact.ai | successor | 2025-09-01 09:00 | 6000        | 2025-03-01 09:00
c2          | Inpact.ai | ai        | 2025-04-01 09:00 | 5000        | 2025-04-01 09:00
c2          | Inpact.ai | ai        | 2026-01-10 09:00 | -1000       | 2025-04-01 09:00
"""
FACTS = {"mrr_change": ALL, "classed_mrr_change": AI}
CLASSED = {"classed_mrr_change": AI}


def test_ai_revenue_added_is_net_of_what_was_given_up(recount) -> None:
    recount(
        "kpi04b_ai_mrr_added",
        CLASSED,
        """
        day        | value | numerator | n | status
        2025-06-30 | 0     | 0         | 0 | below_target
        2025-07-31 | 0     | 0         | 0 | warning
        2025-09-01 | 60    | 6000      | 1 | warning
        2026-01-10 | 50    | 5000      | 2 | warning
        """,
    )


def test_progress_is_of_two_hundred_thousand_euros(recount) -> None:
    """Exactly 200,000 is the goal reached; a cent less is not, though in June 2026 it is below the line as well."""
    recount(
        "kpi04_ai_share_new_revenue", CLASSED, "day | value | numerator | denominator\n2026-01-10 | 0.025 | 50 | 200000"
    )
    goal = """
        customer_id | product   | class | changed_at       | delta_minor | first_at
        c1          | Inpact.ai | ai    | 2026-05-01 09:00 | 18333300    | 2026-05-01 09:00
        c1          | Inpact.ai | ai    | 2026-06-02 09:00 | 1666699     | 2026-05-01 09:00
        c1          | Inpact.ai | ai    | 2026-07-01 09:00 | 1           | 2026-05-01 09:00
        """
    recount(
        "kpi04b_ai_mrr_added",
        {"classed_mrr_change": goal},
        """
        day        | value     | status
        2026-05-30 | 183333    | below_target
        2026-05-31 | 183333    | below_target
        2026-06-30 | 199999.99 | warning
        2026-07-01 | 200000    | ok
        """,
    )
    recount(
        "kpi04_ai_share_new_revenue",
        {"classed_mrr_change": goal},
        "day | value | status\n2026-06-30 | 19999999/200000 | below_target\n2026-07-01 | 100 | ok",
    )


def test_the_share_is_of_gross_new_revenue_by_product(recount) -> None:
    """60 of AI; 40 of RPA besides from February. That c1 gave up 20 of RPA makes nothing smaller."""
    recount("kpi04_gained_ai", CLASSED, "day | value | n\n2025-08-31 | 0 | 0\n2025-09-01 | 60 | 1\n2026-02-01 | 60 | 1")
    recount(
        "kpi04_gained",
        {"mrr_change": ALL},
        "day | value | n\n2025-08-31 | 0 | 0\n2025-09-01 | 60 | 1\n2026-02-01 | 100 | 2",
    )
    recount(
        "kpi04a_ai_share",
        FACTS,
        """
        day        | value | numerator | denominator | status
        2025-08-31 | -     | 0         | 0           | no_data
        2025-09-01 | 100   | 60        | 60          | ok
        2026-02-01 | 60    | 60        | 100         | ok
        """,
    )


def test_exactly_forty_percent_is_not_more_than_forty(recount) -> None:
    changes = """
        customer_id | product   | changed_at       | delta_minor | first_at
        a           | Inpact.ai | 2025-09-01 09:00 | 4000        | 2025-09-01 09:00
        b           | RPA       | 2025-09-01 09:00 | 6000        | 2025-09-01 09:00
        """
    ai = "customer_id | product | class | changed_at | delta_minor\na | Inpact.ai | ai | 2025-09-01 09:00 | 4000"
    facts = {"mrr_change": changes, "classed_mrr_change": ai}
    recount("kpi04a_ai_share", facts, "day | value | status\n2025-09-01 | 40 | below_target")


LEGACY = """
customer_id | product     | class     | changed_at       | delta_minor
c1          | AWI Desktop | legacy    | 2025-03-01 09:00 | 10000
c1          | AWI Desktop | legacy    | 2025-10-01 09:00 | -10000
c1          | AWI Connect | successor | 2025-10-01 09:00 | 3000
c1          | AWI Connect | successor | 2026-02-01 09:00 | -3000
c2          | AWI Desktop | legacy    | 2025-03-01 09:00 | 30000
c2          | AWI Desktop | legacy    | 2025-11-01 09:00 | -30000
c3          | AWI Desktop | legacy    | 2025-03-01 09:00 | 60000
c4          | RPA         | successor | 2025-03-01 09:00 | 50000
c5          | AWI Desktop | legacy    | 2025-08-01 09:00 | 7000
"""


def test_converted_weighs_what_was_paid_for_legacy_in_june(recount) -> None:
    """c2 left without a successor and stays in the denominator; c5 came after June; c1 gives its successor up again."""
    recount(
        "kpi11_legacy_conversion",
        {"classed_mrr_change": LEGACY},
        """
        day        | value | numerator | denominator | n | status
        2025-06-29 | -     | 0         | 0           | 0 | no_data
        2025-06-30 | 0     | 0         | 100000      | 3 | below_target
        2025-10-01 | 10    | 10000     | 100000      | 3 | below_target
        2025-11-01 | 10    | 10000     | 100000      | 3 | below_target
        2026-02-01 | 0     | 0         | 100000      | 3 | below_target
        """,
    )


def test_what_is_paid_for_successors_may_be_less_or_more(recount) -> None:
    recount(
        "kpi11_successor_revenue",
        {"classed_mrr_change": LEGACY},
        """
        day        | value | numerator | denominator | n
        2025-09-30 | 0     | 0         | 100000      | 3
        2025-10-01 | 3     | 3000      | 100000      | 3
        """,
    )


def test_exactly_eighty_percent_is_reached(recount) -> None:
    rows = "customer_id | product | class | changed_at | delta_minor\n" + "\n".join(
        (
            "a | AWI Desktop | legacy | 2025-03-01 09:00 | 80000",
            "b | AWI Desktop | legacy | 2025-03-01 09:00 | 20000",
            "a | RPA | successor | 2026-01-05 09:00 | 1",
        )
    )
    recount("kpi11_legacy_conversion", {"classed_mrr_change": rows}, "day | value | status\n2026-01-05 | 80 | ok")

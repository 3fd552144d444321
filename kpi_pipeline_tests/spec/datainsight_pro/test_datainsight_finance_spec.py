"""Recurring revenue and its movements, and what a customer costs and brings back."""

from __future__ import annotations

import pytest

# c1 grows in February and shrinks in April; c2 leaves in March and is back in April; c3 comes in March; new exchange
# rates add 10 at the end of February.
CHANGES = """
change_id | customer_id | reason       | changed_at              | delta_minor | first_at
1         | c1          | subscription | 2026-01-10 09:00        | 100000      | 2026-01-10 09:00
2         | c2          | subscription | 2026-02-05 09:00        | 50000       | 2026-02-05 09:00
3         | c1          | subscription | 2026-02-20 09:00        | 20000       | 2026-01-10 09:00
4         | c1          | fx           | 2026-02-28 23:59:59.999 | 1000        | 2026-01-10 09:00
5         | c2          | subscription | 2026-03-10 09:00        | -50000      | 2026-02-05 09:00
6         | c3          | subscription | 2026-03-15 09:00        | 30000       | 2026-03-15 09:00
7         | c2          | subscription | 2026-04-03 09:00        | 40000       | 2026-02-05 09:00
8         | c1          | subscription | 2026-04-10 09:00        | -21000      | 2026-01-10 09:00
"""
FACTS = {"mrr_change": CHANGES}


def test_revenue_is_the_sum_of_its_changes_and_customers_are_those_who_pay(recount) -> None:
    recount(
        "mrr",
        FACTS,
        """
        day        | value | n | status
        2026-01-09 | 0     | 0 | below_target
        2026-01-31 | 1000  | 1 | below_target
        2026-02-28 | 1710  | 2 | below_target
        2026-03-10 | 1210  | 1 | below_target
        2026-03-31 | 1510  | 2 | below_target
        2026-04-30 | 1700  | 3 | below_target
        """,
    )
    recount("arr", FACTS, "day | value | n\n2026-02-28 | 20520 | 2\n2026-03-31 | 18120 | 2")
    recount("arr_per_customer", FACTS, "day | value\n2026-01-09 | -\n2026-02-28 | 10260")
    recount("customers_total", FACTS, "day | value\n2026-02-28 | 2\n2026-03-10 | 1\n2026-03-31 | 2\n2026-04-30 | 3")


def test_two_million_a_month_is_exactly_the_target_of_revenue_and_not_that_of_the_year(recount) -> None:
    """12 × $2M is $24M, below the $25M that the framework wants; in the first year $2M a year were enough."""
    header = "change_id | customer_id | reason | changed_at | delta_minor | first_at\n"
    big = header + "1 | c1 | subscription | {} 09:00 | {} | {} 09:00"
    facts = {"mrr_change": big.format("2026-01-10", 200_000_000, "2026-01-10")}
    recount("mrr", facts, "day | value | status\n2026-01-31 | 2000000 | ok")
    recount("arr", facts, "day | value | status\n2026-01-31 | 24000000 | below_target")
    earlier = {"mrr_change": big.format("2025-01-10", 20_000_000, "2025-01-10")}
    recount("arr", earlier, "day | value | status\n2025-01-31 | 2400000 | ok\n2025-12-01 | 2400000 | below_target")


@pytest.mark.parametrize(("day", "count", "status"), [("2025-03-31", 100, "ok"), ("2026-03-31", 299, "below_target")])
def test_customers_are_judged_by_the_stage_of_their_day(recount, day: str, count: int, status: str) -> None:
    rows = "\n".join(f"{i} | c{i} | subscription | 2025-01-10 09:00 | 100 | 2025-01-10 09:00" for i in range(count))
    facts = {"mrr_change": "change_id | customer_id | reason | changed_at | delta_minor | first_at\n" + rows}
    recount("customers_total", facts, f"day | value | status\n{day} | {count} | {status}")


@pytest.mark.parametrize(
    ("kpi", "february", "march", "april"),
    [
        ("new_mrr", "500 | 1", "300 | 1", "0 | 0"),
        ("reactivation_mrr", "0 | 0", "0 | 0", "400 | 1"),
        ("expansion_mrr", "200 | 1", "0 | 0", "0 | 0"),
        ("contraction_mrr", "0 | 0", "0 | 0", "210 | 1"),
        ("churned_mrr", "0 | 0", "500 | 1", "0 | 0"),
        ("mrr_movement", "700 | 2", "-200 | 2", "190 | 2"),
        ("mrr_fx_effect", "10 | 1", "0 | 0", "0 | 0"),
    ],
)
def test_the_movements_of_a_month(recount, kpi: str, february: str, march: str, april: str) -> None:
    """1000 + 500 + 200 + 10 = 1710; 1710 + 300 − 500 = 1510; 1510 + 400 − 210 = 1700."""
    recount(
        kpi,
        FACTS,
        f"day | value | n\n2026-02-28 | {february}\n2026-03-31 | {march}\n2026-04-30 | {april}",
    )


def test_growth_is_the_movement_over_the_revenue_at_the_start_at_constant_rates(recount) -> None:
    """700 of 1000; −200 of 1710; there is no growth from nothing."""
    recount(
        "revenue_growth_rate",
        FACTS,
        """
        day        | value       | numerator | denominator | status
        2026-01-31 | -           | 1000      | 0           | no_data
        2026-02-28 | 70          | 700       | 1000        | ok
        2026-03-31 | -20000/1710 | -200      | 1710        | critical
        2026-04-30 | 19000/1510  | 190       | 1510        | below_target
        """,
    )


@pytest.mark.parametrize(("more", "status"), [(799, "critical"), (800, "below_target"), (1500, "ok")])
def test_growth_of_exactly_8_percent_is_not_below_8(recount, more: int, status: str) -> None:
    table = f"""
        change_id | customer_id | reason       | changed_at       | delta_minor | first_at
        1         | c1          | subscription | 2026-01-10 09:00 | 10000       | 2026-01-10 09:00
        2         | c1          | subscription | 2026-02-10 09:00 | {more}      | 2026-01-10 09:00
        """
    expected = f"day | value | status\n2026-02-28 | {more}/100 | {status}"
    recount("revenue_growth_rate", {"mrr_change": table}, expected)


def test_expansion_is_a_share_of_what_was_gained_in_three_months(recount) -> None:
    """200 of 1000 + 500 + 300 + 200; before anything was gained there is no share."""
    recount(
        "expansion_revenue_share",
        FACTS,
        """
        day        | value | numerator | denominator | status
        2026-01-15 | -     | 0         | 0           | no_data
        2026-04-30 | 10    | 200/3     | 2000/3      | below_target
        """,
    )
    recount("existing_customer_revenue_share", FACTS, "day | value\n2026-01-09 | -\n2026-02-28 | 121000/1710")


def books(sales: int, cogs: int = 200_000, month: str = "2026-03") -> str:
    return f"""
        entry_id | day         | category        | amount_minor
        s        | {month}-03  | sales_marketing | {sales}
        r        | {month}-07  | revenue         | 1000000
        c        | {month}-20  | cogs            | {cogs}
        x        | {month}-20  | content         | 77777
        """


def test_cost_of_sales_over_new_customers(recount) -> None:
    """$5,000 for c3 in March: exactly the limit, which is to be less than. In April nobody is new: c2 came back."""
    facts = {"mrr_change": CHANGES, "ledger_entry": books(500_000)}
    recount(
        "acquisition_cost",
        {"ledger_entry": books(500_000)},
        "day | value | n\n2026-03-02 | 0 | 0\n2026-03-31 | 5000 | 1",
    )
    recount("new_customers", FACTS, "day | value\n2026-02-28 | 1\n2026-03-31 | 1\n2026-04-30 | 0")
    recount(
        "cac",
        facts,
        """
        day        | value | numerator | denominator | status
        2026-03-02 | -     | 0         | 0           | no_data
        2026-03-31 | 5000  | 5000      | 1           | below_target
        2026-04-30 | -     | 0         | 0           | no_data
        """,
    )
    less = {"mrr_change": CHANGES, "ledger_entry": books(499_999)}
    recount("cac", less, "day | value | status\n2026-03-31 | 4999.99 | ok")


def test_cost_over_new_customers_of_three_complete_months(recount) -> None:
    """$6,000 in February and March for c1, c2 and c3; in January there was neither."""
    both = books(500_000).rstrip() + "\n        e | 2026-02-10 | sales_marketing | 100000\n"
    facts = {"mrr_change": CHANGES, "ledger_entry": both}
    recount(
        "cac_3_months",
        facts,
        "day | value | numerator | denominator\n2026-01-15 | - | 0 | 0\n2026-04-15 | 2000 | 600000 | 3",
    )


def test_margin_is_a_share_and_an_amount(recount) -> None:
    """80 % in March; 85 % are exactly the target; no revenue, no margin. A bill that comes later changes the past."""
    recount(
        "gross_margin",
        {"ledger_entry": books(0)},
        """
        day        | value | numerator | denominator | status
        2026-02-28 | -     | 0         | 0           | no_data
        2026-03-10 | 100   | 1000000   | 1000000     | provisional
        2026-03-31 | 80    | 800000    | 1000000     | below_target
        """,
    )
    recount("gross_margin", {"ledger_entry": books(0, cogs=150_000)}, "day | value | status\n2026-03-31 | 85 | ok")
    recount("gross_profit", {"ledger_entry": books(0)}, "day | value | n\n2026-03-31 | 8000 | 2\n2026-04-30 | 0 | 0")


# Four pay $1,000 each; one left in October 2025, so that churn is 25/6 % a month; c9 comes in March 2026 for $1,000.
LIVES = """
change_id | customer_id | reason       | changed_at       | delta_minor | first_at
1         | c1          | subscription | 2025-01-10 09:00 | 100000      | 2025-01-10 09:00
2         | c2          | subscription | 2025-01-10 09:00 | 100000      | 2025-01-10 09:00
3         | c3          | subscription | 2025-01-10 09:00 | 100000      | 2025-01-10 09:00
4         | c4          | subscription | 2025-01-10 09:00 | 100000      | 2025-01-10 09:00
5         | c4          | subscription | 2025-10-10 09:00 | -100000     | 2025-01-10 09:00
6         | c9          | subscription | 2026-03-10 09:00 | 100000      | 2026-03-10 09:00
"""


@pytest.mark.parametrize(
    ("sales", "ratio", "payback", "health", "status"),
    [
        (384_000, "5", "4.8", "Healthy", "ok"),
        (500_000, "3.84", "6.25", "Healthy", "ok"),
        (640_000, "3", "8", "At Risk", "below_target"),
        (1_440_000, "4/3", "18", "Unhealthy", "below_target"),
    ],
)
def test_lifetime_value_of_19_200_over_cost(
    recount, sales: int, ratio: str, payback: str, health: str, status: str
) -> None:
    """Exactly 3 is not more than 3, exactly 18 months not less than 18: each is a failure."""
    facts = {"mrr_change": LIVES, "ledger_entry": books(sales)}
    target = "ok" if sales < 384_000 else "below_target"
    recount("ltv_cac_ratio", facts, f"day | value | status\n2026-03-31 | {ratio} | {target}")
    recount("payback_period", facts, f"day | value\n2026-03-31 | {payback}")
    recount("unit_economics_health", facts, f"day | text | status\n2026-03-31 | {health} | {status}")


def test_nothing_is_known_of_a_month_without_new_customers(recount) -> None:
    facts = {"mrr_change": LIVES, "ledger_entry": books(500_000, month="2026-02")}
    for kpi in ("ltv_cac_ratio", "payback_period", "unit_economics_health", "arpa_new"):
        own = facts if kpi != "arpa_new" else {"mrr_change": LIVES}
        recount(
            kpi,
            own,
            "day | value | status\n2026-02-28 | - | no_data" if kpi != "arpa_new" else "day | value\n2026-02-28 | -",
        )
    recount("arpa_new", {"mrr_change": LIVES}, "day | value | n\n2026-03-31 | 1000 | 1")


def test_payback_of_twelve_months_is_too_late_and_without_margin_there_is_none(recount) -> None:
    """$9,600 ÷ ($1,000 × 80 %) are exactly 12 months."""
    facts = {"mrr_change": LIVES, "ledger_entry": books(960_000)}
    recount(
        "payback_period",
        facts,
        "day | value | numerator | denominator | status\n2026-03-31 | 12 | 960000 | 80000 | below_target",
    )
    lossy = {"mrr_change": LIVES, "ledger_entry": books(960_000, cogs=1_000_000)}
    recount("payback_period", lossy, "day | value | reason | status\n2026-03-31 | - | no_margin | no_data")

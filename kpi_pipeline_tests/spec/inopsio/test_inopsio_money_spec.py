"""What customers pay, cost and are worth, in dollars."""

from __future__ import annotations

# Sales and marketing 1000.00 in January and 2500.00 in February, of which 500.00 on the 20th; rent is another matter.
LEDGER = """
entry_id | day        | kind    | category        | amount_minor
1        | 2026-01-10 | outflow | sales_marketing | 100000
2        | 2026-02-03 | outflow | sales_marketing | 200000
3        | 2026-02-20 | outflow | sales_marketing | 50000
4        | 2026-02-05 | outflow | rent            | 900000
5        | 2026-02-06 | inflow  | revenue         | 1000000
6        | 2026-02-07 | outflow | cogs            | 250000
"""
CUSTOMERS = """
customer_id | first_mrr_at
a           | 2026-01-05 10:00
b           | 2026-02-03 10:00
c           | 2026-02-28 23:59
d           | 2026-03-01 00:00
e           |
"""


def test_cost_of_a_month_over_its_new_customers(recount) -> None:
    recount(
        "cac",
        {"ledger_entry": LEDGER, "billing_customer": CUSTOMERS},
        """
        day        | value | numerator | denominator | n | status
        2025-12-31 | -     | 0         | 0           | 0 | no_data
        2026-01-04 | -     | 0         | 0           | 0 | no_data
        2026-01-31 | 1000  | 100000    | 1           | 1 | low_sample
        2026-02-19 | 2000  | 200000    | 1           | 1 | low_sample
        2026-02-27 | 2500  | 250000    | 1           | 1 | low_sample
        2026-02-28 | 1250  | 250000    | 2           | 2 | low_sample
        2026-03-01 | 0     | 0         | 1           | 1 | low_sample
        """,
    )


def test_five_hundred_dollars_is_not_less_than_that(recount) -> None:
    customers = "customer_id | first_mrr_at\n" + "\n".join(f"c{n} | 2026-02-02 10:00" for n in range(5))
    recount(
        "cac",
        {"ledger_entry": LEDGER, "billing_customer": customers},
        "day | value | n | status\n2026-02-19 | 400 | 5 | provisional\n2026-02-28 | 500 | 5 | below_target",
    )


def test_the_running_month_is_provisional(recount) -> None:
    recount(
        "cac",
        {"ledger_entry": LEDGER, "billing_customer": CUSTOMERS},
        "day | value | closed | provisional\n2026-02-10 | 2000 | no | yes",
        now="2026-02-10 12:00",
    )


def test_three_complete_months_are_pooled(recount) -> None:
    """In April January to March: 3500 for a to d, not the mean of three monthly figures."""
    recount(
        "cac_3_months",
        {"ledger_entry": LEDGER, "billing_customer": CUSTOMERS},
        """
        day        | value | numerator | denominator | n
        2026-01-31 | -     | 0         | 0           | 0
        2026-02-28 | 1000  | 100000    | 1           | 1
        2026-03-31 | 3500/3| 350000    | 3           | 3
        2026-04-30 | 875   | 350000    | 4           | 4
        2026-05-31 | 2500/3| 250000    | 3           | 3
        """,
    )


def test_a_quarter_to_date(recount) -> None:
    recount(
        "cac_quarter",
        {"ledger_entry": LEDGER, "billing_customer": CUSTOMERS},
        """
        day        | value | numerator | denominator | n
        2025-12-31 | -     | 0         | 0           | 0
        2026-01-31 | 1000  | 100000    | 1           | 1
        2026-03-31 | 875   | 350000    | 4           | 4
        2026-04-01 | -     | 0         | 0           | 0
        """,
    )


def test_margin_of_the_three_complete_months_before(recount) -> None:
    recount(
        "gross_margin",
        {"ledger_entry": LEDGER},
        """
        day        | value | numerator | denominator
        2026-02-28 | -     | 0         | 0
        2026-03-01 | 75    | 750000    | 1000000
        2026-05-31 | 75    | 750000    | 1000000
        2026-06-01 | -     | 0         | 0
        """,
    )


# Four customers of 100.00 from November 2025; one leaves in each of February and May 2026.
CHANGES = """
change_id | customer_id | changed_at       | delta_minor
1         | a           | 2025-11-05 10:00 | 10000
2         | b           | 2025-11-05 10:00 | 10000
3         | c           | 2025-11-05 10:00 | 10000
4         | d           | 2025-11-05 10:00 | 10000
5         | a           | 2026-02-10 10:00 | -10000
6         | b           | 2026-05-10 10:00 | -10000
"""


def test_recurring_revenue_at_the_end_of_the_day(recount) -> None:
    """A change at midnight belongs to the day that begins then; n counts the changes so far."""
    recount(
        "mrr",
        {
            "mrr_change": """
            change_id | changed_at       | delta_minor
            1         | 2026-01-05 10:00 | 4999999
            2         | 2026-01-06 00:00 | 5000001
            3         | 2026-01-07 23:59 | 1
            4         | 2026-01-08 12:00 | -10000001
            """
        },
        """
        day        | value     | numerator | n | status
        2026-01-04 | 0         | 0         | 0 | below_target
        2026-01-05 | 49999.99  | 4999999   | 1 | below_target
        2026-01-06 | 100000    | 10000000  | 2 | below_target
        2026-01-07 | 100000.01 | 10000001  | 3 | ok
        2026-01-08 | 0         | 0         | 4 | below_target
        """,
    )


def test_the_revenue_target_is_due_at_the_end_of_2025(recount) -> None:
    recount(
        "mrr",
        {"mrr_change": CHANGES},
        "day | value | status\n2025-12-30 | 400 | unrated\n2025-12-31 | 400 | below_target",
    )


def test_annual_revenue_is_twelve_times_the_month(recount) -> None:
    """Exactly 1.2 million is not more than that."""
    changes = """
    change_id | changed_at       | delta_minor
    1         | 2026-01-05 10:00 | 10000000
    2         | 2026-01-06 10:00 | 1
    """
    recount(
        "arr",
        {"mrr_change": changes},
        """
        day        | value      | status
        2026-01-04 | 0          | below_target
        2026-01-05 | 1200000    | below_target
        2026-01-06 | 1200000.12 | ok
        """,
    )


def test_paying_customers_have_revenue_at_the_end_of_the_day(recount) -> None:
    recount(
        "paying_customers",
        {"mrr_change": CHANGES},
        "day | value\n2025-11-04 | 0\n2025-11-05 | 4\n2026-02-10 | 3\n2026-05-10 | 2",
    )


def test_revenue_per_account(recount) -> None:
    recount(
        "arpa",
        {"mrr_change": CHANGES},
        """
        day        | value | numerator | denominator
        2025-11-04 | -     | 0         | 0
        2026-02-09 | 100   | 400       | 4
        2026-05-10 | 100   | 200       | 2
        """,
    )


def test_lifetime_value_divides_by_the_mean_churn_of_six_months(recount) -> None:
    """In June 25 % of February and 100/3 % of May over the months December to May: 175/18 % a month.

    In May November is one of the six, which began without customers. In September the ledger has no revenue any more.
    """
    revenue = "entry_id | day | kind | category | amount_minor\n1 | 2026-05-05 | inflow | revenue | 100000"
    recount(
        "ltv",
        {"mrr_change": CHANGES, "ledger_entry": revenue},
        """
        day        | value    | numerator | denominator
        2026-05-31 | -        | -         | -
        2026-06-30 | 7200/7   | 10000     | 175/18
        2026-09-30 | -        | -         | 50/9
        """,
    )
    recount(
        "ltv_without_margin",
        {"mrr_change": CHANGES},
        """
        day        | value  | numerator | denominator
        2026-05-31 | -      | 10000     | -
        2026-06-30 | 7200/7 | 10000     | 175/18
        2026-12-30 | -      | 10000     | 0
        """,
        now="2026-12-31 12:00",
    )


def test_without_churn_there_is_no_lifetime_value(recount) -> None:
    changes = "change_id | customer_id | changed_at | delta_minor\n1 | a | 2025-01-05 10:00 | 10000"
    recount("ltv_without_margin", {"mrr_change": changes}, "day | value | status\n2026-02-28 | - | no_data")


def test_lifetime_value_with_margin_over_the_cost_of_a_customer(recount) -> None:
    """On 30 June: 100 × 75 % ÷ (175/18 %) = 5400/7; one new customer of the quarter cost 100, so 54/7."""
    ledger = """
    entry_id | day        | kind    | category        | amount_minor
    1        | 2026-05-10 | outflow | sales_marketing | 10000
    2        | 2026-05-10 | inflow  | revenue         | 40000
    3        | 2026-05-10 | outflow | cogs            | 10000
    """
    customers = "customer_id | first_mrr_at\nn | 2026-04-03 10:00"
    recount(
        "ltv",
        {"mrr_change": CHANGES, "ledger_entry": ledger},
        "day | value | numerator | denominator | status\n2026-06-30 | 5400/7 | 7500 | 175/18 | below_target",
    )
    recount(
        "ltv_cac_ratio",
        {"mrr_change": CHANGES, "ledger_entry": ledger, "billing_customer": customers},
        """
        day        | value | numerator | denominator | status
        2026-06-30 | 54/7  | 5400/7    | 100         | below_target
        2026-07-01 | -     | 5400/7    | -           | no_data
        """,
    )


def test_ten_to_one_is_not_more_than_that(recount) -> None:
    """Ten customers of 100.00, of which one left in May: 10/6 % a month. 900 × margin ÷ … = ten times 540."""
    head = "change_id | customer_id | changed_at | delta_minor\n"
    changes = head + "\n".join(f"{n} | c{n} | 2025-11-05 10:00 | 10000" for n in range(10))
    changes += "\n99 | c0 | 2026-05-10 10:00 | -10000"
    ledger = """
    entry_id | day        | kind    | category        | amount_minor
    1        | 2026-05-10 | outflow | sales_marketing | 60000
    2        | 2026-05-10 | inflow  | revenue         | 40000
    """
    customers = "customer_id | first_mrr_at\nn | 2026-04-03 10:00"
    recount(
        "ltv_cac_ratio",
        {"mrr_change": changes, "ledger_entry": ledger, "billing_customer": customers},
        "day | value | numerator | denominator | status\n2026-06-30 | 10 | 6000 | 600 | below_target",
    )

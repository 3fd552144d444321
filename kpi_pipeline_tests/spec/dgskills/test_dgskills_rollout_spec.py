"""The rollout of the USP in 30 days: week 1 begins on 26 October 2026."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("kpi", "before", "end"),
    [
        ("rollout_w1_assets_updated", "2026-10-31", "2026-11-01"),
        ("rollout_w2_website_ready", "2026-11-07", "2026-11-08"),
        ("rollout_w3_sales_demo", "2026-11-14", "2026-11-15"),
    ],
)
def test_a_week_is_judged_from_its_last_day_on(recount, kpi: str, before: str, end: str) -> None:
    """Two of three are done in time, the third on 20 November; another week's item does not count."""
    plan = f"""
    kpi   | item | milestone | weight_e2 | actual_day
    {kpi} | a    | klaar     | 100       | 2026-10-27
    {kpi} | b    | klaar     | 100       | {before}
    {kpi} | c    | klaar     | 100       | 2026-11-20
    other | d    | klaar     | 100       |
    """
    recount(
        kpi,
        {"milestone": plan},
        f"""
        day        | value | numerator | denominator | n | status
        2026-10-26 | 0     | 0         | 3           | 3 | unrated
        2026-10-27 | 100/3 | 1         | 3           | 3 | unrated
        {before}   | 200/3 | 2         | 3           | 3 | unrated
        {end}      | 200/3 | 2         | 3           | 3 | below_target
        2026-11-20 | 100   | 3         | 3           | 3 | ok
        """,
    )
    recount(kpi, {}, f"day | value | status\n{end} | - | no_data")


REQUESTS = """
meeting_id | kind | campaign    | created_at
1          | Demo | usp-rollout | 2026-11-15 23:59
2          | Demo | usp-rollout | 2026-11-16 00:00
3          | Demo |             | 2026-11-17 10:00
4          | Demo | usp-rollout | 2026-11-22 23:00
5          | Demo | usp-rollout | 2026-11-23 00:00
"""


def test_demo_requests_count_in_week_4_only(recount) -> None:
    """Two are exactly enough; the value stays what it was when the week is over."""
    recount(
        "rollout_w4_demo_requests",
        {"meeting": REQUESTS},
        """
        day        | value | n | status      | closed | period_start     | period_end
        2026-11-15 | 0     | 0 | provisional | no     | 2026-11-16 00:00 | 2026-11-16 00:00
        2026-11-16 | 1     | 1 | provisional | no     | 2026-11-16 00:00 | 2026-11-17 00:00
        2026-11-21 | 1     | 1 | provisional | no     | 2026-11-16 00:00 | 2026-11-22 00:00
        2026-11-22 | 2     | 2 | ok          | yes    | 2026-11-16 00:00 | 2026-11-23 00:00
        2026-11-30 | 2     | 2 | ok          | yes    | 2026-11-16 00:00 | 2026-11-23 00:00
        """,
        now="2026-12-01 12:00",
    )
    one = REQUESTS.replace("4          | Demo | usp-rollout", "4          | Demo |            ")
    recount(
        "rollout_w4_demo_requests",
        {"meeting": one},
        "day | value | status\n2026-11-22 | 1 | below_target",
        now="2026-12-01 12:00",
    )

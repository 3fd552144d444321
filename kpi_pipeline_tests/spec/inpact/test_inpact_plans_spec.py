"""KPI 5, 6, 9, 10, 14, 15, 18-20: milestones done, how far behind the frozen plan they are, and valid certificates."""

from __future__ import annotations

import pytest

ITEMS = ("kpi05_strategic_roadmap", "kpi06_tactical_roadmap", "kpi10_legacy_alternatives", "kpi20_pnl_per_line")
PROGRESS = {
    "kpi05_progress": "kpi05_strategic_roadmap",
    "kpi06_progress": "kpi06_tactical_roadmap",
    "kpi10_progress": "kpi10_legacy_alternatives",
    "kpi14_employee_satisfaction": "kpi14_employee_satisfaction",
    "kpi15_first_nps": "kpi15_first_nps",
    "kpi18_audit_progress": "kpi18_iso_isae",
    "kpi20_progress": "kpi20_pnl_per_line",
}
SLIPS = {"kpi05_plan_slip": "kpi05_strategic_roadmap", "kpi06_plan_slip": "kpi06_tactical_roadmap"}


def plan(kpi: str) -> dict[str, str]:
    """Of rpa both milestones are done, the second three weeks late; of awi one, before its day. Others do not count."""
    return {
        "milestone": f"""
        kpi   | item | milestone | weight_e2 | baseline_day | actual_day
        {kpi} | rpa  | concept   | 100       | 2026-01-05   | 2026-01-05
        {kpi} | rpa  | agreed    | 300       | 2026-01-20   | 2026-02-10
        {kpi} | awi  | concept   | 100       | 2026-01-10   |
        {kpi} | awi  | agreed    | 300       | 2026-03-01   | 2026-02-20
        other | rpa  | concept   | 900       | 2026-01-01   |
        """
    }


@pytest.mark.parametrize("kpi", ITEMS)
def test_an_item_is_done_when_all_its_milestones_are(recount, kpi: str) -> None:
    recount(
        kpi,
        plan(kpi),
        """
        day        | value | numerator | denominator | n
        2026-02-09 | 0     | 0         | 2           | 2
        2026-02-10 | 50    | 1         | 2           | 2
        2026-02-20 | 50    | 1         | 2           | 2
        """,
    )
    recount(kpi, {}, "day | value | denominator | status\n2025-07-01 | - | 0 | no_data")


@pytest.mark.parametrize(("kpi", "of"), PROGRESS.items())
def test_progress_is_the_weight_of_what_is_done(recount, kpi: str, of: str) -> None:
    recount(
        kpi,
        plan(of),
        """
        day        | value | numerator | denominator | n
        2026-01-04 | 0     | 0         | 8           | 4
        2026-01-05 | 12.5  | 1         | 8           | 4
        2026-02-10 | 50    | 4         | 8           | 4
        2026-02-20 | 87.5  | 7         | 8           | 4
        """,
    )
    recount(kpi, {}, "day | value | denominator | status\n2025-07-01 | - | 0 | no_data")


@pytest.mark.parametrize(("kpi", "of"), SLIPS.items())
def test_slip_is_the_age_of_the_oldest_milestone_that_is_due_and_not_done(recount, kpi: str, of: str) -> None:
    """awi's concept was due on 10 January; exactly 14 and exactly 30 days are not more than that."""
    recount(
        kpi,
        plan(of),
        """
        day        | value | n | reason    | status
        2026-01-04 | -     | 0 | none_open | ok
        2026-01-05 | -     | 0 | none_open | ok
        2026-01-10 | 0     | 1 | -         | ok
        2026-01-24 | 14    | 2 | -         | ok
        2026-01-25 | 15    | 2 | -         | warning
        2026-02-09 | 30    | 2 | -         | warning
        2026-02-10 | 31    | 1 | -         | critical
        """,
    )


def test_an_audit_action_is_overdue_the_day_after_its_date(recount) -> None:
    recount(
        "kpi18_audit_overdue",
        plan("kpi18_iso_isae"),
        "day | value | status\n2026-01-05 | - | ok\n2026-01-10 | 0 | ok\n2026-01-11 | 1 | warning",
    )


DEADLINES = {
    "kpi14_employee_satisfaction": "2026-01-01",
    "kpi15_first_nps": "2026-01-01",
    "kpi20_pnl_per_line": "2025-12-31",
}


@pytest.mark.parametrize(("kpi", "last"), DEADLINES.items())
def test_done_on_the_last_day_is_in_time_and_a_day_later_is_not(recount, kpi: str, last: str) -> None:
    before = {"2026-01-01": "2025-12-31", "2025-12-31": "2025-12-30"}[last]
    row = "kpi | item | milestone | weight_e2 | baseline_day | actual_day\n{kpi} | a | b | 100 | 2025-12-01 | {done}"
    in_time, late = row.format(kpi=kpi, done=last), row.format(kpi=kpi, done="2026-01-02")
    recount(kpi, {"milestone": in_time}, f"day | value | status\n{before} | 0 | below_target\n{last} | 100 | ok")
    recount(kpi, {"milestone": late}, f"day | value | status\n{last} | 0 | critical\n2026-01-02 | 100 | ok")


def test_a_milestone_entered_late_restates_the_days_since_it_was_done(recount) -> None:
    """Looked at on the day before and after somebody wrote down that it was done on 29 December."""
    row = "kpi | item | milestone | weight_e2 | baseline_day | actual_day\nkpi15_first_nps | a | b | 100 | 2025-12-20 | {}"
    for done, value in (("", 0), ("2025-12-29", 100)):
        facts = {"milestone": row.format(done)}
        recount("kpi15_first_nps", facts, f"day | value\n2025-12-28 | 0\n2025-12-29 | {value}", now="2026-01-12 12:00")


TRANCHES = {
    "milestone": """
    kpi                      | item      | milestone | weight_e2 | baseline_day | actual_day
    kpi09_azure_migration    | infofolio | 1         | 1000      | 2026-01-05   | 2026-01-05
    kpi09_azure_migration    | infofolio | 2         | 1000      | 2026-02-05   | 2026-02-20
    kpi09_azure_migration    | infofolio | 3         | 1000      | 2026-02-10   |
    kpi09_azure_migration    | infofolio | 4         | 2000      | 2026-02-15   |
    kpi09_azure_migration    | infofolio | 5         | 5000      | 2026-12-01   | 2026-03-01
    kpi09_systems_phased_out | systems   | mail      | 100       | 2026-01-01   | 2026-02-02
    kpi09_systems_phased_out | systems   | batch     | 100       | 2026-01-01   |
    """
}


def test_migration_beside_its_plan(recount) -> None:
    """Exactly 10 and exactly 20 points behind are not more than that; in March it is ahead."""
    days = ["2026-01-04", "2026-01-05", "2026-02-05", "2026-02-10", "2026-02-15", "2026-02-20", "2026-03-01"]
    done, planned = (0, 10, 10, 10, 10, 20, 70), (0, 10, 20, 30, 50, 50, 50)
    status = ["ok", "ok", "ok", "warning", "critical", "critical", "ok"]
    for kpi, values in (("kpi09_azure_migration", done), ("kpi09_planned", planned)):
        recount(kpi, TRANCHES, "day | value\n" + "\n".join(f"{d} | {v}" for d, v in zip(days, values, strict=True)))
    behind = [p - d for p, d in zip(planned, done, strict=True)]
    table = "\n".join(f"{d} | {v} | {s}" for d, v, s in zip(days, behind, status, strict=True))
    recount("kpi09_behind_plan", TRANCHES, f"day | value | status\n{table}")
    recount("kpi09_behind_plan", {}, "day | value\n2026-01-05 | -")
    recount("kpi09_systems_phased_out", TRANCHES, "day | value\n2026-02-01 | 0\n2026-02-02 | 1")


def test_exactly_twenty_points_behind_is_a_warning(recount) -> None:
    rows = TRANCHES["milestone"].replace("2026-02-15   |", "2026-09-15   |")
    recount("kpi09_behind_plan", {"milestone": rows}, "day | value | status\n2026-02-10 | 20 | warning")


REGIMES = {
    "milestone": """
    kpi              | item   | milestone | weight_e2 | baseline_day | actual_day
    kpi19_dora_aiact | dora   | gap       | 2500      | 2026-01-10   | 2026-01-10
    kpi19_dora_aiact | dora   | plan      | 2500      | 2026-02-10   | 2026-02-12
    kpi19_dora_aiact | dora   | build     | 2500      | 2026-03-10   | 2026-03-01
    kpi19_dora_aiact | dora   | validate  | 2500      | 2026-04-10   |
    kpi19_dora_aiact | ai-act | gap       | 2500      | 2026-02-10   |
    kpi19_dora_aiact | ai-act | plan      | 2500      | 2026-05-10   |
    kpi19_dora_aiact | ai-act | build     | 2500      | 2026-06-10   |
    kpi19_dora_aiact | ai-act | validate  | 2500      | 2026-07-10   | 2026-03-05
    """
}


def test_two_regimes_weigh_the_same(recount) -> None:
    days = ["2026-01-09", "2026-01-10", "2026-02-12", "2026-03-05"]
    for kpi, values in {
        "kpi19_dora": (0, 25, 50, 75),
        "kpi19_ai_act": (0, 0, 0, 25),
        "kpi19_dora_aiact": (0, 12.5, 25, 50),
        "kpi19_planned": (0, 12.5, 37.5, 37.5),
        "kpi19_behind_plan": (0, 0, 12.5, -12.5),
    }.items():
        recount(kpi, REGIMES, "day | value\n" + "\n".join(f"{d} | {v}" for d, v in zip(days, values, strict=True)))
    recount("kpi19_behind_plan", REGIMES, "day | status\n2026-01-10 | ok\n2026-02-12 | warning\n2026-03-05 | ok")
    recount("kpi19_dora", {}, "day | value\n2026-01-09 | -")


CERTIFICATES = {
    "certificate": """
    name              | valid_from_day | valid_until_day | expires_day | expiring_day
    ISO 27001         | 2024-02-01     | 2027-01-31      | 2027-02-01  | 2026-11-03
    ISAE 3402 type II | 2025-10-01     | 2026-09-30      | 2026-10-01  | 2026-07-03
    ISAE 3402 type II | 2026-10-09     | 2027-10-08      | 2027-10-09  | 2027-07-11
    """
}


def test_compliant_only_while_both_certificates_are_valid(recount) -> None:
    """Eight days without an ISAE report; on the last day it is still valid, on the first of the next one again."""
    recount(
        "kpi18_iso_isae",
        CERTIFICATES,
        """
        day        | value | numerator | denominator | status
        2025-09-30 | 0     | 1         | 2           | critical
        2026-09-30 | 1     | 2         | 2           | ok
        2026-10-01 | 0     | 1         | 2           | critical
        2026-10-08 | 0     | 1         | 2           | critical
        2026-10-09 | 1     | 2         | 2           | ok
        """,
    )
    recount("kpi18_iso_isae", {}, "day | value\n2026-09-30 | 0")


def test_certificates_are_announced_ninety_days_ahead(recount) -> None:
    recount(
        "kpi18_expiring",
        CERTIFICATES,
        """
        day        | value | status
        2026-07-02 | 0     | ok
        2026-07-03 | 1     | warning
        2026-09-30 | 1     | warning
        2026-10-01 | 0     | ok
        2026-11-03 | 1     | warning
        """,
    )

"""Kinds over registers (milestones, validity, ordinal, latest), on plans and grades small enough to check by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.metrics.kinds import PARAMS

Counted = Callable[..., None]

# Two services of two criteria each; "b" is done on 3 March but for its second criterion, entered with a later day.
PLAN = """
kpi   | item | milestone | weight_e2 | baseline_day | actual_day
kpi10 | a    | works     | 3000      | 2026-02-01   | 2026-03-01
kpi10 | a    | sold      | 1000      | 2026-02-15   | 2026-03-05
kpi10 | b    | works     | 3000      | 2026-03-01   | 2026-03-03
kpi10 | b    | sold      | 1000      | 2026-03-10   |
kpi99 | x    | y         | 9900      | 2026-01-01   | 2026-01-01
"""
OF_KPI10 = {"fact": "milestone", "where": "kpi = 'kpi10'", "item": "item", "weight": "weight_e2", "done": "actual_day"}

CERTIFICATES = """
name     | valid_from_day | valid_until_day | expires_day
ISO      | 2025-01-10     | 2026-01-09      | 2026-01-10
ISO      | 2026-01-05     | 2027-01-04      | 2027-01-05
ISAE     | 2026-01-08     | 2026-12-31      | 2026-02-01
Other    | 2020-01-01     | 2030-01-01      | 2030-01-02
"""
GRADES = """
subject | graded_day | grade | rank
pentest | 2026-01-10 | A     | 1
pentest | 2026-02-01 | A+    | 0
pentest | 2026-06-01 | B-    | 5
pentest | 2026-07-01 | Z     | 0
other   | 2026-02-02 | F     | 12
"""
SCORES = """
branch | measured_day | score_e2
main   | 2026-03-01   | 812
main   | 2026-03-08   | 790
trial  | 2026-03-09   | 100
"""
SCORECARD = """
kpi  | segment | period_start_day | period_end_day | value_e6 | numerator_e6 | denominator_e6 | entered_at
conv |         | 2026-03-02       | 2026-03-08     | 33300000 | 1000000      | 3000000        | 2026-03-09 10:00
conv |         | 2026-03-09       | 2026-03-15     | 40000000 |              |                | 2026-03-16 10:00
conv |         | 2026-03-10       | 2026-03-15     | 50000000 | 0            | 0              | 2026-03-16 11:00
new  |         | 2026-03-09       | 2026-03-15     | 7000000  |              |                | 2026-03-16 10:00
"""


@pytest.fixture
def recounted(recount: Callable[..., None], mister_dj: Company) -> Counted:
    """Recounts a KPI with these parameters over one fact."""

    def check(table: str, expected: str, *, kind: str, now: str = "2026-11-22 12:00", **params: Any) -> None:
        own = {name: value for name, value in params.items() if name in PARAMS[kind].model_fields}
        rest = {name: value for name, value in params.items() if name not in own}
        described = {"unit": "percent", "better": "higher", "cadence": "monthly", "origin": "by hand", **rest}
        kpi = Kpi(
            id="it",
            company="mister_dj",
            name={"nl": "it", "en": "it"},
            kind=kind,
            params=PARAMS[kind].model_validate(own),
            window="at day end",
            file="",
            line=1,
            **described,
        )
        fact = own["of"]["fact"]
        recount("it", {fact: table}, expected, now=now, company=mister_dj.model_copy(update={"kpis": {"it": kpi}}))

    return check


def test_milestones_by_weight_count_from_the_day_they_are_done(recounted: Counted) -> None:
    """80 points of weight in all, of kpi10 alone; done on a day counts at the end of that day."""
    recounted(
        PLAN,
        """
        day        | value | numerator | denominator | n | status
        2026-02-28 | 0     | 0         | 80          | 4 | below_target
        2026-03-01 | 37.5  | 30        | 80          | 4 | below_target
        2026-03-03 | 75    | 60        | 80          | 4 | below_target
        2026-03-05 | 87.5  | 70        | 80          | 4 | ok
        2026-11-21 | 87.5  | 70        | 80          | 4 | ok
        """,
        kind="milestones",
        of=OF_KPI10,
        take="weight",
        target=">= 87.5",
    )


def test_items_count_once_all_their_milestones_are_done(recounted: Counted) -> None:
    recounted(
        PLAN,
        """
        day        | value | numerator | denominator | n
        2026-03-04 | 0     | 0         | 2           | 2
        2026-03-05 | 50    | 1         | 2           | 2
        2026-11-21 | 50    | 1         | 2           | 2
        """,
        kind="milestones",
        of=OF_KPI10,
        take="items",
    )


def test_a_milestone_done_today_counts_on_the_running_day_and_one_of_tomorrow_does_not(recounted: Counted) -> None:
    for now, value in (("2026-03-03 00:01", "75"), ("2026-03-02 23:59", "37.5")):
        recounted(PLAN, f"day | value\n{now[:10]} | {value}", kind="milestones", of=OF_KPI10, take="weight", now=now)


def test_the_plan_is_the_same_kind_over_its_baseline(recounted: Counted) -> None:
    recounted(
        PLAN,
        """
        day        | value
        2026-01-31 | 0
        2026-02-15 | 50
        2026-03-10 | 100
        """,
        kind="milestones",
        of={**OF_KPI10, "done": "baseline_day"},
        take="weight",
    )


def test_a_plan_without_milestones_has_no_value(recounted: Counted) -> None:
    recounted(
        PLAN,
        """
        day        | value | denominator | n | status
        2026-03-05 | -     | 0           | 0 | no_data
        """,
        kind="milestones",
        of={**OF_KPI10, "where": "kpi = 'kpi11'"},
        take="items",
    )


def test_certificates_are_valid_only_together_and_an_overlapping_renewal_counts_once(recounted: Counted) -> None:
    """ISAE begins on 8 January and is revoked on 1 February; ISO is renewed five days before it ends."""
    recounted(
        CERTIFICATES,
        """
        day        | value | numerator | denominator | n | status
        2025-01-09 | 0     | 0         | 2           | 2 | critical
        2025-01-10 | 0     | 1         | 2           | 2 | critical
        2026-01-07 | 0     | 1         | 2           | 2 | critical
        2026-01-08 | 1     | 2         | 2           | 2 | ok
        2026-01-10 | 1     | 2         | 2           | 2 | ok
        2026-01-31 | 1     | 2         | 2           | 2 | ok
        2026-02-01 | 0     | 1         | 2           | 2 | critical
        """,
        kind="validity",
        of={"fact": "certificate", "name": "name", "since": "valid_from_day", "until": "expires_day"},
        names=["ISO", "ISAE"],
        unit="count",
        target=">= 1",
        critical="< 1",
    )


def test_the_last_grade_stands_until_it_is_too_old(recounted: Counted) -> None:
    """92 days after 1 February is 4 May: still good, stale the day after. A grade nobody listed is no grade."""
    recounted(
        GRADES,
        """
        day        | text | value | n | status       | reason
        2026-01-09 | -    | -     | 0 | no_data      | -
        2026-01-10 | A    | 2     | 1 | warning      | -
        2026-01-31 | A    | 2     | 1 | warning      | -
        2026-02-01 | A+   | 3     | 1 | ok           | -
        2026-05-04 | A+   | 3     | 1 | ok           | -
        2026-05-05 | A+   | 3     | 1 | stale        | outdated
        2026-06-01 | B-   | 0     | 1 | critical     | -
        2026-07-01 | -    | -     | 1 | no_data      | unlisted
        """,
        kind="ordinal",
        of={"fact": "grade", "where": "subject = 'pentest'", "on": "graded_day"},
        grade="grade",
        stale_after="92 days",
        unit="grade",
        grades=("B-", "A-", "A", "A+"),
        target=">= A+",
        warning="< A+",
        critical="< A",
    )


def test_the_latest_score_is_in_its_own_unit_and_stale_by_its_own_rule(recounted: Counted) -> None:
    recounted(
        SCORES,
        """
        day        | value | numerator | n | status
        2026-02-28 | -     | -         | 0 | no_data
        2026-03-01 | 8.12  | -         | 1 | ok
        2026-03-07 | 8.12  | -         | 1 | ok
        2026-03-08 | 7.9   | -         | 1 | below_target
        2026-03-15 | 7.9   | -         | 1 | below_target
        2026-03-16 | 7.9   | -         | 1 | stale
        """,
        kind="latest",
        of={"fact": "quality_score", "where": "branch = 'main'", "on": "measured_day", "entry": "score_e2"},
        value="score_e2",
        stale_after="7 days",
        unit="score",
        target="> 8",
    )


def test_a_reported_figure_is_its_exact_quotient_where_that_is_given(recounted: Counted) -> None:
    """33,3 as written is 1 ÷ 3; a correction of the same day, entered later, stands; 0 ÷ 0 leaves what was written."""
    recounted(
        SCORECARD,
        """
        day        | value | numerator | denominator | n
        2026-03-07 | -     | -         | -           | 0
        2026-03-08 | 100/3 | 1         | 3           | 1
        2026-03-14 | 100/3 | 1         | 3           | 1
        2026-03-15 | 50    | 0         | 0           | 1
        """,
        kind="latest",
        of={"fact": "scorecard_value", "where": "kpi = 'conv'", "on": "period_end_day", "entry": "entered_at"},
        value="value_e6",
        numerator="numerator_e6",
        denominator="denominator_e6",
    )


@pytest.mark.parametrize(
    ("kind", "params", "said"),
    [
        ("latest", {"value": "score_e2", "numerator": "score_e2"}, "`numerator` and `denominator` go together"),
        ("latest", {"value": "score_e2", "stale_after": "36 hours"}, "`stale_after` is in whole days"),
        ("ordinal", {"grade": "grade", "stale_after": "36 hours"}, "`stale_after` is in whole days"),
        ("milestones", {"take": "all"}, "Input should be 'weight' or 'items'"),
        ("validity", {"names": []}, "at least 1 item"),
    ],
)
def test_parameters_that_mean_nothing_are_refused(kind: str, params: dict[str, Any], said: str) -> None:
    of = {
        "latest": {"fact": "quality_score", "on": "measured_day", "entry": "score_e2"},
        "ordinal": {"fact": "grade", "on": "graded_day"},
        "milestones": OF_KPI10,
        "validity": {"fact": "certificate", "name": "name", "since": "valid_from_day", "until": "expires_day"},
    }[kind]
    with pytest.raises(ValueError, match=said):
        PARAMS[kind].model_validate({"of": of, **params})

"""What a rule has not judged yet, and what of the past it lends its numbers to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from kpi_pipeline.alerts.model import AlertState
from kpi_pipeline.alerts.unjudged import rows_after, unjudged
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Rule
from kpi_pipeline_tests.alerts.observing import observation

MONDAY, DAY = datetime(2026, 3, 2, tzinfo=UTC), timedelta(days=1)


@pytest.mark.parametrize(("weeks", "said"), [(1, None), (2, None), (3, "warning")])
def test_a_weekly_rule_pools_weeks_and_not_days(company: Company, weeks: int, said: str | None) -> None:
    """Every day has a value of five records, twelve are needed: three weeks have them, two weeks do not."""
    kpi = company.kpis["conversion"].model_copy(update={"min_n": 12})
    rule = Rule.model_validate(
        {"id": "low", "kpi": "conversion", "warning": "< 28", "every": "week", "accumulate": weeks}
    )
    rows = [replace(observation(MONDAY + offset * DAY, 20, "low_sample"), n=5) for offset in range(21)]
    state = AlertState("acme", "conversion", "low", judged_day=date(2026, 3, 15))
    after = rows_after(rule, state.judged_day)
    needed = [row for row in rows if after is None or row.day > after]
    (reading,) = unjudged(rule, kpi, state, needed, (), MONDAY + 40 * DAY).found
    assert (reading.day, reading.level) == (date(2026, 3, 22), said)

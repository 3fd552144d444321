"""What the numbers say of a decision: the KPI when it was taken, and now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.alerts.effects import effect_of
from kpi_pipeline.catalogue import Company
from kpi_pipeline.history.observation import Observation

Observed = Callable[..., Observation]
DECIDED = datetime(2026, 3, 6, 12, tzinfo=UTC)  # during the fifth day; the fourth ended on 5 March at 23:00 UTC


@pytest.mark.parametrize(
    ("values", "change", "improved"),
    [([20, 21, 22, 23, 24, 25], "2", True), ([20, 21, 25, 25, 24, 23], "-2", False), ([1, 2, 3, 5, 9, 5], "0", None)],
)
def test_the_last_complete_value_before_is_compared_with_the_newest(
    company: Company, observed: Observed, values: list[int], change: str, improved: bool | None
) -> None:
    rows = [observed(offset, value, "ok") for offset, value in enumerate(values)]
    found = effect_of("conversion", rows, DECIDED)
    assert found is not None
    assert (found.before.value, found.after.value) == (values[3], values[5])
    assert (found.change, found.improved(company.kpis["conversion"])) == (Decimal(change), improved)
    assert found.series == tuple(map(Decimal, values[1:]))


def test_of_a_kpi_that_is_better_when_lower_less_is_better(company: Company, observed: Observed) -> None:
    rows = [observed(offset, value, "ok") for offset, value in enumerate([20, 20, 20, 20, 20, 15])]
    found = effect_of("conversion", rows, DECIDED)
    assert found is not None
    assert found.improved(company.kpis["conversion"].model_copy(update={"better": "lower"})) is True


def test_a_window_that_still_holds_days_from_before_is_not_clear(observed: Observed) -> None:
    rows = [observed(offset, 20, "ok") for offset in range(40)]
    found = effect_of("conversion", rows, DECIDED)
    assert found is not None
    assert found.is_clear(DECIDED), "30 days that began on the eleventh"
    soon = effect_of("conversion", rows[:20], DECIDED)
    assert soon is not None
    assert not soon.is_clear(DECIDED)


def test_without_a_complete_value_on_either_side_nothing_is_said(observed: Observed) -> None:
    days = [observed(offset, 20, "ok") for offset in range(4)]
    assert effect_of("conversion", days, DECIDED) is None
    running = observed(5, 30, "ok", closed=False)
    unknown = observed(6, None, "no_data")
    assert effect_of("conversion", [*days, running, unknown], DECIDED) is None
    assert effect_of("conversion", [observed(6, 20, "ok")], DECIDED) is None


def test_half_a_period_counts_for_neither_side(observed: Observed) -> None:
    """The day on which it was decided ends after it: what was measured then is not from before."""
    rows = [observed(offset, 10 * offset, "ok") for offset in range(6)]
    found = effect_of("conversion", rows, rows[4].period_end - timedelta(seconds=1))
    assert found is not None
    assert (found.before.day, found.after.day) == (rows[3].day, rows[5].day)

"""What one observation means for an alert."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kpi_pipeline.alerts.policy import AlertState, decide
from kpi_pipeline.history.observation import Observation

NOW = datetime(2026, 3, 20, tzinfo=UTC)
START = AlertState(company="acme", subject="conversion", rule="threshold")
Observed = Callable[..., Observation]


@pytest.mark.parametrize(
    ("statuses", "notices", "why"),
    [
        (["ok", "below_target", "ok"], [], "still_ok"),
        (["warning"], ["first_breach"], "ok_to_warning"),
        (["warning", "warning", "warning"], ["first_breach"], "still_warning"),
        (["warning", "critical"], ["first_breach", "worse"], "warning_to_critical"),
        (["critical", "warning"], ["first_breach", "better"], "critical_to_warning"),
        (["critical", "ok"], ["first_breach", "resolved"], "critical_to_ok"),
        (["critical", "below_target"], ["first_breach", "resolved"], "critical_to_ok"),
        (["critical", "no_data", "ok"], ["first_breach", "resolved"], "critical_to_ok"),
        (["critical", "low_sample"], ["first_breach"], "kept_on_low_sample"),
        (["warning", "stale", "warning"], ["first_breach"], "still_warning"),
        (["no_data", "ok"], [], "still_ok"),
        (["warning", "ok", "warning"], ["first_breach", "resolved", "first_breach"], "ok_to_warning"),
    ],
)
def test_notices_are_told_once_per_change(
    observed: Observed, statuses: list[str], notices: list[str], why: str
) -> None:
    state, told = START, []
    for offset, status in enumerate(statuses):
        decision = decide(state, observed(offset, 20, status), NOW, higher_is_better=True)
        state = decision.state
        if decision.notice is not None:
            told.append(decision.notice)
    assert (told, decision.why, state.notices) == (notices, why, len(notices))


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"closed": False}, "period_not_complete"), ({"provisional": True}, "value_not_settled")],
)
def test_what_may_still_move_is_not_judged(observed: Observed, changes: dict[str, bool], why: str) -> None:
    decision = decide(START, observed(0, 1, "critical", **changes), NOW, higher_is_better=True)
    assert (decision.state, decision.notice, decision.why) == (START, None, why)


def test_a_restated_past_day_opens_nothing(observed: Observed) -> None:
    judged = decide(START, observed(3, 40, "ok"), NOW, higher_is_better=True).state
    decision = decide(judged, observed(2, 1, "critical"), NOW, higher_is_better=True)
    assert (decision.notice, decision.why) == (None, "day_already_judged")


@pytest.mark.parametrize(("higher_is_better", "worst"), [(True, 20), (False, 27)])
def test_the_worst_value_is_kept_by_direction(observed: Observed, higher_is_better: bool, worst: int) -> None:
    state = START
    for offset, value in enumerate([25, 27, 20]):
        status = "warning"
        state = decide(state, observed(offset, value, status), NOW, higher_is_better=higher_is_better).state
    assert (state.worst, state.since_day) == (Decimal(worst), observed(0, 1, "ok").day)

"""A value out of line with its own history is suspect; noise, trends, weekdays and month starts are not."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kpi_pipeline.catalogue.materiality import Materiality
from kpi_pipeline.history.audits import FEWEST, audit
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.history.verdicts import Verdict
from kpi_pipeline_tests.history.test_store import observed

LAST = date(2026, 6, 30)
POINT = Materiality(step=Decimal("0.1"))


def row(day: date, value: float | None, **changed: Any) -> Recorded:
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    content = {
        "day": day,
        "value": None if value is None else Decimal(str(round(value, 4))),
        "period_start": end - timedelta(days=30),
        "period_end": end,
        "n": 100,
        **changed,
    }
    base = observed(**content)
    fields = {name: getattr(base, name) for name in type(base).__match_args__}
    return Recorded(**fields, run_id="r", recorded_at=end, superseded_at=None, cause="first")


def series(values: list[float | None], **changed: Any) -> list[Recorded]:
    first = LAST - timedelta(days=len(values) - 1)
    return [row(first + timedelta(days=index), value, **changed) for index, value in enumerate(values)]


def noise(days: int = 200, *, slope: float = 0, weekend: float = 0, seed: int = 7) -> list[float | None]:
    chance = random.Random(seed)
    found: list[float | None] = []
    for index in range(days):
        day = LAST - timedelta(days=days - 1 - index)
        found.append(50 + slope * index + chance.gauss(0, 1) + (weekend if day.weekday() > 4 else 0))
    return found


def judged(rows: list[Recorded]) -> dict[str, Verdict]:
    return {each.rule: each for each in audit("nps", rows, POINT)}


@pytest.mark.parametrize("values", [noise(), noise(slope=0.3), noise(weekend=-30), noise(slope=-0.2, weekend=10)])
def test_noise_trends_and_weekends_are_in_line(values: list[float | None]) -> None:
    found = judged(series(values))
    assert {rule: each.verdict for rule, each in found.items()} == {"level": "ok", "trend": "ok", "volume": "ok"}


def test_of_many_quiet_days_hardly_any_is_suspect() -> None:
    values = noise(600, slope=0.05, weekend=-5)
    rows = series(values)
    verdicts = [each for end in range(200, 600) for each in audit("nps", rows[:end], POINT)]
    assert sum(each.is_open for each in verdicts) / len(verdicts) < 0.005


def test_a_jump_is_suspect_with_what_was_expected_and_how_far_off_it_is() -> None:
    found = judged(series([*noise()[:-1], 90.0]))
    level = found["level"]
    assert (level.verdict, level.value, level.kpis) == ("suspect", 90, ("nps",))
    assert level.expected is not None
    assert level.score is not None
    assert 45 < level.expected < 55
    assert level.score > 6
    assert found["trend"].verdict == "suspect"


def test_a_fall_of_the_records_behind_it_is_suspect_and_a_rise_is_not() -> None:
    rows = series(noise())
    partial = [*rows[:-1], row(LAST, 50, n=20)]
    assert judged(partial)["volume"].verdict == "suspect"
    assert judged([*rows[:-1], row(LAST, 50, n=900)])["volume"].verdict == "ok"


def test_a_series_that_never_moved_is_not_suspect_below_its_materiality() -> None:
    still: list[float | None] = [99.9] * 200
    assert judged(series([*still, 99.5]))["level"].verdict == "ok"
    assert judged(series([*still, 95.0]))["level"].verdict == "suspect"


def test_a_month_to_date_is_compared_with_the_same_point_of_other_months() -> None:
    """It grows by 10 a day and starts anew each month; a first of the month is no fall."""
    rows = []
    day = date(2024, 1, 1)
    while day <= date(2026, 7, 1):
        start = datetime(day.year, day.month, 1, tzinfo=UTC)
        rows.append(row(day, day.day * 10 + (day.month % 3), period_start=start))
        day += timedelta(days=1)
    assert rows[-1].day.day == 1
    found = judged(rows)
    assert (found["level"].verdict, found["trend"].verdict) == ("ok", "not_evaluated")
    assert judged(rows[:-1])["level"].verdict == "ok"
    assert judged([*rows[:-2], row(date(2026, 6, 30), 900, period_start=rows[-2].period_start)])["level"].is_open


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (series([None]), "no_value"),
        (series([1.0] * FEWEST), "too_little_history"),
        (series([*noise()[:-1], None]), "no_value"),
    ],
)
def test_what_cannot_be_judged_is_not_called_good(rows: list[Recorded], reason: str) -> None:
    level = judged(rows)["level"]
    assert (level.verdict, level.reason, level.is_open) == ("not_evaluated", reason, False)


def test_nothing_gives_no_verdicts() -> None:
    assert audit("nps", [], POINT) == []

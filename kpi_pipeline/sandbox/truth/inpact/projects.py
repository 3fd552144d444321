"""Customer projects: money against budget, time against the contract."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from kpi_pipeline.sandbox.truth.periods import BusinessDay
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, ratio
from kpi_pipeline.sandbox.world.model import ProjectVersion, World
from kpi_pipeline.sandbox.world.model.paperwork import known

PERCENT = Fraction(100)


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    versions = sorted(known(world.project_versions, now), key=lambda version: (version.project_id, version.as_of))
    found: Series = {
        name: {}
        for name in (
            "kpi21_project_overrun",
            "kpi21b_overrun_ratio",
            "kpi21a_share",
            "kpi21_overrun_sum",
            "kpi21_overrun_finished",
            "kpi21_overrun_running",
            "kpi21_without_budget",
            "kpi22_project_late",
            "kpi22_days_late",
            "kpi22_rebaselined",
        )
    }
    for day in days:
        on = day.day
        current = _current(versions, on)
        paid = [each for each in current if each.budget > 0]
        over = sum(1 for each in paid if _cost(each) * 10 > each.budget * 11)
        overrun = sum(_cents(max(Decimal(0), _cost(each) - each.budget)) for each in paid)
        budget = sum(_cents(each.budget) for each in paid)
        main = _against_budget(paid)
        found["kpi21_project_overrun"][on] = main
        quotient = None if main.value is None else main.value / 100
        found["kpi21b_overrun_ratio"][on] = TruthValue(quotient, main.value, 100, main.n)
        found["kpi21a_share"][on] = ratio(over, len(paid), n=len(paid), scale=PERCENT)
        found["kpi21_overrun_sum"][on] = ratio(overrun, budget, n=budget, scale=PERCENT)
        found["kpi21_overrun_finished"][on] = _against_budget([each for each in paid if _finished(each)])
        found["kpi21_overrun_running"][on] = _against_budget([each for each in paid if not _finished(each)])
        found["kpi21_without_budget"][on] = count(len(current) - len(paid))
        late = [(_end(each) - _promised(versions, each)).days for each in current]
        planned = [(_promised(versions, each) - each.start).days for each in current]
        too_late = sum(1 for days_late, length in zip(late, planned, strict=True) if days_late * 100 > length * 20)
        found["kpi22_project_late"][on] = ratio(too_late, len(current), n=len(current), scale=PERCENT)
        behind = [days_late for days_late in late if days_late > 0]
        found["kpi22_days_late"][on] = ratio(sum(behind), len(behind), n=len(behind))
        moved = sum(1 for each in current if each.baseline_end != _promised(versions, each))
        found["kpi22_rebaselined"][on] = count(moved)
    return found


def _current(versions: list[ProjectVersion], on: date) -> list[ProjectVersion]:
    """The newest version of each project that is running, or finished in the month of `on`."""
    newest: dict[str, ProjectVersion] = {}
    for version in versions:
        if version.as_of <= on:
            newest[version.project_id] = version
    return [each for each in newest.values() if each.actual_end is None or _month(each.actual_end) >= _month(on)]


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def _cost(version: ProjectVersion) -> Decimal:
    """At completion: what was spent and what is still expected."""
    return version.cost + version.remaining


def _finished(version: ProjectVersion) -> bool:
    return version.actual_end is not None


def _end(version: ProjectVersion) -> date:
    return version.actual_end or version.forecast_end or version.baseline_end


def _promised(versions: list[ProjectVersion], version: ProjectVersion) -> date:
    """The contract's end date: that of the first version, whatever was agreed later."""
    return next(each.baseline_end for each in versions if each.project_id == version.project_id)


def _against_budget(projects: list[ProjectVersion]) -> TruthValue:
    budget = sum(_cents(each.budget) for each in projects)
    return ratio(sum(_cents(_cost(each)) for each in projects), budget, n=budget, scale=PERCENT)


def _cents(amount: Decimal) -> int:
    return int(amount * 100)

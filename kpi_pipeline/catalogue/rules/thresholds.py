"""Warning and critical lie on the bad side of the target, critical beyond warning, for every day they are in force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from kpi_pipeline.catalogue.model import Company, Kpi, Threshold, in_force
from kpi_pipeline.errors import Issue

GOOD = {"higher": (">=", ">"), "lower": ("<=", "<")}
BAD = {"higher": ("<", "<="), "lower": (">", ">=")}


def thresholds_are_ordered(company: Company) -> Iterable[Issue]:
    for kpi in company.kpis.values():
        yield from _directions(kpi)
        # What is wrong on several days is one issue.
        yield from dict.fromkeys(issue for day in _change_days(kpi) for issue in _order(kpi, day))


def _directions(kpi: Kpi) -> Iterable[Issue]:
    for threshold in kpi.target:
        if threshold.op not in GOOD[kpi.better]:
            yield _issue(kpi, "target", f"target {threshold} points the wrong way: {kpi.better} is better")
    for name in ("warning", "critical"):
        for threshold in getattr(kpi, name):
            if threshold.op not in BAD[kpi.better]:
                yield _issue(kpi, name, f"{name} {threshold} points the wrong way: {kpi.better} is better")


def _change_days(kpi: Kpi) -> list[date]:
    dated = {item.since for item in (*kpi.target, *kpi.warning, *kpi.critical) if item.since is not None}
    return [date.min, *sorted(dated)]


def _order(kpi: Kpi, day: date) -> Iterable[Issue]:
    steps = [
        (name, found)
        for name in ("target", "warning", "critical")
        if (found := in_force(getattr(kpi, name), day)) is not None
    ]
    for (good_name, good), (bad_name, bad) in pairwise(steps):
        if _worse_or_equal(kpi, good, bad):
            continue
        yield _issue(kpi, bad_name, f"{bad_name} {bad} is on the good side of {good_name} {good}")


def _worse_or_equal(kpi: Kpi, good: Threshold, bad: Threshold) -> bool:
    return bad.value <= good.value if kpi.better == "higher" else bad.value >= good.value


def _issue(kpi: Kpi, key: str, message: str) -> Issue:
    return Issue(kpi.file, kpi.line_of(key), f"KPI {kpi.id}: {message}", rule="threshold")

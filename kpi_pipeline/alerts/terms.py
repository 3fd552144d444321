"""Rules over several KPIs: whether conditions hold together on a day, with "not known" as a third answer. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from kpi_pipeline.alerts import periods
from kpi_pipeline.alerts.model import Reading
from kpi_pipeline.catalogue.alerting import AnyOf, Rule, Term
from kpi_pipeline.catalogue.model import Kpi
from kpi_pipeline.catalogue.thresholds import OPERATORS
from kpi_pipeline.history.observation import Observation

Series = Mapping[date, Observation]
STATS = {"min": min, "max": max, "mean": lambda values: sum(values, Decimal(0)) / len(values)}
UNJUDGED = ("low_sample", "stale")


def readings(
    rule: Rule, kpis: Mapping[str, Kpi], series: Mapping[str, Series], after: date | None, closed_until: datetime
) -> Iterator[Reading]:
    """One reading a day, or a period when the rule says `every`, for days that all its KPIs have complete values of."""
    first, *others = (series[kpi] for kpi in rule.kpis)
    new = (day for day in first if after is None or day > after)
    for day in sorted(day for day in new if all(day in other for other in others)):
        if rule.every is not None and not periods.ends_period(day, rule.every):
            continue
        rows = [series[kpi][day] for kpi in rule.kpis]
        end = max(row.period_end for row in rows)
        if end > closed_until or not all(row.closed and not row.provisional for row in rows):
            continue
        yield judge(rule, kpis, series, day, end)


def judge(rule: Rule, kpis: Mapping[str, Kpi], series: Mapping[str, Series], day: date, end: datetime) -> Reading:
    """Whether the conditions hold on a day; not known when that turns on a value that is missing or too small."""
    if is_out_of_season(rule, kpis, series, day):
        return Reading(day, end, None, "not_judged")
    held = holds_all(rule.all_of or rule.unless_all, kpis, series, day)
    if held is None:
        return Reading(day, end, None, "undefined")
    breach = held if rule.all_of else not held
    return Reading(day, end, rule.level if breach else "ok", "breach" if breach else "good")


def is_out_of_season(rule: Rule, kpis: Mapping[str, Kpi], series: Mapping[str, Series], day: date) -> bool:
    """Whether the rule says nothing on a day: `only_when` is known not to hold."""
    return bool(rule.only_when) and holds_all(rule.only_when, kpis, series, day) is False


def guards_of(rule: Rule) -> tuple[str, ...]:
    """The KPIs that only say whether the rule says anything."""
    return tuple(kpi for kpi in rule.kpis if kpi != rule.kpi)


def in_season(
    rule: Rule, kpis: Mapping[str, Kpi], series: Mapping[str, Series], found: Sequence[Reading]
) -> list[Reading]:
    """The readings up to the first day of which `only_when` is not measured yet; out of season they have no level."""
    kept = []
    for reading in found:
        if any(reading.day not in series[kpi] for kpi in guards_of(rule)):
            break
        silent = is_out_of_season(rule, kpis, series, reading.day)
        kept.append(replace(reading, level=None, why="not_judged") if silent else reading)
    return kept


def holds_all(
    parts: Sequence[Term | AnyOf], kpis: Mapping[str, Kpi], series: Mapping[str, Series], day: date
) -> bool | None:
    """True, False, or None when nobody can know (Kleene: one that does not hold settles it whatever the others are)."""
    found = [_part(part, kpis, series, day) for part in parts]
    if False in found:
        return False
    return None if None in found else True


def _part(part: Term | AnyOf, kpis: Mapping[str, Kpi], series: Mapping[str, Series], day: date) -> bool | None:
    if isinstance(part, Term):
        return holds(part, kpis[part.kpi], series[part.kpi], day)
    found = [holds(term, kpis[term.kpi], series[term.kpi], day) for term in part.any_of]
    if found.count(True) >= part.at_least:
        return True
    return None if found.count(True) + found.count(None) >= part.at_least else False


def holds(term: Term, kpi: Kpi, series: Series, day: date) -> bool | None:
    """Whether one condition holds on a day; None when a value it needs is missing."""
    value = _value(series, day) if term.stat == "latest" else _stat(series, day, term.over, term.stat)
    if value is None:
        return None
    compare = term.compare
    if compare.period:
        before = _value(series, periods.last_end(day, compare.period))
        if before is None:
            return None
        gain = value - before if kpi.better == "higher" else before - value
        return gain > 0 and gain >= term.by
    if compare.stat:
        past = _stat(series, day, timedelta(days=compare.days), compare.stat)
        return None if past is None else bool(OPERATORS[compare.op](value, compare.value * past))
    return bool(OPERATORS[compare.op](value, compare.value))


def _value(series: Series, day: date) -> Decimal | None:
    row = series.get(day)
    if row is None or row.status in UNJUDGED:
        return None
    if row.value is None and row.status == "ok":
        return Decimal(0)  # nothing open, nothing waited: the extreme of nothing is none
    return row.value


def _stat(series: Series, day: date, over: timedelta, stat: str) -> Decimal | None:
    """Over the days (day − over, day]; days without a value are left out, and none at all is not known."""
    days = [day - timedelta(days=back) for back in range(max(1, over.days))]
    values = [value for each in days if (value := _value(series, each)) is not None]
    return STATS[stat](values) if values else None  # type: ignore[operator]

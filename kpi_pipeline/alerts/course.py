"""What became of alerts over a span of time: when they fired and for how long, how they flapped, who was told. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from kpi_pipeline.alerts.model import SEVERITY, AlertState, Level
from kpi_pipeline.alerts.routes import Route
from kpi_pipeline.catalogue.model import Rule

FLAP = timedelta(days=7)
PERIODS = {"day": 1, "week": 7, "fortnight": 14, "4 weeks": 28, "month": 31, "quarter": 92, "year": 366}


@dataclass(frozen=True, slots=True)
class Told:
    """One notice: when, why, at which level, and to whom through which channels."""

    at: datetime
    subject: str
    rule: str
    segment: str
    reason: str
    level: Level
    routes: tuple[Route, ...]

    @property
    def receivers(self) -> tuple[str, ...]:
        """Everybody it is for, each once."""
        return tuple(dict.fromkeys(name for route in self.routes for name in route.recipients))


@dataclass(frozen=True, slots=True)
class Alert:
    """One time that a rule fired: `ended_at` is None when it still did at the end, `level` the worst it came to."""

    since_day: date | None
    began_at: datetime
    ended_at: datetime | None
    level: Level
    worst: Decimal | None


@dataclass(frozen=True, slots=True)
class RuleCourse:
    """What one rule did over the span: its alerts, how often it flapped, and for how long it stood where.

    `flaps` counts the times it fired again within a week after it was over, or within two of its periods when those are
    longer. `spent` maps ok, pending, firing(warning), …, recovering to a length of time.
    """

    subject: str
    rule: str
    segment: str
    alerts: tuple[Alert, ...]
    flaps: int
    spent: Mapping[str, timedelta]
    notices: tuple[Told, ...]

    @property
    def fired(self) -> timedelta:
        return sum((spent for state, spent in self.spent.items() if state.startswith("firing")), timedelta(0))


@dataclass(slots=True)
class Course:
    """Follows one alert through [first, last); what was before `first` only says where it stands then."""

    rule: Rule
    first: datetime
    last: datetime
    stood: str = "ok"
    since: datetime | None = None
    spent: dict[str, timedelta] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)
    notices: list[Told] = field(default_factory=list)
    told: list[Route] = field(default_factory=list)  # of the episode that goes on

    def go(self, before: AlertState, after: AlertState, at: datetime) -> None:
        self._spend(at)
        self.stood = f"firing({after.level})" if after.phase == "firing" else after.phase
        if after.fires and not before.fires:
            self.alerts.append(Alert(after.since_day, at, None, after.level, after.worst))
            self.told = []
        elif before.fires and self.alerts:
            known = self.alerts[-1]
            level = max(known.level, after.level, key=SEVERITY.__getitem__)
            ended = None if after.fires else at
            self.alerts[-1] = replace(known, level=level, worst=after.worst, ended_at=ended)

    def tell(self, told: Told) -> None:
        self.told += told.routes
        if self.first <= told.at < self.last:
            self.notices.append(told)

    def end(self, state: AlertState) -> RuleCourse:
        """What it was over the span."""
        self._spend(self.last)
        alerts = [
            each
            for each in self.alerts
            if each.began_at < self.last and (each.ended_at is None or each.ended_at >= self.first)
        ]
        return RuleCourse(
            state.subject,
            self.rule.id,
            state.segment,
            tuple(alerts),
            _flaps(self.rule, alerts),
            {name: spent for name, spent in self.spent.items() if spent},
            tuple(self.notices),
        )

    def _spend(self, at: datetime) -> None:
        since = self.first if self.since is None else max(self.since, self.first)
        until = min(at, self.last)
        if until > since:
            self.spent[self.stood] = self.spent.get(self.stood, timedelta(0)) + (until - since)
        self.since = at


def _flaps(rule: Rule, alerts: Sequence[Alert]) -> int:
    near = max(FLAP, timedelta(days=2 * PERIODS[rule.every or "day"]))
    return sum(one.ended_at is not None and after.began_at - one.ended_at <= near for one, after in pairwise(alerts))

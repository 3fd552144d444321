"""What a company declares in alerts.yaml: rules beside the thresholds of its KPIs, who is told, and when nobody is."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from kpi_pipeline.catalogue.days import AnyDays
from kpi_pipeline.catalogue.entry import Duration, Entry, one_or_more, parse_days
from kpi_pipeline.catalogue.spans import AnySpan, Span
from kpi_pipeline.catalogue.thresholds import THRESHOLD, Thresholds

Texts = Mapping[str, str]
Every = Literal["day", "week", "fortnight", "4 weeks", "month", "quarter", "year"]
ONE = Span(1, "periods")
RELATIVE = re.compile(r"(>=|<=|>|<)\s*(\d+(?:\.\d+)?) x (mean|min|max) of (\d+) days")
BETTER = re.compile(r"better than last (week|month|quarter)")
# What routes, mutes and silences match on.
LABELS = ("company", "kpi", "rule", "owner", "severity", "group", "segment", "source")
SEVERITIES = ("info", "warning", "critical")
OWNERS, DEPUTY, MANAGEMENT, DATA_OWNERS = AUDIENCES = ("owners", "deputy", "management", "data_owners")
# Rules that every company has without declaring them: the thresholds of its KPIs, and what is found about its data.
IMPLIED = "threshold"
OF_DATA = ("data", "freshness", "load_failure", "run_failure", "register", "summary", "decision_overdue")
RESERVED = (IMPLIED, *OF_DATA)
DATA_GROUP = "data"  # the group of what is found about data: stale sources, failed runs, missing measurements


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a value must be: `op` and `value`; times a `stat` of its last `days` days; or better than last `period`."""

    text: str
    op: str = ""
    value: Decimal = Decimal(0)
    stat: str = ""
    days: int = 0
    period: str = ""


def parse_comparison(raw: object) -> object:
    """'> 40', '<= 1.2 x mean of 28 days' or 'better than last month' → Comparison; raises ValueError."""
    if not isinstance(raw, str):
        return raw
    text = raw.strip()
    if (match := BETTER.fullmatch(text)) is not None:
        return Comparison(text, period=match[1])
    if (match := RELATIVE.fullmatch(text)) is not None:
        return Comparison(text, match[1], Decimal(match[2]), match[3], int(match[4]))
    if (match := THRESHOLD.fullmatch(text)) is not None:
        return Comparison(text, match[1], Decimal(match[2]))
    raise ValueError(f"{raw!r}: write '> 40', '<= 1.2 x mean of 28 days' or 'better than last month'")


class Term(Entry):
    """One condition on a KPI: `is` as printed, on its latest value or on `stat` of the last `over`.

    `is: "<= 1.2 x mean of 28 days"` compares with its own past; `is: better than last month` (or `week`) holds when
    the value moved to the good side by at least `by` since the end of the period before.
    """

    kpi: str
    compare: Annotated[Comparison, BeforeValidator(parse_comparison)] = Field(alias="is")
    stat: Literal["latest", "min", "max", "mean"] = "latest"
    over: Duration = timedelta(0)
    by: Decimal = Decimal(0)


class AnyOf(Entry):
    """Holds when at least `at_least` of its terms hold."""

    any_of: tuple[Term, ...] = Field(alias="any", min_length=1)
    at_least: int = Field(default=1, ge=1)


class Ask(Entry):
    """A decision that somebody has to take: the question, who, and by when."""

    within: AnySpan
    question: Texts
    by: tuple[str, ...] = ()


class Step(Entry):
    """Whom an unacknowledged critical alert goes to next: the owners' deputies, or people by id."""

    after: AnySpan
    to: Annotated[tuple[str, ...], BeforeValidator(one_or_more)]


class Remind(Entry):
    """When a reminder is due, in the company's zone: every week on a weekday, every month on a day, … at a time.

    `on` is a weekday (mon … sun) of the first week of the period, or the number of a day in it; negative counts from
    its end. `only_if: incomplete` reminds only when KPIs lack a fresh value, `overdue` when targets and thresholds were
    not reviewed in the running period; both list which.
    """

    every: Every
    on: str | int = 1
    at: time = time(9)
    since: date | None = None
    only_if: Literal["incomplete", "overdue"] | None = None


class Rule(Entry):
    """One rule: what is watched, when it fires, for whom, and what the framework says to do then.

    A rule watches one `kpi` (its thresholds, or `warning`, `critical`, `info` of the rule's own), several conditions
    that must hold together (`all`; `unless_all` fires when they do not), a milestone (`each`: every 50 customers), a
    target that must be reached `by` a date, or the calendar (`remind`). Where `only_when` is known not to hold, its
    readings say nothing: a week of holidays neither breaches nor resolves.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    name: Texts = Field(default_factory=dict)
    origin: Annotated[tuple[str, ...], BeforeValidator(one_or_more)] = ()
    kpi: str | None = None
    info: Thresholds = ()
    warning: Thresholds = ()
    critical: Thresholds = ()
    recovery: Thresholds = ()
    critical_recovery: Thresholds = ()
    all_of: tuple[Term | AnyOf, ...] = Field(default=(), alias="all")
    unless_all: tuple[Term | AnyOf, ...] = ()
    only_when: tuple[Term | AnyOf, ...] = ()
    level: Literal["info", "warning", "critical"] = "warning"
    each: int | None = Field(default=None, ge=1)
    by: date | None = None
    manual: Texts = Field(default_factory=dict)
    remind: Remind | None = None
    every: Every | None = None
    hold_for: AnySpan = Field(default=ONE, alias="for")
    recover_periods: int = Field(default=1, ge=1)
    on_gap: Literal["hold", "reset", "breach"] = "hold"
    on_no_data: Literal["keep", "fire", "ok"] = "keep"
    on_undefined: Literal["keep", "breach"] = "keep"
    check_open: bool = False
    accumulate: int = Field(default=1, ge=1)
    confidence: Decimal | None = Field(default=None, gt=0, lt=1)
    calendar: str | None = None
    owners: tuple[str, ...] = ()
    inform: tuple[str, ...] = ()
    repeat: AnySpan | None = None
    escalation: tuple[Step, ...] | None = None
    decision: Ask | None = None
    actions: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    runbook: str = ""
    bypass_mute: bool = False
    send_resolved: bool = True
    baseline: Literal["quiet", "notify"] | None = None
    group: str = ""
    file: str = ""
    line: int = 1
    lines: Mapping[str, int] = Field(default_factory=dict, exclude=True, repr=False)

    @model_validator(mode="after")
    def _watches_one_thing(self) -> Rule:
        watched = [bool(self.all_of), bool(self.unless_all), self.remind is not None]
        if sum(watched) + (self.kpi is not None and not any(watched)) + bool(self.manual and not self.kpi) != 1:
            raise ValueError("a rule watches one thing: kpi, all, unless_all, manual or remind")
        if self.by is None and self.manual:
            raise ValueError("`manual` needs `by`, the day on which somebody must say whether it was reached")
        if self.each is not None and self.kpi is None:
            raise ValueError("`each` needs `kpi`")
        return self

    @property
    def subject(self) -> str:
        """What its state is kept under: the KPI, or the rule itself."""
        return self.id if self.kpi is None else self.kpi

    @property
    def kpis(self) -> tuple[str, ...]:
        """Every KPI it reads, each once."""
        terms = [term for part in (*self.all_of, *self.unless_all, *self.only_when) for term in _terms(part)]
        named = ([] if self.kpi is None else [self.kpi]) + [term.kpi for term in terms]
        return tuple(dict.fromkeys(named))

    @cached_property
    def rule_hash(self) -> str:
        """Fingerprint of what it fires on; words, owners and routes are not part of it."""
        meaning = self.model_dump(mode="json", exclude_defaults=True, exclude=WORDS)
        return hashlib.sha256(json.dumps(meaning, sort_keys=True, default=str).encode()).hexdigest()[:16]

    @property
    def judges_thresholds(self) -> bool:
        """Whether it compares the values of its KPI with thresholds: the rule's own, or the KPI's when it has none."""
        others = (self.all_of, self.unless_all, self.remind, self.manual, self.each)
        return self.kpi is not None and not any(others)

    @property
    def has_own_limits(self) -> bool:
        return bool(self.info or self.warning or self.critical)

    @property
    def speaks_for_kpi(self) -> bool:
        """Whether it takes over the thresholds of its KPI, so that no rule is implied for them."""
        return self.judges_thresholds and not self.has_own_limits

    def line_of(self, key: str) -> int:
        """Where "recovery" or "all.0.kpi" stands in the file, or the nearest that is written above it."""
        return line_near(self.lines, key, self.line)

    def title(self, language: str) -> str:
        return self.name[language] if language in self.name else next(iter(self.name.values()), "")


WORDS = {"name", "origin", "owners", "inform", "actions", "runbook", "group", "file", "line", "lines", "decision"}


def _terms(part: Term | AnyOf) -> tuple[Term, ...]:
    return part.any_of if isinstance(part, AnyOf) else (part,)


class Route(Entry):
    """A node of the routing tree: who is told when all of `match` hold; the first child that matches wins.

    `match` maps a label (kpi, rule, owner, severity, group, segment, source) to a value or, with ~ before it, a pattern
    of the whole value. `to` names people or rotas, or owners, deputy, management or data_owners of the alert.
    `channels` keeps to these channels; who has none of them is told by all of their own.
    """

    match: Mapping[str, str] = Field(default_factory=dict)
    to: Annotated[tuple[str, ...], BeforeValidator(one_or_more)] = ("owners",)
    channels: tuple[str, ...] = ()
    continue_: bool = Field(default=False, alias="continue")
    routes: tuple[Route, ...] = ()


class Mute(Entry):
    """Local hours in which nothing is sent: [`from`, `to`) on `days` of the week; 24:00 is the end of the day.

    `dates` are whole days or spans such as 2026-12-24/2027-01-02, in which nothing is sent at all. `zone` is the
    company's when absent. `match` narrows it as in a route.
    """

    id: str
    days: Annotated[tuple[int, ...], BeforeValidator(parse_days)] = (1, 2, 3, 4, 5, 6, 7)
    start: str = Field(default="00:00", alias="from", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    end: str = Field(default="24:00", alias="to", pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")
    dates: tuple[AnyDays, ...] = ()
    zone: str | None = None
    match: Mapping[str, str] = Field(default_factory=dict)


class Alerting(Entry):
    """alerts.yaml as a whole; every part has a default, so a company without the file is alerted by its thresholds."""

    calendar: str | None = None
    management: tuple[str, ...] = ()
    data_owners: tuple[str, ...] = ()
    escalation: tuple[Step, ...] = ()
    baseline: Literal["quiet", "notify"] = "quiet"
    fallback: str | None = None
    heartbeat: str | None = None
    group_wait: Duration = timedelta(seconds=30)
    group_interval: Duration = timedelta(minutes=5)
    acknowledged_for: Duration = timedelta(days=7)
    route: Route = Field(default_factory=Route)
    mutes: tuple[Mute, ...] = ()
    rules: tuple[Rule, ...] = ()
    file: str = ""
    lines: Mapping[str, int] = Field(default_factory=dict, exclude=True, repr=False)

    def line_of(self, path: str) -> int:
        """Where "route.routes.0.to" stands in the file, or the nearest that is written above it."""
        return line_near(self.lines, path, 1)


def line_near(lines: Mapping[str, int], path: str, default: int) -> int:
    """The line of a path such as "mutes.0.dates", or of the deepest part of it that is written."""
    while path and path not in lines:
        path = path.rpartition(".")[0]
    return lines.get(path, default)

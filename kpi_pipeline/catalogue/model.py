"""What the files under companies/ say, as frozen models. Only facts of the files; nothing here computes a KPI."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SerializeAsAny

from kpi_pipeline.catalogue.alerting import Alerting, Rule
from kpi_pipeline.catalogue.dashboards import Dashboards
from kpi_pipeline.catalogue.days import AnyDays
from kpi_pipeline.catalogue.entry import Duration, Entry, one_or_more, parse_days
from kpi_pipeline.catalogue.materiality import Material
from kpi_pipeline.catalogue.quantity import PLAIN, Pair
from kpi_pipeline.catalogue.reporting import Report
from kpi_pipeline.catalogue.thresholds import THRESHOLD, Approval, Threshold, Thresholds, in_force

__all__ = [
    "THRESHOLD",
    "Alerting",
    "Approval",
    "Catalogue",
    "Channel",
    "Company",
    "Duration",
    "Entry",
    "Kpi",
    "Parameters",
    "Person",
    "Report",
    "Rota",
    "Rule",
    "Source",
    "Threshold",
    "Thresholds",
    "WorkingCalendar",
    "in_force",
]


class Parameters(BaseModel):
    """Base of what a kind needs to know of a KPI, and of what it can say of the numbers that it stores."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def divided(self, company: Company) -> Pair | None:  # noqa: ARG002 - of kinds that look at it
        """What numerator and denominator are amounts of; None where their quotient says nothing to people."""
        return PLAIN, PLAIN

    def n_in_words(self, company: Company, language: str) -> str | None:  # noqa: ARG002 - of kinds that look at it
        """What n counts, where that is not what the denominator counts; "" otherwise, None where it counts nothing."""
        return ""

    @property
    def counts_from_a_fixed_day(self) -> bool:
        """Whether the value of a day is what became of things since one and the same day, and so holds that of the days
        before."""
        return False


class Kpi(Entry):
    """A declared measure of a company. `params` is what the kind needs; its model comes from the kind.

    `grades`, worst first, are the words of a value that is no number, `grade_names` how people of a language say them.
    `reading` says how an ambiguity of the framework is read, `contradiction` what in it cannot all be true, with
    the numbers, `reading_in` and `contradiction_in` the same by language. `target_follows` says how the target comes
    from those of other KPIs: "12 * mrr", or where it is bounded by them ">= 3 * cac".
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    company: str
    name: Mapping[str, str]
    kind: str
    params: SerializeAsAny[Parameters]
    window: str
    unit: str
    better: Literal["higher", "lower"]
    grades: tuple[str, ...] = ()
    grade_names: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    target: Thresholds = ()
    target_follows: Annotated[tuple[str, ...], BeforeValidator(one_or_more)] = ()
    warning: Thresholds = ()
    critical: Thresholds = ()
    min_n: int = 0
    owners: tuple[str, ...] = ()
    cadence: str
    origin: str
    reading: str = ""
    reading_in: Mapping[str, str] = Field(default_factory=dict)
    contradiction: Annotated[tuple[str, ...], BeforeValidator(one_or_more)] = ()
    contradiction_in: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    companion_of: str | None = None
    settles_after: Duration = timedelta(0)
    material: Material = None
    group: str = ""
    reviewed: date | None = None
    version: int = 1
    file: str
    line: int
    lines: Mapping[str, int] = Field(default_factory=dict, exclude=True, repr=False)

    def line_of(self, key: str) -> int:
        """Where a key stands in the file, or the entry's first line when it has none."""
        return self.lines.get(key, self.line)

    def last_review(self, day: date) -> date | None:
        """The newest day up to this one on which somebody reviewed its target and thresholds, or agreed to a change."""
        agreed = [each.on for limit in (*self.target, *self.warning, *self.critical) for each in limit.approved_by]
        looked = [*agreed, *([] if self.reviewed is None else [self.reviewed])]
        return max((each for each in looked if each <= day), default=None)

    def read_as(self, language: str) -> str:
        """How the framework is read, in a language where it is written in that."""
        return self.reading_in.get(language, self.reading)

    def contradictions(self, language: str) -> tuple[str, ...]:
        """What in the framework cannot all be true, in a language where it is written in that."""
        return self.contradiction_in.get(language, self.contradiction)

    def grade(self, rank: int, language: str) -> str:
        """The word of a grade, in a language where it has one there."""
        return self.grade_names.get(language, self.grades)[rank]

    @property
    def definition_hash(self) -> str:
        """Fingerprint of what the number means; names, owners, targets and thresholds are not part of it.

        Neither are parameters that an entry leaves at their defaults, so that a kind may learn new ones.
        """
        meaning = {
            "kind": self.kind,
            "params": self.params.model_dump(mode="json", exclude_defaults=True),
            "window": self.window,
            "unit": self.unit,
            "settles_after": self.settles_after.total_seconds(),
        } | ({"grades": self.grades} if self.grades else {})
        return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()[:16]

    def title(self, language: str) -> str:
        """The name in a language; the loader has checked that the company's own language is there."""
        return self.name[language] if language in self.name else next(iter(self.name.values()))


class WorkingCalendar(Entry):
    """Local opening hours: on `days`, from `opens` to `closes` ([opens, closes)), not on holidays of `holidays`."""

    days: Annotated[tuple[int, ...], BeforeValidator(parse_days)]
    opens: time
    closes: time
    holidays: str | None = None


class Source(Entry):
    """One system the company uses: where its key is found, and how the vendor's words map to the business.

    `late_after`: without a newer record for so long, the source is stale. `settles_after`: records of a period may
    still arrive for so long after its end, so no alert judges it before. `streams` are loaded besides those that the
    KPIs need.
    """

    api_key: str | None = None
    base_url: str | None = None
    late_after: Duration = timedelta(hours=12)
    settles_after: Duration = timedelta(days=1)
    owner: str
    streams: tuple[str, ...] = ()
    settings: Mapping[str, Any] = Field(default_factory=dict)


class Person(Entry):
    """Someone who can own a KPI. `channels` are ids of the company's channels, in order of preference.

    `away` are days or spans of days such as 2026-12-24/2027-01-02 on which the deputy is told too.
    """

    name: str
    role: str
    email: str | None = None
    channels: tuple[str, ...] = ()
    deputy: str | None = None
    away: tuple[AnyDays, ...] = ()


class Rota(Entry):
    """A duty that passes from person to person: `members` take `turn` each, counted from `starts`."""

    name: str
    members: tuple[str, ...] = Field(min_length=1)
    turn: Duration
    starts: date

    def on_duty(self, day: date) -> str:
        turns = (day - self.starts) // self.turn
        return self.members[turns % len(self.members)]


class Channel(Entry):
    """Where notices go. Addresses are secrets, so the file names variables: `url` holds the address, `secret` the
    signing key of a webhook, the token of a bot, or the routing key of PagerDuty.

    `sender` is the address mail comes from, `room` the chat room a bot writes to. Slack's bot API and PagerDuty have
    one address, so `url` is only for another one.
    """

    kind: Literal["slack", "slack_bot", "teams", "mail", "webhook", "pagerduty", "apprise"]
    url: str = ""
    sender: str | None = None
    secret: str | None = None
    room: str | None = None


class Reconciliation(Entry):
    """Two ways to count the same thing that have to agree: a KPI by its id, or a measure of its own.

    `tolerance` is how far apart they may be: a step in the unit, or a share of the larger one. `kpis` are those that
    nobody may call good while there is an open difference.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Mapping[str, str]
    left: Kpi | str
    right: Kpi | str
    unit: str
    tolerance: Material = None
    kpis: tuple[str, ...] = ()
    owners: tuple[str, ...] = Field(min_length=1)
    reading: str = ""
    file: str
    line: int

    def title(self, language: str) -> str:
        return self.name[language] if language in self.name else next(iter(self.name.values()))


class Explanation(Entry):
    """Why a difference is as it should be: said by a person, for the days from `first` to `last`, until it `expires`.

    `rule` is the id of a reconciliation; or level, trend or volume, and then `kpi` says of which KPI.
    """

    rule: str
    kpi: str | None = None
    first: date
    last: date
    reason: str = Field(min_length=1)
    by: str
    expires: date
    file: str
    line: int

    def holds(self, rule: str, subject: str, day: date) -> bool:
        return rule == self.rule and self.kpi in (None, subject) and self.first <= day <= self.last


class Audit(Entry):
    """What the numbers of a company are checked against besides their own history (audit.yaml)."""

    reconcile: tuple[Reconciliation, ...] = ()
    explained: tuple[Explanation, ...] = ()


class Company(Entry):
    """One organisation with its own sources, time zone, currency, language and KPI framework."""

    id: str
    name: str
    zone: str
    currency: str
    language: Literal["nl", "en"]
    fiscal_year_starts: int = Field(default=1, ge=1, le=12)
    calendars: Mapping[str, WorkingCalendar] = Field(default_factory=dict)
    sources: Mapping[str, Source]
    people: Mapping[str, Person]
    rotas: Mapping[str, Rota] = Field(default_factory=dict)
    channels: Mapping[str, Channel] = Field(default_factory=dict)
    approvers: tuple[str, ...] = ()
    kpis: Mapping[str, Kpi] = Field(default_factory=dict)
    alerts: Alerting = Field(default_factory=Alerting)
    audit: Audit = Field(default_factory=Audit)
    dashboards: Dashboards = Field(default_factory=Dashboards)
    reports: Mapping[str, Report] = Field(default_factory=dict)
    lines: Mapping[str, int] = Field(default_factory=dict, exclude=True, repr=False)

    @property
    def file(self) -> str:
        return f"{self.id}/company.yaml"

    def line_of(self, path: str) -> int:
        """Where "zone" or "people.ann" stands in the company's file."""
        return self.lines.get(path, 1)

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def name_of(self, owner: str) -> str:
        """The name of a person or a rota."""
        return self.rotas[owner].name if owner in self.rotas else self.people[owner].name

    def role_of(self, owner: str) -> str:
        """The role of a person; a rota is one by its name."""
        return self.rotas[owner].name if owner in self.rotas else self.people[owner].role

    def headline_kpis(self) -> list[Kpi]:
        """The KPIs the framework names, without their companions, in the order of the file."""
        return [kpi for kpi in self.kpis.values() if kpi.companion_of is None]

    def companions(self, kpi_id: str) -> list[Kpi]:
        return [kpi for kpi in self.kpis.values() if kpi.companion_of == kpi_id]


class Catalogue(Entry):
    """All companies, by id."""

    companies: Mapping[str, Company]

    def kpi(self, company: str, kpi: str) -> Kpi:
        return self.companies[company].kpis[kpi]

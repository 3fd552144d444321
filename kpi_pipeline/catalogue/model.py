"""What the files under companies/ say, as frozen models. Only facts of the files; nothing here computes a KPI."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SerializeAsAny, ValidationInfo

from kpi_pipeline.catalogue.materiality import Material

OPERATORS = {">=": ge, "<=": le, ">": gt, "<": lt}
THRESHOLD = re.compile(r"(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)")
GRADED = re.compile(r"(>=|<=|>|<)\s*(.+)")
SPAN = re.compile(r"(\d+) (minutes?|hours?|days?)")


class Entry(BaseModel):
    """Base of everything read from YAML: frozen, and a key nobody knows is a fault, not a comment."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def parse_span(text: object) -> object:
    """'14 days', '2 hours', '30 minutes' → timedelta."""
    if not isinstance(text, str):
        return text
    match = SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a span like '14 days', '2 hours' or '30 minutes'")
    unit = match[2].rstrip("s") + "s"
    return timedelta(**{unit: int(match[1])})


Duration = Annotated[timedelta, BeforeValidator(parse_span)]


class Approval(Entry):
    """Who agreed to a target or threshold, and when."""

    by: str
    on: date


class Threshold(Entry):
    """A printed comparison such as '< 28', exact and strict as printed; compared unrounded.

    Of a graded KPI `value` is the rank of the `grade`.
    """

    op: Literal[">=", "<=", ">", "<"]
    value: Decimal
    grade: str = ""
    since: date | None = None
    approved_by: tuple[Approval, ...] = ()

    def holds(self, value: Decimal) -> bool:
        return bool(OPERATORS[self.op](value, self.value))

    def __str__(self) -> str:
        return f"{self.op} {self.grade or self.value}"


def parse_thresholds(raw: object, info: ValidationInfo) -> object:
    """A printed comparison, or a list of dated ones, → tuple of Threshold mappings in order of `since`."""
    if raw is None:
        return ()
    if isinstance(raw, str):
        raw = [{"is": raw}]
    if not isinstance(raw, list):
        raise ValueError("write it as printed, for example '>= 32', or as a list of {since, is, approved_by}")
    parsed = []
    for item in raw:
        if not isinstance(item, dict):
            raise ValueError(f"{item!r}: write each of several thresholds as {{since, is, approved_by}}")
        entry = dict(item)
        printed = str(entry.pop("is", "")).strip()
        parsed.append({**entry, **_comparison(printed, info.data.get("grades", ()))})
    starts = [item.get("since") for item in parsed]
    if any(start is None for start in starts[1:]):
        raise ValueError("only the first of several thresholds may lack `since`")
    dated = [start for start in starts if start is not None]
    if not all(isinstance(start, date) for start in dated):
        raise ValueError("`since` is a date such as 2026-01-01")
    if dated != sorted(set(dated)):
        raise ValueError("`since` dates must rise, each once: two thresholds cannot be in force on one day")
    return tuple(parsed)


def _comparison(text: str, grades: tuple[str, ...]) -> dict[str, object]:
    """'>= 32' → operator and value; of a graded KPI '>= Healthy' → the rank of the grade, worst first."""
    if grades:
        match = GRADED.fullmatch(text)
        if match is None or match[2] not in grades:
            raise ValueError(f"{text!r}: write a comparison with one of the grades {', '.join(grades)}")
        return {"op": match[1], "value": Decimal(grades.index(match[2])), "grade": match[2]}
    match = THRESHOLD.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r}: write a comparison as printed, for example '>= 32' or '< 28'")
    return {"op": match[1], "value": Decimal(match[2])}


Thresholds = Annotated[tuple[Threshold, ...], BeforeValidator(parse_thresholds)]


def in_force(thresholds: tuple[Threshold, ...], day: date) -> Threshold | None:
    """The threshold a past day is judged by: the last one whose `since` is not after that day."""
    valid = [item for item in thresholds if item.since is None or item.since <= day]
    return valid[-1] if valid else None


def one_or_more(raw: object) -> object:
    """One text or a list of texts → a list."""
    return [raw] if isinstance(raw, str) else raw


class Kpi(Entry):
    """A declared measure of a company. `params` is what the kind needs; its model comes from the kind.

    `grades`, worst first, are the words of a value that is no number. `reading` says how an ambiguity of the framework
    is read, `contradiction` what in it cannot all be true, with the numbers. `target_follows` says how the target comes
    from those of other KPIs: "12 * mrr", or where it is bounded by them ">= 3 * cac".
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    company: str
    name: Mapping[str, str]
    kind: str
    params: SerializeAsAny[BaseModel]
    window: str
    unit: str
    better: Literal["higher", "lower"]
    grades: tuple[str, ...] = ()
    target: Thresholds = ()
    target_follows: Annotated[tuple[str, ...], BeforeValidator(one_or_more)] = ()
    warning: Thresholds = ()
    critical: Thresholds = ()
    min_n: int = 0
    owners: tuple[str, ...] = ()
    cadence: str
    origin: str
    reading: str = ""
    contradiction: Annotated[tuple[str, ...], BeforeValidator(one_or_more)] = ()
    companion_of: str | None = None
    settles_after: Duration = timedelta(0)
    material: Material = None
    group: str = ""
    version: int = 1
    file: str
    line: int
    lines: Mapping[str, int] = Field(default_factory=dict, exclude=True, repr=False)

    def line_of(self, key: str) -> int:
        """Where a key stands in the file, or the entry's first line when it has none."""
        return self.lines.get(key, self.line)

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


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_days(raw: object) -> object:
    """'mon-fri' or 'mon, wed' → ISO weekday numbers 1-7."""
    if not isinstance(raw, str):
        return raw
    days: list[int] = []
    for part in raw.replace(" ", "").split(","):
        ends = part.split("-")
        if len(ends) > 2 or any(end not in WEEKDAYS for end in ends):
            raise ValueError(f"{raw!r}: write days as 'mon-fri' or 'mon, wed'")
        days.extend(range(WEEKDAYS.index(ends[0]) + 1, WEEKDAYS.index(ends[-1]) + 2))
    return tuple(days)


class WorkingCalendar(Entry):
    """Local opening hours: on `days`, from `opens` to `closes` ([opens, closes)), not on holidays of `holidays`."""

    days: Annotated[tuple[int, ...], BeforeValidator(parse_days)]
    opens: time
    closes: time
    holidays: str | None = None


class Source(Entry):
    """One system the company uses: where its key is found, and how the vendor's words map to the business.

    `streams` are loaded besides those that the KPIs need.
    """

    api_key: str | None = None
    base_url: str | None = None
    late_after: Duration = timedelta(hours=12)
    owner: str
    streams: tuple[str, ...] = ()
    settings: Mapping[str, Any] = Field(default_factory=dict)


class Person(Entry):
    """Someone who can own a KPI. `channels` are ids of the company's channels, in order of preference."""

    name: str
    role: str
    email: str | None = None
    channels: tuple[str, ...] = ()
    deputy: str | None = None


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
    """Where notices go; `url` is the name of the variable that holds the address, because a webhook URL is a secret."""

    kind: Literal["slack", "teams", "mail"]
    url: str
    sender: str | None = None


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

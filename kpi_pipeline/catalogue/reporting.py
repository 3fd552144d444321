"""What reports.yaml says: which report is made of which period, when it is due, what is in it, and who gets it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SerializeAsAny, model_validator

from kpi_pipeline.catalogue.entry import Entry, one_or_more
from kpi_pipeline.catalogue.periods import AnyDue, AnyPeriods
from kpi_pipeline.catalogue.thresholds import THRESHOLD

Texts = Mapping[str, str]
Ids = Annotated[tuple[str, ...], Field(min_length=1)]
Format = Literal["html", "json", "pdf", "xlsx", "mail"]
By = Literal["day", "week", "month", "quarter"]
FORMATS: tuple[Format, ...] = ("html", "json", "pdf", "xlsx", "mail")


class Section(Entry):
    """Base of all sections: `title` by language, `note` a sentence under it, `line` where it stands in the file."""

    kind: str
    title: Texts = Field(default_factory=dict)
    note: Texts = Field(default_factory=dict)
    line: int = Field(default=1, exclude=True)

    def heading(self, language: str) -> str:
        """The title in a language; "" where it has none and is called by its kind."""
        return self.title[language] if language in self.title else next(iter(self.title.values()), "")

    def uses(self) -> tuple[str, ...]:
        """The KPIs it names."""
        return ()


class Scorecard(Section):
    """A row a KPI: of a list, of a group, or without either of all KPIs the framework names.

    `companions` shows those that stand beside them too, `month` the step since a month before as well.
    """

    kind: Literal["scorecard"]
    kpis: tuple[str, ...] = ()
    group: str = ""
    companions: bool = False
    month: bool = False

    def uses(self) -> tuple[str, ...]:
        return self.kpis


class Deviations(Section):
    """The KPIs that are furthest off their target, the largest share of it first."""

    kind: Literal["deviations"]
    count: int = Field(default=5, ge=1, le=20)


class Process(Section):
    """KPIs as XmR charts with what they say: noise or signal, and whether the target is met by chance."""

    kind: Literal["process"]
    kpis: tuple[str, ...] = ()
    signals: bool = False

    def uses(self) -> tuple[str, ...]:
        return self.kpis

    @model_validator(mode="after")
    def _says_of_which(self) -> Process:
        if bool(self.kpis) == self.signals:
            raise ValueError("give kpis, or `signals: true` for those with a special cause")
        return self


class Trend(Section):
    """KPIs of one unit over the last `count` periods, as a line each, with the target of the first."""

    kind: Literal["trend"]
    kpis: Ids
    by: By = "month"
    count: int = Field(default=13, ge=2, le=104)

    def uses(self) -> tuple[str, ...]:
        return self.kpis


class Bridge(Section):
    """From one amount to another by the movements between them, with a line that checks the sum.

    `level` is read at the end of the report's period and of the one before; or `opening` and `closing` are two KPIs of
    the same day. A movement after "-" counts downwards.
    """

    kind: Literal["bridge"]
    level: str = ""
    opening: str = ""
    closing: str = ""
    movements: Ids
    by: By = "month"

    def uses(self) -> tuple[str, ...]:
        named = (self.level, self.opening, self.closing)
        return (*(each for each in named if each), *(each.removeprefix("-").strip() for each in self.movements))

    @model_validator(mode="after")
    def _has_two_ends(self) -> Bridge:
        if bool(self.level) == bool(self.opening and self.closing):
            raise ValueError("give `level`, or `opening` and `closing`")
        return self


class Counter(Section):
    """How far a KPI is on the way to its target, what is left, and what that asks of each month until `until`."""

    kind: Literal["counter"]
    kpi: str
    since: date
    until: date

    def uses(self) -> tuple[str, ...]:
        return (self.kpi,)


class Blocks(Section):
    """A percentage cut into `parts` equal blocks: which are done, since when, and how many should be by the plan."""

    kind: Literal["blocks"]
    kpi: str
    planned: str = ""
    parts: int = Field(default=10, ge=2, le=20)

    def uses(self) -> tuple[str, ...]:
        return (self.kpi, self.planned) if self.planned else (self.kpi,)


class Targets(Section):
    """Targets and thresholds in force, since when, agreed by whom, and how often they were passed in the period."""

    kind: Literal["targets"]
    kpis: tuple[str, ...] = ()

    def uses(self) -> tuple[str, ...]:
        return self.kpis


class StageTarget(Entry):
    """What a stage wants: of a KPI, or in words of something nobody measures, judged by a person."""

    kpi: str = ""
    wants: str = ""
    what: Texts = Field(default_factory=dict)
    filled_by: str = ""

    @model_validator(mode="after")
    def _is_measured_or_told(self) -> StageTarget:
        if bool(self.kpi) == bool(self.what):
            raise ValueError("give `kpi` and what it `wants`, or say `what` and who it is `filled_by`")
        if self.kpi and THRESHOLD.fullmatch(self.wants) is None:
            raise ValueError(f"wants: {self.wants!r}: write a comparison as printed, for example '>= 300'")
        if self.what and not self.filled_by:
            raise ValueError("say who it is `filled_by`")
        return self

    @property
    def op(self) -> str:
        return self.wants.rstrip("0123456789.- ")

    @property
    def value(self) -> Decimal:
        return Decimal(self.wants.lstrip("<>= "))


class Stage(Entry):
    """Months of a company's life with targets of their own."""

    name: Texts
    first: date
    last: date
    targets: tuple[StageTarget, ...] = Field(min_length=1)


class Stages(Section):
    """The stages of a company: what each wants and how far it is, or was when it ended."""

    kind: Literal["stages"]
    stages: tuple[Stage, ...] = Field(min_length=1)

    def uses(self) -> tuple[str, ...]:
        return tuple(each.kpi for stage in self.stages for each in stage.targets if each.kpi)


class Manual(Section):
    """A text that a person writes. `id` is what commands call it, `what` says what belongs there."""

    kind: Literal["manual"]
    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    what: Texts
    filled_by: Annotated[tuple[str, ...], BeforeValidator(one_or_more), Field(min_length=1)]


class Focus(Section):
    """At most `most` KPIs that the period is about, each with its probable cause and one intervention."""

    kind: Literal["focus"]
    most: int = Field(default=2, ge=1, le=5)
    filled_by: Annotated[tuple[str, ...], BeforeValidator(one_or_more), Field(min_length=1)]


class Actions(Section):
    """What was agreed to do, by whom and until when; and of what was done, the KPI before and after."""

    kind: Literal["actions"]


class Decisions(Section):
    """Decisions that wait with their clock, those taken, and whether they worked: the KPI before and after."""

    kind: Literal["decisions"]


class Alerts(Section):
    """Which rules began or ended to fire in the period."""

    kind: Literal["alerts"]


class Trust(Section):
    """Which numbers can be relied on: fresh, complete, valid, reconciled, restated; and what is open."""

    kind: Literal["trust"]


class Reconciliations(Section):
    """What has to agree, how far apart it is, since when, and how that is explained."""

    kind: Literal["reconciliations"]


class Corrections(Section):
    """What people corrected in the period, why, and what they did about it."""

    kind: Literal["corrections"]


class Forecast(Section):
    """The coming `weeks` of each KPI, of a list or of all the report is about, with an interval and its backtest.

    Those `drawn` are shown as a line with its band too.
    """

    kind: Literal["forecast"]
    kpis: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()
    weeks: int = Field(default=8, ge=2, le=26)

    def uses(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.kpis, *self.drawn)))


SECTIONS: Mapping[str, type[Section]] = {
    "scorecard": Scorecard,
    "deviations": Deviations,
    "process": Process,
    "trend": Trend,
    "bridge": Bridge,
    "counter": Counter,
    "blocks": Blocks,
    "targets": Targets,
    "stages": Stages,
    "manual": Manual,
    "focus": Focus,
    "actions": Actions,
    "decisions": Decisions,
    "alerts": Alerts,
    "trust": Trust,
    "reconciliations": Reconciliations,
    "corrections": Corrections,
    "forecast": Forecast,
}


class Send(Entry):
    """One way a report leaves: a notice through a channel (`to` people), or its files into a `folder`."""

    channel: str = ""
    to: Annotated[tuple[str, ...], BeforeValidator(one_or_more)] = ()
    folder: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*)?$")
    formats: tuple[Format, ...] = ("html",)

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Send:
        if bool(self.channel) == bool(self.folder):
            raise ValueError("give a channel or a folder")
        return self


class Report(Entry):
    """A report that is made of every period. A `running` one is due before its period is over.

    `audience` is whom it is for and `origin` what asks for it, both in the framework's own words; `owners` see to it.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Texts
    period: AnyPeriods
    due: AnyDue
    running: bool = False
    audience: str
    owners: Annotated[tuple[str, ...], BeforeValidator(one_or_more), Field(min_length=1)]
    origin: Annotated[tuple[str, ...], BeforeValidator(one_or_more), Field(min_length=1)]
    formats: tuple[Format, ...] = ("html", "json")
    send: tuple[Send, ...] = ()
    sections: tuple[SerializeAsAny[Section], ...] = Field(min_length=1)
    file: str = Field(default="", exclude=True)
    line: int = Field(default=1, exclude=True)

    def title(self, language: str) -> str:
        return self.name[language] if language in self.name else next(iter(self.name.values()))

    def inputs(self) -> dict[str, Section]:
        """The sections that people write in, by the name that commands call them."""
        found: dict[str, Section] = {}
        for section in self.sections:
            if isinstance(section, Manual):
                found[section.id] = section
            elif isinstance(section, Focus | Actions):
                found[section.kind] = section
            elif isinstance(section, Stages):
                for number, stage in enumerate(section.stages, start=1):
                    if any(each.what for each in stage.targets):
                        found[f"stage_{number}"] = section
        return found

    @model_validator(mode="after")
    def _is_due_as_its_periods_are(self) -> Report:
        unit, due = self.period.unit, self.due
        if unit == "day" and (due.weekday, due.day) != (None, None):
            raise ValueError("due: a daily report is due at a time of every day, such as '08:00'")
        if unit in ("week", "weeks", "once") and due.weekday is None:
            raise ValueError("due: say on which weekday, such as 'mon 08:00'")
        if unit in ("month", "quarter", "year") and due.day is None:
            raise ValueError("due: say on which day after the period, such as 'day 5 08:00'")
        if unit in ("month", "quarter", "year") and due.day is not None and due.day > 28:
            raise ValueError("due: a report is due within 28 days after its period")
        if self.running and unit not in ("week", "weeks"):
            raise ValueError("running: only a report of weeks can be due before its period is over")
        return self

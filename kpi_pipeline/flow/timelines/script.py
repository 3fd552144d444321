"""A timeline as it is written: what is measured, what people and sources do, and what must be seen and told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from kpi_pipeline.alerts.rules import rules_of
from kpi_pipeline.catalogue import Catalogue, Company, yaml_file
from kpi_pipeline.catalogue.alerting import Every
from kpi_pipeline.catalogue.amend import amended
from kpi_pipeline.catalogue.entry import Duration, Entry, one_or_more
from kpi_pipeline.catalogue.faults import issues_of, unknown_keys
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.catalogue.yaml_file import YamlFile
from kpi_pipeline.errors import CatalogueError, Issue
from kpi_pipeline.flow.timelines.notation import parse_series

MORNING = time(6)  # a run of the schedule


def parse_moment(raw: object) -> object:
    """'2026-03-05 06:00' → a clock time of the company, still without its zone; raises ValueError."""
    if not isinstance(raw, str):
        return raw
    try:
        return datetime.strptime(raw.strip(), "%Y-%m-%d %H:%M")  # noqa: DTZ007 the company's zone is added later
    except ValueError:
        raise ValueError(f"{raw!r}: write a clock time of the company as 2026-03-05 06:00") from None


Moment = Annotated[datetime, BeforeValidator(parse_moment)]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the state must be at a moment."""

    at: datetime
    state: str


def parse_seen(raw: object) -> object:
    """'2026-03-05 06:00 firing(warning)' → Seen; raises ValueError."""
    if not isinstance(raw, str):
        return raw
    at = parse_moment(raw[:16])
    return Seen(at, " ".join(raw[16:].split())) if isinstance(at, datetime) else raw


class Values(Entry):
    """The measurements of a KPI, one item every `every`, the first for the period that `since` (the start) is in.

    Those of a segment are written under `kpi/segment`.
    """

    values: str
    every: Every = "day"
    since: date | None = None


def parse_values(raw: object) -> object:
    return {"values": raw} if isinstance(raw, str | int | float) and not isinstance(raw, bool) else raw


class Handling(Entry):
    """Somebody has the alert in hand."""

    by: str
    reason: str = "in hand"
    until: Moment | None = None


class Quiet(Entry):
    """Somebody does not want to be told."""

    match: tuple[str, ...]
    until: Moment
    by: str
    reason: str = "known"


class Taken(Entry):
    """What was decided on the open decision of the rule."""

    by: str
    text: str = "decided"


class Act(Entry):
    """One thing that happens at a moment."""

    at: Moment
    acknowledge: Handling | None = None
    silence: Quiet | None = None
    decide: Taken | None = None
    stale: str | None = None
    fresh: str | None = None
    incomplete: tuple[str, ...] | None = None
    change: Mapping[str, Any] | None = None

    @model_validator(mode="after")
    def _does_one_thing(self) -> Act:
        done = [name for name in type(self).model_fields if name != "at" and getattr(self, name) is not None]
        if len(done) != 1:
            raise ValueError("an act does one thing: acknowledge, silence, decide, stale, fresh, incomplete or change")
        return self


class Timeline(Entry):
    """One story about a rule; clock times are the company's.

    `kpi` says whose rule `threshold` is meant. A run records and judges at each of `runs_at` on which something is new;
    the clock is looked at then, at every act and state, and every `tick` if given. `also` are rules whose notices are
    listed too; `change` alters alerts.yaml and kpis.yaml beforehand.
    """

    name: str
    company: str
    rule: str
    kpi: str | None = None
    segment: str = ""
    also: Annotated[tuple[str, ...], BeforeValidator(one_or_more)] = ()
    start: date
    every: Every = "day"
    series: Mapping[str, Annotated[Values, BeforeValidator(parse_values)]] = Field(default_factory=dict)
    runs_at: Annotated[tuple[time, ...], BeforeValidator(one_or_more)] = (MORNING,)
    tick: Duration | None = None
    until: Moment | None = None
    change: Mapping[str, Any] = Field(default_factory=dict)
    acts: tuple[Act, ...] = ()
    states: tuple[Annotated[Seen, BeforeValidator(parse_seen)], ...] = ()
    notices: tuple[str, ...] = ()
    file: str = ""
    line: int = 1

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"


KEYS = frozenset(Timeline.model_fields) - {"file", "line", "company"}


def read_timelines(paths: Iterable[Path], catalogue: Catalogue) -> list[Timeline]:
    """The timelines of these files and of the folders among them; raises CatalogueError with every fault of every file.

    A file names its `company` once and lists its `timelines`.
    """
    issues: list[Issue] = []
    found: list[Timeline] = []
    for root, path in _files(paths):
        file = yaml_file.read(path, root, issues)
        if file is not None:
            found.extend(_of_file(file, catalogue, issues))
    if issues:
        raise CatalogueError("reading timelines of alert rules", issues, remedy="Mend the lines above")
    return found


def _files(paths: Iterable[Path]) -> Iterable[tuple[Path, Path]]:
    for path in paths:
        if path.is_dir():
            yield from ((path, each) for each in sorted(path.rglob("*.yaml")))
        else:
            yield path.parent, path


def _of_file(file: YamlFile, catalogue: Catalogue, issues: list[Issue]) -> Iterable[Timeline]:
    data = file.data
    if not isinstance(data, dict) or not isinstance(data.get("timelines"), list):
        issues.append(Issue(file.label, 1, "must name a `company` and list its `timelines`"))
        return
    issues.extend(unknown_keys(data, frozenset({"company", "timelines"}), file, (), "the timelines"))
    if data.get("company") not in catalogue.companies:
        known = ", ".join(catalogue.companies)
        issues.append(Issue(file.label, file.line(("company",)), f"`company` must be one of {known}"))
        return
    company = catalogue.companies[data["company"]]
    for index, entry in enumerate(data["timelines"]):
        path = ("timelines", index)
        label = f"timeline {entry.get('name', index + 1)}" if isinstance(entry, dict) else f"timeline {index + 1}"
        if not isinstance(entry, dict):
            issues.append(Issue(file.label, file.line(path), f"{label} must be a mapping with at least a name"))
            continue
        issues.extend(unknown_keys(entry, KEYS, file, path, label))
        known_keys = {key: value for key, value in entry.items() if key in KEYS}
        where = {"company": company.id, "file": file.label, "line": file.line(path)}
        try:
            timeline = Timeline.model_validate({**known_keys, **where})
        except ValidationError as error:
            issues.extend(issues_of(error, file, path, label))
            continue
        faults = list(_faults(timeline, company))
        issues.extend(Issue(file.label, file.line((*path, key)), f"{label}: {fault}") for key, fault in faults)
        if not faults:
            yield timeline


def _faults(timeline: Timeline, company: Company) -> Iterable[tuple[str, str]]:
    """What the company does not know of a timeline: its rule, its KPIs, the words of its series and changes."""
    try:
        changed = amended(company, timeline.change, timeline.file)
    except (CatalogueError, ValueError) as error:
        yield "change", str(error)
        return
    rules = [rule for rule in rules_of(changed) if rule.id == timeline.rule]
    if timeline.kpi is not None:
        rules = [rule for rule in rules if rule.kpi == timeline.kpi]
    if not rules:
        of = "" if timeline.kpi is None else f" of {timeline.kpi}"
        hint = did_you_mean(timeline.rule, {rule.id for rule in rules_of(changed)})
        yield "rule", f"rule {timeline.rule}{of} is not declared{hint}"
    elif len(rules) > 1:
        yield "rule", f"{len(rules)} rules are named {timeline.rule}; `kpi` says which is meant"
    for key, values in timeline.series.items():
        name = key.partition("/")[0]
        if name not in changed.kpis:
            yield "series", f"{company.id} has no KPI {name}{did_you_mean(name, changed.kpis)}"
            continue
        try:
            parse_series(values.values, changed.kpis[name])
        except ValueError as error:
            yield "series", f"{name}: {error}"

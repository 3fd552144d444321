"""The numbers of one KPI's page: its value now, its process, its last days, what was restated, what was alerted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from markupsafe import Markup

from kpi_pipeline.catalogue.display import (
    NOTHING,
    STATUS,
    count_text,
    day_text,
    instant_text,
    kpi_text,
    short_day_text,
    status_text,
    step_text,
    threshold_text,
)
from kpi_pipeline.catalogue.evidence import evidence_text
from kpi_pipeline.catalogue.model import Kpi, in_force
from kpi_pipeline.history.inputs import RunInputs, StreamId
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.history.restatements import Restatement
from kpi_pipeline.reports.charts import MIDDLE, NARROW, WIDE, Number, figure
from kpi_pipeline.reports.held import Held
from kpi_pipeline.reports.kpi_words import CAUSES, WORDS
from kpi_pipeline.reports.panels.current import current_day, day_before
from kpi_pipeline.reports.process import Process, process_of, verdicts
from kpi_pipeline.reports.reading import Reading

DAYS, MOST = 14, 20
BACK = {"previous_week": 7, "previous_month": 28, "previous_year": 364}


@dataclass(frozen=True, slots=True)
class Told:
    """A change of state of one of the KPI's rules: when, because of which day, and the state it came to."""

    at: datetime
    day: date | None
    level: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a KPI beside its observations: its alerts, what holds them back, restatements, what was read."""

    told: Sequence[Told] = ()
    restatements: Sequence[Restatement] = ()
    inputs: RunInputs | None = None
    streams: Sequence[StreamId] = ()
    held: Sequence[Held] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """A stream as the run that computed the number saw it."""

    stream: str
    records: str
    quarantined: str
    newest: str
    complete_until: str


@dataclass(frozen=True, slots=True)
class Restated:
    """A day whose number was final and is another one now. The reported one is no longer in force: text only."""

    day: str
    reported: str
    now: Number
    step: str
    at: str
    cause: str
    is_material: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A day as the table shows it."""

    day: str
    number: Number
    evidence: str
    status: str
    status_words: str
    known: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything on a KPI's page that comes from history, as known at `known_at`."""

    words: Mapping[str, str]
    day: str
    number: Number
    row: Recorded | None
    status: str
    status_words: str
    held: Sequence[str]
    target: str
    evidence: str
    period: str
    steps: Sequence[tuple[str, str]]
    figure: Markup
    verdicts: Sequence[tuple[Markup, str]]
    note: str
    days: Sequence[Day]
    restated: Sequence[Restated]
    more_restated: int
    alerts: Sequence[tuple[str, str, str, str]]
    has_rule: bool
    recorded: str
    read: Sequence[Read]
    known_at: str


def _unjudged(kpi: Kpi, status: str, reading: Reading) -> list[str]:
    """Why a value is not rated that nothing is held against."""
    limits = (in_force(each, reading.day) for each in (kpi.target, kpi.warning, kpi.critical))
    return [WORDS[reading.language]["unjudged"]] if status == "unrated" and not any(limits) else []


def numbers_of(reading: Reading, kpi: Kpi, beside: Evidence) -> Numbers:
    """What the page of a KPI shows of its history."""
    language = reading.language
    words = WORDS[language]
    day = current_day(reading, kpi)
    row = reading.row(kpi.id, day)
    process = process_of(reading, kpi)
    status = "no_data" if row is None else row.status
    judged = process.judged
    newest = sorted(beside.restatements, key=lambda each: (each.restated_at, each.day), reverse=True)
    return Numbers(
        words=words,
        day=day_text(day, language),
        number=reading.number(kpi, day),
        row=row,
        status=status,
        status_words=status_text(status, language),
        held=_so_far(reading, kpi, day) + ([each.whole for each in beside.held] or _unjudged(kpi, status, reading)),
        target=threshold_text(in_force(kpi.target, day), kpi.unit, language),
        evidence=_evidence(reading, kpi, row),
        period=NOTHING if row is None else _period(reading, row),
        steps=[(words[name], _step(reading, kpi, day, before)) for name, before in _earlier(kpi, day).items()],
        figure=_figure(process, words),
        verdicts=[] if judged is None else verdicts(judged, language),
        note=_note(process, words),
        days=[_day(reading, kpi, _ago(reading, back)) for back in range(DAYS)],
        restated=[_restated(reading, kpi, each) for each in newest[:MOST]],
        more_restated=max(0, len(newest) - MOST),
        alerts=[_told(reading, each) for each in beside.told[:MOST]],
        has_rule=bool(kpi.warning or kpi.critical),
        recorded=NOTHING if row is None else instant_text(row.recorded_at.astimezone(reading.company.tz), language),
        read=[] if beside.inputs is None else list(_read(reading, beside.inputs, beside.streams)),
        known_at=instant_text(reading.known_at, language),
    )


def _ago(reading: Reading, days: int) -> date:
    return reading.day - timedelta(days=days)


def _so_far(reading: Reading, kpi: Kpi, day: date) -> list[str]:
    """What a period that is not over has so far, beside the newest whole one, which is shown."""
    row = reading.row(kpi.id)
    if row is None or row.closed or day == reading.day:
        return []
    until = short_day_text(reading.day, reading.language)
    said = kpi_text(kpi, row.value, reading.language, reason=row.reason)
    return [WORDS[reading.language]["so_far"].format(until, said, status_text(row.status, reading.language))]


def _earlier(kpi: Kpi, day: date) -> dict[str, date]:
    """The days that a value is held against: a longer calendar period against the one before it."""
    if kpi.window.startswith("calendar ") and kpi.window.removeprefix("calendar ") in ("month", "quarter", "year"):
        return {"previous_period": day_before(kpi, day)}
    return {name: day - timedelta(days=back) for name, back in BACK.items()}


def _step(reading: Reading, kpi: Kpi, day: date, earlier: date) -> str:
    now, before = reading.values(kpi.id, (day, earlier))
    return step_text(kpi, now, before, reading.language)


def _figure(process: Process, words: Mapping[str, str]) -> Markup:
    if process.chart is None:
        return Markup("")
    caption = words["explained"] if process.judged is not None else ""
    return figure(process.chart, caption, widths=(NARROW, MIDDLE, WIDE))


def _note(process: Process, words: Mapping[str, str]) -> str:
    if process.why_not:
        return words[process.why_not]
    return words["trial"] if process.judged is not None and process.judged.limits.is_trial else ""


def _evidence(reading: Reading, kpi: Kpi, row: Recorded | None) -> str:
    if row is None:
        return NOTHING
    sides = {"numerator": row.numerator, "denominator": row.denominator}
    return evidence_text(reading.company, kpi, reading.language, value=row.value, n=row.n, **sides)


def _period(reading: Reading, row: Recorded) -> str:
    """The local days that the window covers; a moment for what is measured at an instant."""
    tz, language = reading.company.tz, reading.language
    start, end = row.period_start.astimezone(tz), row.period_end.astimezone(tz)
    words = WORDS[language]
    said = "" if start >= end else f"{instant_text(start, language)} – "
    return f"{said}{instant_text(end, language)}, {words['closed' if row.closed else 'running']}"


def _day(reading: Reading, kpi: Kpi, day: date) -> Day:
    row, language = reading.row(kpi.id, day), reading.language
    status = "no_data" if row is None else row.status
    return Day(
        day=day_text(day, language),
        number=reading.number(kpi, day),
        evidence=_evidence(reading, kpi, row),
        status=status,
        status_words=status_text(status, language),
        known=NOTHING if row is None else instant_text(row.recorded_at.astimezone(reading.company.tz), language),
    )


def _restated(reading: Reading, kpi: Kpi, found: Restatement) -> Restated:
    language = reading.language
    causes = dict.fromkeys(CAUSES[language][cause.kind] for cause in found.causes)
    return Restated(
        day=day_text(found.day, language),
        reported=kpi_text(kpi, found.reported, language),
        now=reading.number(kpi, found.day),
        step=step_text(kpi, found.now, found.reported, language),
        at=instant_text(found.restated_at.astimezone(reading.company.tz), language),
        cause=", ".join(causes),
        is_material=found.is_material,
    )


def _read(reading: Reading, inputs: RunInputs, streams: Sequence[StreamId]) -> Iterable[Read]:
    language = reading.language

    def text(instant: datetime | None) -> str:
        return NOTHING if instant is None else instant_text(instant.astimezone(reading.company.tz), language)

    for stream in streams:
        state = inputs.streams.get(stream)
        if state is not None:
            records, quarantined = (count_text(each, language) for each in (state.records, state.quarantined))
            yield Read("/".join(stream), records, quarantined, text(state.newest), text(state.watermark))


def _told(reading: Reading, told: Told) -> tuple[str, str, str, str]:
    """When, of which day, level, and the level in words; a state that is no status is written as it is called."""
    language = reading.language
    at = instant_text(told.at.astimezone(reading.company.tz), language)
    of_day = NOTHING if told.day is None else day_text(told.day, language)
    words = {"ok": WORDS[language]["quiet"]} | {name: status_text(name, language) for name in STATUS if name != "ok"}
    return at, of_day, told.level, words.get(told.level, told.level)

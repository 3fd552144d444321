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
from kpi_pipeline.reports.process import Process, process_of, verdicts
from kpi_pipeline.reports.reading import Reading

DAYS, MOST = 14, 20
CAUSES = {
    "nl": {
        "definition": "andere definitie",
        "settings": "andere instellingen",
        "rate": "andere wisselkoers",
        "register": "verbeterd register",
        "backfill": "oude maanden opnieuw gelezen",
        "late_records": "late gegevens",
        "fix": "andere software",
        "unrecorded": "niet vastgelegd",
    },
    "en": {
        "definition": "changed definition",
        "settings": "changed settings",
        "rate": "changed exchange rate",
        "register": "corrected register",
        "backfill": "old months read again",
        "late_records": "late records",
        "fix": "other software",
        "unrecorded": "not recorded",
    },
}
WORDS = {
    "nl": {
        "now": "Nu",
        "target": "Doel",
        "evidence": "Bewijs",
        "period": "Periode",
        "process": "Ruis of signaal",
        "trial": "Voorlopige grenzen: minder dan 13 punten.",
        "grades": "Een oordeel in woorden heeft geen gemiddelde en dus geen grenzen.",
        "grows": "Wat klaar is blijft klaar: een reeks die alleen kan groeien heeft geen grenzen.",
        "fixed": "Deze KPI gaat over één vaste periode: er is geen reeks om grenzen van te berekenen.",
        "few": "Nog te weinig punten voor grenzen.",
        "no_values": "Er zijn nog geen waarden.",
        "explained": (
            "XmR: elk punt staat voor gegevens die geen ander punt deelt. Lijn: gemiddelde; streep: gewone grenzen; "
            "stippel: doel. ▲ verbetering, ■ reden tot zorg, ● gewone variatie, ○ telt niet mee."
        ),
        "recent": "Laatste {} dagen",
        "day": "Dag",
        "value": "Waarde",
        "status": "Status",
        "known": "Bekend sinds",
        "changes": "Veranderd",
        "previous_week": "t.o.v. een week eerder",
        "previous_month": "t.o.v. 4 weken eerder",
        "previous_year": "t.o.v. 52 weken eerder",
        "restated": "Herzien",
        "reported": "Gemeld",
        "became": "Werd",
        "change": "Verschil",
        "cause": "Oorzaak",
        "nothing_restated": "Geen gemelde waarde is later veranderd.",
        "small": "klein",
        "more": "En nog {}: kpi history restatements",
        "stream": "Gegevensstroom",
        "records": "Records",
        "quarantined": "Afgekeurd",
        "newest": "Nieuwste",
        "complete_until": "Volledig tot",
        "alerts": "Meldingen",
        "no_alerts": "Er is nooit een grens overschreden zolang er gemeld wordt.",
        "no_rule": "Deze KPI heeft geen waarschuwing of kritieke grens, en meldt dus niets.",
        "at": "Moment",
        "level": "Toestand",
        "receipt": "Bewijs van herkomst",
        "definition": "Definitie",
        "inputs": "Vingerafdruk van de invoer",
        "run": "Run",
        "recorded": "Vastgelegd",
        "closed": "de periode is voorbij",
        "running": "de periode loopt nog",
        "as_known": "Zoals bekend op",
        "unjudged": "Niet beoordeeld: er is geen doel of grens afgesproken.",
        "not_recorded": "Voor deze dag is niets vastgelegd.",
    },
    "en": {
        "now": "Now",
        "target": "Target",
        "evidence": "Evidence",
        "period": "Period",
        "process": "Noise or signal",
        "trial": "Trial limits: fewer than 13 points.",
        "grades": "A verdict in words has no mean, so it has no limits.",
        "grows": "What is done stays done: a series that can only grow has no limits.",
        "fixed": "This KPI is about one fixed period: there is no series to compute limits from.",
        "few": "Too few points for limits as yet.",
        "no_values": "There are no values yet.",
        "explained": (
            "XmR: each point stands for data that no other point shares. Line: mean; dashes: usual limits; dots: "
            "target. ▲ improvement, ■ concern, ● common variation, ○ left out."
        ),
        "recent": "Last {} days",
        "day": "Day",
        "value": "Value",
        "status": "Status",
        "known": "Known since",
        "changes": "Change",
        "previous_week": "since a week before",
        "previous_month": "since 4 weeks before",
        "previous_year": "since 52 weeks before",
        "restated": "Restated",
        "reported": "As reported",
        "became": "Became",
        "change": "Difference",
        "cause": "Cause",
        "nothing_restated": "No reported value has changed since.",
        "small": "small",
        "more": "And {} more: kpi history restatements",
        "stream": "Stream",
        "records": "Records",
        "quarantined": "Quarantined",
        "newest": "Newest",
        "complete_until": "Complete until",
        "alerts": "Alerts",
        "no_alerts": "No threshold was passed for as long as alerts are kept.",
        "no_rule": "This KPI has no warning or critical threshold, so it alerts nobody.",
        "at": "When",
        "level": "State",
        "receipt": "Receipt",
        "definition": "Definition",
        "inputs": "Fingerprint of the inputs",
        "run": "Run",
        "recorded": "Recorded",
        "closed": "the period is over",
        "running": "the period is still running",
        "as_known": "As known at",
        "unjudged": "Not rated: no target or threshold was agreed.",
        "not_recorded": "Nothing was recorded for this day.",
    },
}
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
    row = reading.row(kpi.id)
    process = process_of(reading, kpi)
    status = "no_data" if row is None else row.status
    judged = process.judged
    newest = sorted(beside.restatements, key=lambda each: (each.restated_at, each.day), reverse=True)
    return Numbers(
        words=words,
        day=day_text(reading.day, language),
        number=reading.number(kpi),
        row=row,
        status=status,
        status_words=status_text(status, language),
        held=[each.whole for each in beside.held] or _unjudged(kpi, status, reading),
        target=threshold_text(in_force(kpi.target, reading.day), kpi.unit, language),
        evidence=_evidence(reading, kpi, row),
        period=NOTHING if row is None else _period(reading, row),
        steps=[(words[name], _step(reading, kpi, back)) for name, back in BACK.items()],
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


def _step(reading: Reading, kpi: Kpi, back: int) -> str:
    now, before = reading.values(kpi.id, (reading.day, _ago(reading, back)))
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
    return at, of_day, told.level, status_text(told.level, language) if told.level in STATUS else told.level

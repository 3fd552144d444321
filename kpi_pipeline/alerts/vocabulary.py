"""The words of notices in Dutch and English: one table a purpose, so that a missing translation is a missing key."""

from __future__ import annotations

import re

Words = dict[str, dict[str, str]]

# Never colour alone: a level has a glyph and a word.
LEVELS: Words = {
    "ok": {"glyph": "✓", "nl": "hersteld", "en": "recovered"},
    "info": {"glyph": "●", "nl": "ter info", "en": "for information"},
    "warning": {"glyph": "▲", "nl": "waarschuwing", "en": "warning"},
    "critical": {"glyph": "■", "nl": "kritiek", "en": "critical"},
}

# Reasons that are no level but a message of their own kind.
MARKS: Words = {
    "milestone": {"glyph": "★", "nl": "mijlpaal", "en": "milestone"},
    "missed": {"glyph": "✗", "nl": "niet gehaald", "en": "missed"},
    "ask": {"glyph": "?", "nl": "vraag", "en": "question"},
    "reminder": {"glyph": "☐", "nl": "herinnering", "en": "reminder"},
    "report": {"glyph": "▤", "nl": "rapport", "en": "report"},
    "summary": {"glyph": "▲", "nl": "overzicht", "en": "overview"},
    "corrected": {"glyph": "✓", "nl": "gecorrigeerd", "en": "corrected"},
    "retroactive": {"glyph": "▲", "nl": "met terugwerkende kracht", "en": "in retrospect"},
}

# What happened to a KPI that is held against a threshold; the reasons of alerts.tell, alerts.watch and alerts.restated.
REASONS: Words = {
    "first_breach": {"nl": "over de grens", "en": "past its threshold"},
    "worse": {"nl": "verslechterd", "en": "got worse"},
    "better": {"nl": "verbeterd, nog niet hersteld", "en": "improved, not yet recovered"},
    "resolved": {"nl": "weer binnen de grens", "en": "back within its threshold"},
    "repeat": {"nl": "nog steeds over de grens", "en": "still past its threshold"},
    "escalation": {"nl": "over de grens en door niemand opgepakt", "en": "past its threshold and taken up by nobody"},
    "silence_expired": {"nl": "over de grens, de stilte is voorbij", "en": "past its threshold, its silence is over"},
    "mute_ended": {"nl": "over de grens, gemeld na stille uren", "en": "past its threshold, told after quiet hours"},
    "inhibit_ended": {"nl": "over de grens, eerder ingehouden", "en": "past its threshold, held back until now"},
    "milestone": {"nl": "bereikt", "en": "reached"},
    "missed": {"nl": "doel niet gehaald", "en": "target not reached"},
    "ask": {"nl": "is dit gehaald?", "en": "was this reached?"},
    "reminder": {"nl": "", "en": ""},
    "summary": {"nl": "van vóór het eerste oordeel", "en": "from before the first judgement"},
    "corrected": {"nl": "was toch niet over de grens", "en": "was not past its threshold after all"},
    "retroactive": {"nl": "was toch over de grens", "en": "was past its threshold after all"},
    "acknowledged": {"nl": "is opgepakt", "en": "is in hand"},
    "handed_back": {"nl": "is niet meer opgepakt", "en": "is no longer in hand"},
    "decision_overdue": {"nl": "besluit te laat", "en": "decision overdue"},
}

# The same of a rule that holds several conditions together, or that tells good news: nothing is "past a threshold".
CONDITIONS: Words = {
    **REASONS,
    "first_breach": {"nl": "is nu het geval", "en": "is now the case"},
    "resolved": {"nl": "is niet meer het geval", "en": "is no longer the case"},
    "repeat": {"nl": "is nog steeds het geval", "en": "is still the case"},
    "escalation": {"nl": "is het geval en door niemand opgepakt", "en": "is the case and taken up by nobody"},
    "silence_expired": {"nl": "is het geval, de stilte is voorbij", "en": "is the case, its silence is over"},
    "mute_ended": {"nl": "is het geval, gemeld na stille uren", "en": "is the case, told after quiet hours"},
    "inhibit_ended": {"nl": "is het geval, eerder ingehouden", "en": "is the case, held back until now"},
    "corrected": {"nl": "was toch niet het geval", "en": "was not the case after all"},
    "retroactive": {"nl": "was toch het geval", "en": "was the case after all"},
}

# Why a notice about data, a run or a decision comes now, when it is neither the first nor the last of its kind.
AGAIN: Words = {
    "worse": {"nl": "verslechterd", "en": "got worse"},
    "better": {"nl": "verbeterd, nog niet hersteld", "en": "improved, not yet recovered"},
    "repeat": {"nl": "herhaling, nog niet hersteld", "en": "a repeat, not yet recovered"},
    "escalation": {"nl": "door niemand opgepakt", "en": "taken up by nobody"},
    "silence_expired": {"nl": "de stilte is voorbij", "en": "its silence is over"},
    "mute_ended": {"nl": "gemeld na stille uren", "en": "told after quiet hours"},
    "inhibit_ended": {"nl": "eerder ingehouden", "en": "held back until now"},
    "acknowledged": {"nl": "opgepakt", "en": "in hand"},
    "handed_back": {"nl": "niet meer opgepakt", "en": "no longer in hand"},
}

# Of rules about data: what is wrong, and that it is well again.
DATA: Words = {
    "freshness": {"nl": "bron {name} levert niets nieuws", "en": "source {name} delivers nothing new"},
    "freshness_ok": {"nl": "bron {name} levert weer nieuwe gegevens", "en": "source {name} delivers again"},
    "load_failure": {"nl": "bron {name} kon niet worden opgehaald", "en": "source {name} could not be loaded"},
    "load_failure_ok": {"nl": "bron {name} is weer opgehaald", "en": "source {name} was loaded again"},
    "run_failure": {"nl": "run {name} is mislukt", "en": "run {name} failed"},
    "run_failure_ok": {"nl": "run {name} is weer gelukt", "en": "run {name} went well again"},
    "data": {"nl": "meting van {name} ontbreekt", "en": "measurement of {name} is missing"},
    "data_error": {"nl": "meting van {name} is mislukt", "en": "measurement of {name} failed"},
    "data_ok": {"nl": "{name} is weer gemeten", "en": "{name} is measured again"},
    "register": {"nl": "{name} is niet bijgehouden", "en": "{name} was not kept up"},
    "register_ok": {"nl": "{name} is weer bijgehouden", "en": "{name} is kept up again"},
    "decision_overdue": {"nl": "besluit te laat: {name}", "en": "decision overdue: {name}"},
    "decision_overdue_ok": {"nl": "besluit genomen: {name}", "en": "decision taken: {name}"},
}

# What a reminder lists: why a KPI is incomplete or a register late.
LACKS: Words = {
    "missing": {"nl": "ontbreekt", "en": "is missing"},
    "stale": {"nl": "bron verouderd", "en": "source is stale"},
    "no_data": {"nl": "geen gegevens", "en": "no data"},
    "overdue": {"nl": "te laat", "en": "overdue"},
    "review": {"nl": "drempel niet herzien", "en": "threshold not reviewed"},
}

LABELS: Words = {
    "in_short": {"nl": "In het kort", "en": "In short"},
    "value": {"nl": "Waarde", "en": "Value"},
    "threshold": {"nl": "Grens", "en": "Threshold"},
    "target": {"nl": "Doel", "en": "Target"},
    "condition": {"nl": "Voorwaarde", "en": "Condition"},
    "since": {"nl": "Sinds", "en": "Since"},
    "worst": {"nl": "Slechtste waarde", "en": "Worst value"},
    "opened": {"nl": "Begonnen", "en": "Opened"},
    "resolved": {"nl": "Hersteld", "en": "Resolved"},
    "duration": {"nl": "Duur", "en": "Duration"},
    "acknowledged": {"nl": "Opgepakt door", "en": "Acknowledged by"},
    "taken_up": {"nl": "{who} tot {until}: {why}", "en": "{who} until {until}: {why}"},
    "handed_back": {"nl": "Teruggegeven door", "en": "Handed back by"},
    "nobody": {"nl": "niemand", "en": "nobody"},
    "owner": {"nl": "Eigenaar", "en": "Owner"},
    "meaning": {"nl": "Betekenis", "en": "Meaning"},
    "reached": {"nl": "Bereikt", "en": "Reached"},
    "by": {"nl": "Uiterlijk", "en": "By"},
    "due": {"nl": "Uiterlijk", "en": "Due"},
    "when": {"nl": "Moment", "en": "When"},
    "actions": {"nl": "Wat te doen", "en": "What to do"},
    "runbook": {"nl": "Draaiboek", "en": "Runbook"},
    "decision": {"nl": "Besluit gevraagd", "en": "Decision asked"},
    "within": {"nl": "{question} (binnen {span})", "en": "{question} (within {span})"},
    "question": {"nl": "Vraag", "en": "Question"},
    "values": {"nl": "Waarden", "en": "Values"},
    "restated": {"nl": "Herziene dagen", "en": "Restated days"},
    "incomplete": {"nl": "Onvolledig", "en": "Incomplete"},
    "alerts": {"nl": "Al langer gaande", "en": "Going on for longer"},
    "why_now": {"nl": "Waarom nu", "en": "Why now"},
    "cause": {"nl": "Oorzaak", "en": "Cause"},
    "newest": {"nl": "Nieuwste gegeven", "en": "Newest record"},
    "newest_day": {"nl": "Nieuwste meting", "en": "Newest measurement"},
    "loaded": {"nl": "Laatst opgehaald", "en": "Last loaded"},
    "last_entry": {"nl": "Laatste invoer", "en": "Last entry"},
    "file": {"nl": "Bestand", "en": "File"},
    "run": {"nl": "Run", "en": "Run"},
    "of": {"nl": "Bij", "en": "About"},
    "began": {"nl": "Begon als", "en": "Began as"},
    "never": {"nl": "nooit", "en": "never"},
    "explain": {"nl": "Uitleg", "en": "Explain"},
    "acknowledge": {"nl": "Oppakken", "en": "Acknowledge"},
    "decide": {"nl": "Beslissen", "en": "Decide"},
    "page": {"nl": "Pagina", "en": "Page"},
    "days": {"nl": "{n} dagen", "en": "{n} days"},
    "chart": {
        "nl": "{title}, {n} dagen: van {first} naar {last}, laagste {low}, hoogste {high}, grens {limit}",
        "en": "{title}, {n} days: from {first} to {last}, lowest {low}, highest {high}, threshold {limit}",
    },
    "provisional": {"nl": "voorlopig", "en": "provisional"},
    "notice": {"nl": "Bericht", "en": "Notice"},
    "one": {"nl": "{n} melding", "en": "{n} alert"},
    "several": {"nl": "{n} meldingen", "en": "{n} alerts"},
    "more": {
        "nl": "en {n} meer; alles met: kpi alerts list {company}",
        "en": "and {n} more; all of them with: kpi alerts list {company}",
    },
    "undeclared": {"nl": "(niet meer gedeclareerd)", "en": "(no longer declared)"},
    "test": {
        "nl": "[TEST] Proefbericht: er is niets veranderd of bewaard",
        "en": "[TEST] A trial: nothing was changed or kept",
    },
    "fallback": {
        "nl": "Via dit kanaal omdat {channel} het bericht niet aannam: {error}",
        "en": "Through this channel because {channel} did not take it: {error}",
    },
}

UNITS: Words = {
    "period": {"nl": "periode", "en": "period"},
    "periods": {"nl": "perioden", "en": "periods"},
    "measurement": {"nl": "meting", "en": "measurement"},
    "measurements": {"nl": "metingen", "en": "measurements"},
    "working day": {"nl": "werkdag", "en": "working day"},
    "working days": {"nl": "werkdagen", "en": "working days"},
    "working hour": {"nl": "werkuur", "en": "working hour"},
    "working hours": {"nl": "werkuren", "en": "working hours"},
    "day": {"nl": "dag", "en": "day"},
    "days": {"nl": "dagen", "en": "days"},
    "hour": {"nl": "uur", "en": "hour"},
    "hours": {"nl": "uur", "en": "hours"},
    "minute": {"nl": "minuut", "en": "minute"},
    "minutes": {"nl": "minuten", "en": "minutes"},
}
SPAN = re.compile(r"(\d+) ([a-z ]+)")


def word(key: str, language: str, **values: object) -> str:
    """A label, with its places filled in; raises KeyError for one there is not."""
    text = LABELS[key][language]
    return text.format(**values) if values else text


def mark(reason: str, level: str, language: str) -> str:
    """What begins a headline: '■ kritiek', '✓ recovered', '☐ reminder'."""
    found = MARKS[reason] if reason in MARKS else LEVELS[level]
    return f"{found['glyph']} {found[language]}"


def span_text(span: str, language: str) -> str:
    """A span as written in the catalogue, '5 working days', in a language."""
    match = SPAN.fullmatch(span)
    if match is None:
        raise ValueError(f"{span!r} is no span")
    return f"{match[1]} {UNITS[match[2]][language]}"


def duration_text(seconds: float, language: str) -> str:
    """A length of time in days and hours, or in hours and minutes: '3 dagen 4 uur', '12 minutes'."""
    minutes = max(0, int(seconds // 60))
    parts = (("day", minutes // 1_440), ("hour", minutes // 60 % 24), ("minute", minutes % 60))
    shown = parts[:2] if minutes >= 1_440 else parts[1:]
    known = [(unit, amount) for unit, amount in shown if amount] or [("minute", 0)]
    return " ".join(f"{amount} {UNITS[unit if amount == 1 else f'{unit}s'][language]}" for unit, amount in known)

"""What each key of reports.yaml is for, in one sentence: shown by editors and in the documents."""

from __future__ import annotations

REPORT = {
    "id": "Its name in commands, files and the archive: small letters, digits and _.",
    "name": "Its name for people, by language.",
    "period": "What one report is about: day, week, month, quarter, year, '4 weeks from 2025-12-29', or once two days.",
    "due": "When it is ready, in the company's zone: '07:00', 'mon 08:00', or 'day 3 08:00' after the period.",
    "running": "Due before its period is over, on that weekday of its last week.",
    "audience": "Whom it is for, in the framework's words.",
    "owners": "Who sees to it.",
    "origin": "What asks for it, in the framework's words: one text or a list.",
    "formats": "Which files are made: html, json, pdf, xlsx, mail.",
    "send": "How it leaves: notices through channels, files into folders.",
    "sections": "What is in it, in this order; each kind of section has keys of its own.",
}
SEND = {
    "channel": "A channel of company.yaml: its notice has the headline, a link and the digest.",
    "to": "People who get it; mail needs them.",
    "folder": "A folder below KPI_DROP_REPORTS (default: below the reports) that the files are copied to.",
    "formats": "Of a folder: which files.",
}
STAGE = {
    "name": "What the stage is called, by language.",
    "first": "Its first day.",
    "last": "Its last day.",
    "targets": "What it wants.",
}
STAGE_TARGET = {
    "kpi": "The KPI that tells.",
    "wants": "The comparison as printed, for example '>= 300'.",
    "what": "What is wanted where no KPI tells, by language.",
    "filled_by": "Who says whether that is so.",
}
SECTION = {
    "kind": "Which kind of section it is.",
    "title": "Its heading, by language; without one it is called by its kind.",
    "note": "A sentence under it, by language.",
    "kpis": "KPIs by id, in this order.",
    "group": "All KPIs of a group.",
    "companions": "Also those that stand beside them.",
    "month": "Also the step since a month before.",
    "count": "How many.",
    "signals": "Those whose newest point has a special cause, instead of a list.",
    "by": "Which periods are drawn: day, week, month or quarter.",
    "level": "The KPI that is read at two ends.",
    "opening": "The KPI of the opening amount, where it is not the same as the closing one.",
    "closing": "The KPI of the closing amount.",
    "movements": "KPIs between the two; one after '-' counts downwards.",
    "kpi": "The KPI by id.",
    "since": "The first day that counts.",
    "until": "The day by which the target is to be reached.",
    "planned": "The KPI that says how far it should be.",
    "parts": "How many blocks the whole is cut into.",
    "stages": "The stages, the first one first.",
    "id": "What commands call the section.",
    "what": "What belongs there, by language.",
    "filled_by": "Who writes it.",
    "drawn": "Of which KPIs a line with its band is drawn.",
    "weeks": "How many weeks ahead.",
    "most": "At most so many KPIs a period.",
}
MODELS = {"Report": REPORT, "Send": SEND, "Stage": STAGE, "StageTarget": STAGE_TARGET}

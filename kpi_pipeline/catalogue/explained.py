"""What each key of company.yaml and of a KPI is for, in one sentence: shown by editors and in the documents."""

from __future__ import annotations

COMPANY = {
    "id": "The company's name in commands and addresses; the folder has the same name.",
    "name": "The company's name for people.",
    "zone": "IANA time zone of its business days, for example Europe/Amsterdam.",
    "currency": "Currency of its money columns, for example EUR.",
    "language": "Language of its pages and notices: nl or en.",
    "fiscal_year_starts": "Month (1-12) in which the fiscal year starts.",
    "calendars": "Working calendars by name: days, opens, closes, and the country whose holidays are free.",
    "sources": "Systems it uses: variables of key and address, owner, how late data may be, settings of the vendor.",
    "people": "Who can own a KPI: name, role, mail address, channels, deputy, days away (the deputy is told too).",
    "rotas": "Duties that pass from person to person: members, the length of a turn, and when the first one started.",
    "channels": "Where notices go: kind, the variable that holds the address, and what the kind needs besides.",
    "approvers": "People who all have to agree before a target or threshold changes.",
}
KPI = {
    "id": "Its name in commands, formulas and addresses: small letters, digits and _.",
    "name": "Its name for people, by language; the company's own language is needed.",
    "kind": "How it is computed; each kind has keys of its own.",
    "window": "The span it looks at: 'rolling 30 days', 'calendar month', 'at day end' …",
    "unit": "Unit of the value, for example percent, EUR, hours, count, grade.",
    "better": "Whether higher or lower values are better.",
    "grades": "Words of a value that is no number, worst first; with unit grade.",
    "grade_names": "How people say the grades, by language, in the same order.",
    "target": "What is aimed at: a comparison as printed, or a list of {is, since, approved_by}.",
    "target_follows": "How the target comes from those of other KPIs: '12 * mrr', or a bound such as '>= 3 * cac'.",
    "warning": "When it is a warning: a comparison as printed, or a list of {is, since, approved_by}.",
    "critical": "When it is critical: a comparison as printed, or a list of {is, since, approved_by}.",
    "min_n": "With fewer observations than this the value is not judged.",
    "owners": "People and rotas who answer for it, in order.",
    "cadence": "How often the framework looks at it.",
    "origin": "The framework's own wording.",
    "reading": "How an ambiguity of that wording is read.",
    "contradiction": "What in the framework cannot all be true, with the numbers; one text or a list.",
    "companion_of": "The KPI that this one stands beside.",
    "settles_after": "How long late records still count for a day; until then its value is provisional.",
    "material": "How large a restatement must be to be told: a step in the unit such as 0.5, or a share such as '1 %'.",
    "group": "Part of the framework it belongs to.",
    "reviewed": "Day on which its target and thresholds were last looked at, changed or not.",
    "version": "Rises whenever the meaning changes.",
}

"""What each key of alerts.yaml is for, in one sentence: shown by editors and in the documents."""

from __future__ import annotations

ALERTS = {
    "calendar": "Working calendar by which spans such as '2 working days' are counted; else the company's usual one.",
    "management": "People and rotas that an escalation to `management` goes to.",
    "data_owners": "People and rotas told of missing measurements and failed runs; else the owners of the sources.",
    "escalation": "Who is told next of a critical alert that nobody acknowledges; deputies and management by default.",
    "baseline": "What is told of what was wrong before a rule was first judged: quiet (one summary) or notify.",
    "fallback": "Channel that takes a notice which its own channel could not deliver.",
    "heartbeat": "Variable with a URL that is pinged while rules are judged, so that silence is noticed elsewhere.",
    "group_wait": "How long a notice waits for others of the same run and channel, to go in one message.",
    "group_interval": "Repeats are due at multiples of this.",
    "acknowledged_for": "How long an acknowledgement holds when its author names no end.",
    "route": "The routing tree: who is told of what, and by which channels.",
    "mutes": "Hours and days in which nothing is sent; what still is wrong is told when they are over.",
    "rules": "Rules beside the thresholds of the KPIs, which need no entry here.",
}
RULE = {
    "id": "Its name in commands and in the log: small letters, digits and _.",
    "name": "Its name for people, by language; a rule about one KPI may be called by the KPI.",
    "origin": "The framework's own wording; one text or a list.",
    "kpi": "The KPI it watches: by thresholds of the rule's own, or by those of the KPI when it has none.",
    "info": "When good news is told: a comparison as printed, or a list of {is, since, approved_by}.",
    "warning": "When it is a warning, in place of the KPI's own.",
    "critical": "When it is critical, in place of the KPI's own; it lies within warning.",
    "recovery": "What a value must reach before the alert is over; else it is over when no threshold is passed.",
    "critical_recovery": "What a value must reach before a critical alert becomes a warning.",
    "all": "Conditions on KPIs that must all hold; an entry `any` holds when enough of its own do.",
    "unless_all": "The same, but it fires when they do not all hold: a minimum that must be reached.",
    "only_when": "Conditions without which its readings say nothing: neither a breach nor good, as in a holiday.",
    "level": "How severe it is when `all` holds, or `unless_all` does not: info, warning or critical.",
    "each": "Tells each time that the KPI passes a multiple of this number upwards: every 50 customers.",
    "by": "The day on which `info` or `all` must hold, or on which somebody is asked what `manual` says.",
    "manual": "What somebody must check on the day `by`, because no KPI knows it.",
    "remind": "When people are reminded of something, whatever the KPIs say.",
    "every": "Judged once a period of this length, by its last day: a weekly reading of a daily KPI.",
    "for": "How long it must last before it fires: '2 periods', '2 measurements', '1 working day', '30 minutes'.",
    "recover_periods": "How many good periods in a row end it.",
    "on_gap": "What a missing period does to the count: hold it, reset it, or count as a breach.",
    "on_no_data": "What no data does to the alert: keep it as it is, fire, or count as ok.",
    "on_undefined": "What a zero denominator does: keep the alert as it is, or count as a breach.",
    "check_open": "Whether a period that still goes on is judged too; notices then say that the value is provisional.",
    "accumulate": "How many periods are pooled when one alone has too few observations.",
    "confidence": "How certain it must be that the true share is past the threshold, for example 0.9.",
    "calendar": "Working calendar of its spans, in place of the company's.",
    "owners": "Who answers for it, in place of the KPI's owners.",
    "inform": "Who is told besides the owners.",
    "repeat": "After how long it is told again while it lasts; else the KPI's cadence, at least a day of working time.",
    "escalation": "Who is told next when nobody acknowledges, in place of the company's; [] for nobody.",
    "decision": "A decision that somebody has to take when it fires.",
    "actions": "What the framework says to do, by language.",
    "runbook": "Link to what to do in detail.",
    "bypass_mute": "Whether mutes do not hold its notices back; it is logged when they would have.",
    "send_resolved": "Whether its end is told.",
    "baseline": "For this rule, what is told of what was wrong before: quiet or notify.",
    "group": "Group that routes and mutes can match; else that of the KPI.",
}
TERM = {
    "kpi": "The KPI that the condition is on.",
    "is": "What must hold: '> 40', '<= 1.2 x mean of 28 days' (of its own past), or 'better than last month'.",
    "stat": "What is compared: the latest value, or min, max or mean over the last days.",
    "over": "How many days `stat` is taken over, for example 7 days.",
    "by": "By how much at least it must be better than last month.",
}
ANY = {
    "any": "Conditions of which some must hold.",
    "at_least": "How many of them; 1 when absent.",
}
REMIND = {
    "every": "How often: day, week, fortnight, 4 weeks, month, quarter or year.",
    "on": "On which day of the period: mon … sun, or its number; negative numbers count from the end.",
    "at": "At which local time.",
    "since": "Not before this day.",
    "only_if": "Only when KPIs lack a fresh value (incomplete) or were not reviewed (overdue); both list which.",
}
DECISION = {
    "within": "How soon it is due, for example '5 working days'.",
    "question": "What has to be decided, by language.",
    "by": "Who decides; else the owners.",
}
STEP = {
    "after": "How long after the alert fired, for example '1 working day'.",
    "to": "Who is told then: deputy, management, people or rotas.",
}
ROUTE = {
    "match": "What must hold, by label: a value, or with ~ before it a pattern of the whole value.",
    "to": "Who is told: owners, deputy, management, data_owners, people or rotas.",
    "channels": "Only these of their channels; who has none of them is told by all of their own.",
    "continue": "Whether the routes after this one are tried too.",
    "routes": "Routes below this one: the first that matches wins; this one itself when none does.",
}
MUTE = {
    "id": "Its name in the log.",
    "days": "Days of the week, for example mon-fri; all when absent.",
    "from": "Local time at which it begins, that minute included.",
    "to": "Local time at which it ends, that minute not included; 24:00 is the end of the day.",
    "dates": "Whole days instead: 2026-12-25 or 2026-12-24/2027-01-02.",
    "zone": "Time zone of its hours; the company's when absent.",
    "match": "Which alerts it is for, as in a route; all when absent.",
}

# Sentences by the model whose keys they are about.
MODELS = {
    "Alerting": ALERTS,
    "Rule": RULE,
    "Term": TERM,
    "AnyOf": ANY,
    "Remind": REMIND,
    "Ask": DECISION,
    "Step": STEP,
    "Route": ROUTE,
    "Mute": MUTE,
}

"""What each key of audit.yaml is for, in one sentence: shown by editors and in the documents."""

from __future__ import annotations

AUDIT = {
    "reconcile": "What has to agree: two ways to count the same thing.",
    "explained": "Differences that a person has looked at and explained.",
}
RECONCILIATION = {
    "id": "Its name in commands, in the log and in explanations: small letters, digits and _.",
    "name": "Its name for people, by language.",
    "left": "One way: the id of a KPI, or a measure with `kind` and that kind's keys.",
    "right": "The other way, as `left`.",
    "window": "The window of measures declared here; a KPI keeps its own.",
    "unit": "The unit of both sides.",
    "tolerance": "How far apart they may be: a step in the unit such as 5, or a share such as '2 %'.",
    "kpis": "KPIs that nobody may call good while there is an open difference.",
    "owners": "People and rotas who look into a difference.",
    "reading": "Why the two have to agree, and what may lie between them.",
}
EXPLANATION = {
    "rule": "The id of a reconciliation; or level, trend or volume.",
    "kpi": "Of level, trend and volume: which KPI.",
    "first": "First day of the difference.",
    "last": "Last day of the difference.",
    "reason": "Why it is as it should be.",
    "by": "Who says so.",
    "expires": "The day after which the difference is open again.",
}
MODELS = {"Audit": AUDIT, "Reconciliation": RECONCILIATION, "Explanation": EXPLANATION}

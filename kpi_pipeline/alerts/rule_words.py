"""A rule in words, in Dutch and English: what makes it fire, how long it must last, when it is over, what it asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from kpi_pipeline.alerts.vocabulary import LEVELS, span_text
from kpi_pipeline.catalogue.alerting import SEVERITIES, AnyOf, Comparison, Remind, Rule, Term
from kpi_pipeline.catalogue.display import day_text, threshold_text, value_text
from kpi_pipeline.catalogue.model import Company, Threshold

PERIODS = {
    "day": {"nl": "elke dag", "en": "every day"},
    "week": {"nl": "elke week", "en": "every week"},
    "fortnight": {"nl": "elke twee weken", "en": "every fortnight"},
    "4 weeks": {"nl": "elke vier weken", "en": "every four weeks"},
    "month": {"nl": "elke maand", "en": "every month"},
    "quarter": {"nl": "elk kwartaal", "en": "every quarter"},
    "year": {"nl": "elk jaar", "en": "every year"},
}
LAST = {
    "week": {"nl": "vorige week", "en": "last week"},
    "month": {"nl": "vorige maand", "en": "last month"},
    "quarter": {"nl": "vorig kwartaal", "en": "last quarter"},
}
STATS = {
    "min": {"nl": "laagste", "en": "lowest"},
    "max": {"nl": "hoogste", "en": "highest"},
    "mean": {"nl": "gemiddelde", "en": "mean"},
}
WEEKDAYS = {
    "mon": {"nl": "maandag", "en": "Monday"},
    "tue": {"nl": "dinsdag", "en": "Tuesday"},
    "wed": {"nl": "woensdag", "en": "Wednesday"},
    "thu": {"nl": "donderdag", "en": "Thursday"},
    "fri": {"nl": "vrijdag", "en": "Friday"},
    "sat": {"nl": "zaterdag", "en": "Saturday"},
    "sun": {"nl": "zondag", "en": "Sunday"},
}
TEXTS = {
    "nl": {
        "all": "{level} als {conditions}",
        "unless": "{level} tenzij {conditions}",
        "and": " en ",
        "any": "minstens {n} van: {conditions}",
        "each": "bij elke {n} erbij",
        "better": "{kpi} beter dan {period}",
        "better_by": "{kpi} minstens {by} beter dan {period}",
        "stat": "{stat} {kpi} over {days} dagen {limit}",
        "past": "{kpi} {op} {times} × {stat} van {days} dagen",
        "for": "na {span} achter elkaar",
        "lasting": "na {span}",
        "recovery": "voorbij bij {limit}",
        "recover_periods": "voorbij na {n} goede perioden",
        "by": "uiterlijk {day}",
        "manual": "vraagt of dit gehaald is: {text}",
        "remind": "herinnering {every}{on} om {at}",
        "on_day": ", dag {on}",
        "only_incomplete": "alleen als KPI's onvolledig zijn",
        "only_overdue": "alleen als iets te laat is",
        "every": "beoordeeld {every}",
        "only_when": "alleen zolang {conditions}",
        "open": "ook zolang de periode loopt",
        "confidence": "met {share}% zekerheid",
        "decision": "vraagt een besluit binnen {span}",
        "bypass": "ook in stille uren",
        "never": "heeft geen drempel",
    },
    "en": {
        "all": "{level} if {conditions}",
        "unless": "{level} unless {conditions}",
        "and": " and ",
        "any": "at least {n} of: {conditions}",
        "each": "at every {n} more",
        "better": "{kpi} better than {period}",
        "better_by": "{kpi} better than {period} by at least {by}",
        "stat": "{stat} {kpi} over {days} days {limit}",
        "past": "{kpi} {op} {times} × the {stat} of {days} days",
        "for": "after {span} in a row",
        "lasting": "after {span}",
        "recovery": "over at {limit}",
        "recover_periods": "over after {n} good periods",
        "by": "by {day}",
        "manual": "asks whether this was reached: {text}",
        "remind": "a reminder {every}{on} at {at}",
        "on_day": ", day {on}",
        "only_incomplete": "only when KPIs are incomplete",
        "only_overdue": "only when something is late",
        "every": "judged {every}",
        "only_when": "only while {conditions}",
        "open": "while the period still goes on too",
        "confidence": "with {share}% certainty",
        "decision": "asks for a decision within {span}",
        "bypass": "in quiet hours too",
        "never": "has no threshold",
    },
}


def describe(company: Company, rule: Rule, language: str) -> str:
    """One line, for example 'waarschuwing < 28%, kritiek < 24%; na 2 perioden achter elkaar; voorbij bij ≥ 30%'."""
    return "; ".join(_parts(company, rule, language))


def _parts(company: Company, rule: Rule, language: str) -> Iterator[str]:
    words = TEXTS[language]
    yield from _trigger(company, rule, language)
    if rule.by is not None:
        yield words["by"].format(day=day_text(rule.by, language))
    if rule.only_when:
        yield words["only_when"].format(conditions=_conditions(company, rule.only_when, language))
    if rule.every is not None:
        yield words["every"].format(every=PERIODS[rule.every][language])
    if rule.hold_for.amount > 1 or not rule.hold_for.is_counted:
        counted = words["for" if rule.hold_for.is_counted else "lasting"]
        yield counted.format(span=span_text(str(rule.hold_for), language))
    if rule.confidence is not None:
        yield words["confidence"].format(share=format((rule.confidence * 100).normalize(), "f"))
    if rule.check_open:
        yield words["open"]
    if rule.recovery and rule.kpi is not None:
        yield words["recovery"].format(limit=_limit(company, rule.kpi, rule.recovery[-1], language))
    if rule.recover_periods > 1:
        yield words["recover_periods"].format(n=rule.recover_periods)
    if rule.bypass_mute:
        yield words["bypass"]
    if rule.decision is not None:
        yield words["decision"].format(span=span_text(str(rule.decision.within), language))


def _trigger(company: Company, rule: Rule, language: str) -> Iterator[str]:
    words = TEXTS[language]
    if rule.remind is not None:
        yield _reminder(rule.remind, language)
        if rule.remind.only_if is not None:
            yield words[f"only_{rule.remind.only_if}"]
    elif rule.all_of or rule.unless_all:
        conditions = _conditions(company, rule.all_of or rule.unless_all, language)
        frame = words["all" if rule.all_of else "unless"]
        yield frame.format(level=LEVELS[rule.level][language], conditions=conditions)
    elif rule.manual:
        yield words["manual"].format(text=rule.manual.get(language) or next(iter(rule.manual.values())))
    elif rule.each is not None:
        yield words["each"].format(n=rule.each)
    elif rule.kpi is not None:
        yield _limits(company, rule, rule.kpi, language) or words["never"]


def _limits(company: Company, rule: Rule, kpi_id: str, language: str) -> str:
    """The thresholds as they were changed last."""
    source = rule if rule.has_own_limits else company.kpis[kpi_id]
    found = ((level, getattr(source, level, ())) for level in SEVERITIES)
    return ", ".join(
        f"{LEVELS[level][language]} {_limit(company, kpi_id, limits[-1], language)}"
        for level, limits in found
        if limits
    )


def _conditions(company: Company, parts: Sequence[Term | AnyOf], language: str) -> str:
    return TEXTS[language]["and"].join(_condition(company, part, language) for part in parts)


def _condition(company: Company, part: Term | AnyOf, language: str) -> str:
    words = TEXTS[language]
    if isinstance(part, AnyOf):
        inner: Sequence[str] = [_condition(company, term, language) for term in part.any_of]
        return words["any"].format(n=part.at_least, conditions=", ".join(inner))
    name, compare = company.kpis[part.kpi].title(language), part.compare
    if compare.period:
        frame = words["better_by" if part.by else "better"]
        by = value_text(part.by, company.kpis[part.kpi].unit, language)
        return frame.format(kpi=name, period=LAST[compare.period][language], by=by)
    if compare.stat:
        times, stat = format(compare.value.normalize(), "f"), STATS[compare.stat][language]
        return words["past"].format(kpi=name, op=_op(compare), times=times, stat=stat, days=compare.days)
    limit = _limit(company, part.kpi, compare, language)
    if part.stat == "latest":
        return f"{name} {limit}"
    return words["stat"].format(stat=STATS[part.stat][language], kpi=name, days=part.over.days, limit=limit)


def _reminder(remind: Remind, language: str) -> str:
    words = TEXTS[language]
    named = isinstance(remind.on, str)
    on = f", {WEEKDAYS[str(remind.on)][language]}" if named else words["on_day"].format(on=remind.on)
    return words["remind"].format(
        every=PERIODS[remind.every][language], on="" if remind.every == "day" else on, at=f"{remind.at:%H:%M}"
    )


def _limit(company: Company, kpi_id: str, limit: Threshold | Comparison, language: str) -> str:
    kpi = company.kpis[kpi_id]
    if isinstance(limit, Threshold):
        return threshold_text(limit, kpi.unit, language)
    if kpi.grades:
        return f"{_op(limit)} {kpi.grades[int(limit.value)]}"
    value = limit.value if limit.value.as_tuple().exponent else Decimal(int(limit.value))
    return threshold_text(Threshold.model_validate({"op": limit.op, "value": value}), kpi.unit, language)


def _op(compare: Comparison) -> str:
    return {">=": "≥", "<=": "≤"}.get(compare.op, compare.op)

"""The keys of a rule go together: none is without effect, spans and days are ones that can come, ids are free."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kpi_pipeline.catalogue.alerting import RESERVED, Remind, Rule, Term
from kpi_pipeline.catalogue.entry import WEEKDAYS
from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.rules.alerting import CODE, terms_of
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.errors import Issue

DAYS = {"day": 1, "week": 7, "fortnight": 14, "4 weeks": 28, "month": 31, "quarter": 92, "year": 366}
PERIOD = re.compile(r"calendar (\w+)|last \d+ complete (month)s?")
OF_VALUES = ("info", "warning", "critical", "recovery", "critical_recovery", "accumulate", "confidence", "check_open")
SHARES = ("percent",)


def keys_of_rules_go_together(company: Company) -> Iterable[Issue]:
    for rule in company.alerts.rules:
        for path, message in _faults(company, rule):
            yield Issue(rule.file, rule.line_of(path), f"rule {rule.id}: {message}", rule=CODE)


def _faults(company: Company, rule: Rule) -> Iterable[tuple[str, str]]:
    if rule.id in RESERVED:
        yield "id", f"the id {rule.id!r} is taken by a rule that every company has"
    yield from _without_effect(rule)
    yield from _spans(rule)
    if rule.by is not None and not (rule.info or rule.all_of or rule.manual):
        yield "by", "`by` needs what must be reached on that day: `info`, `all` or `manual`"
    for path, term in terms_of(rule):
        yield from ((f"{path}.{key}", message) for key, message in _term(term))
    if rule.remind is not None:
        yield from _remind(rule.remind)
    for kpi_id in rule.kpis:
        kpi = company.kpis.get(kpi_id)
        period = None if kpi is None else _period(kpi.window)
        if period is not None and rule.every is not None and DAYS[rule.every] < DAYS[period]:
            message = f"every {rule.every} is finer than the window of {kpi_id}, which is over once a {period}"
            yield "every", message
        if kpi is not None and rule.confidence is not None and kpi.unit not in SHARES:
            yield "confidence", f"confidence is that of a share, but {kpi_id} is in {kpi.unit}"


def _without_effect(rule: Rule) -> Iterable[tuple[str, str]]:
    written = rule.model_fields_set
    if "level" in written and not (rule.all_of or rule.unless_all):
        yield "level", "`level` is that of `all` or `unless_all`; thresholds have their own: warning, critical, info"
    if not rule.judges_thresholds:
        for key in OF_VALUES:
            if key in written:
                yield key, f"`{key}` is without effect: the rule compares no value of a KPI with thresholds"
    if "every" in written and rule.remind is not None:
        yield "every", "`every` of a reminder stands in `remind`"


def _spans(rule: Rule) -> Iterable[tuple[str, str]]:
    if rule.hold_for.amount == 0:
        yield "for", "`for` is at least 1"
    if rule.repeat is not None and rule.repeat.is_counted:
        yield "repeat", f"repeat {rule.repeat}: a reminder comes after working days, hours or days"
    if rule.decision is not None and rule.decision.within.is_counted:
        yield "decision.within", f"within {rule.decision.within}: a decision is due after working days, hours or days"


def _term(term: Term) -> Iterable[tuple[str, str]]:
    if term.stat != "latest" and not term.over.days:
        yield "stat", f"`stat: {term.stat}` needs `over`, the days it is taken of"
    if term.over.days and term.stat == "latest":
        yield "over", "`over` needs `stat`: min, max or mean"
    if term.over.total_seconds() % 86_400:
        yield "over", "`over` is a number of whole days"
    if term.by and not term.compare.period:
        yield "by", "`by` is how much `is: better than last week` asks for at least"


def _remind(remind: Remind) -> Iterable[tuple[str, str]]:
    if isinstance(remind.on, str) and remind.on not in WEEKDAYS:
        yield "remind.on", f"on {remind.on!r}{did_you_mean(remind.on, WEEKDAYS)}: a day is mon … sun, or a number"
    if isinstance(remind.on, int) and not 1 <= abs(remind.on) <= DAYS[remind.every]:
        yield "remind.on", f"on {remind.on}: there is no such day in a {remind.every}"


def _period(window: str) -> str | None:
    """The calendar period that a window is over with; None for one that moves from day to day."""
    match = PERIOD.fullmatch(window)
    found = None if match is None else match[1] or match[2]
    return found if found in DAYS else None

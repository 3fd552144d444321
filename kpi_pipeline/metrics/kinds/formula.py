"""formula: arithmetic on other KPIs of the company, each in its own unit: "arpa * margin / mean_of_months(churn, 6)".

A name may look back: `mrr@1 month` is the value on the last day of the calendar month before, `mrr@12 months` twelve
months before; weeks (ISO), quarters and years likewise. `mean_of_months(x, 6)` is the mean of the values on the last
days of the six months before the running one, `mean_of_days(x, 7)` of those of the seven days that end with the day.
All is exact: values come from the KPIs, and are added and divided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

from kpi_pipeline.catalogue.arithmetic import Call, Name, Number, Operation, Term, apply, names, parse
from kpi_pipeline.catalogue.evidence import SMALLEST_PART
from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.quantity import Pair, of_quotient
from kpi_pipeline.metrics.kinds.base import Context, DerivedKind, Outcome, Params
from kpi_pipeline.metrics.windows import add_months, period_start

Values = Mapping[str, Mapping[date, Outcome]]


def check_expression(text: str) -> str:
    parse(text)
    return text


class FormulaParams(Params):
    """`not_positive`: the reason given when the divisor is zero or less (no reason: such a day has no value)."""

    expression: Annotated[str, AfterValidator(check_expression)]
    not_positive: str | None = None

    def references(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name.kpi for name in names(parse(self.expression))))

    def divided(self, company: Company) -> Pair | None:
        units = {name: company.kpis[name].unit for name in self.references()}
        return of_quotient(parse(self.expression), units)

    def n_in_words(self, company: Company, language: str) -> str | None:
        parts = [company.kpis[name].params for name in self.references()]
        return None if all(each.n_in_words(company, language) is None for each in parts) else SMALLEST_PART[language]


@dataclass(frozen=True, slots=True)
class Part:
    """A number on the way to the value, and the fewest records behind any of its KPIs (None: no KPI in it)."""

    value: Decimal | None
    n: int | None = None


def outcomes(params: FormulaParams, context: Context) -> dict[date, Outcome]:
    """The value of each day; numerator and denominator are the two sides of the last division made."""
    tree = parse(params.expression)
    days = [day.day for day in context.spine.days]
    values = read(names(tree), days, context)
    return {day: _outcome(tree, day, values, params, context) for day in days}


def read(wanted: Iterable[Name], days: list[date], context: Context) -> Values:
    """The outcomes of the named KPIs on every day that the expression looks at from one of `days`."""
    looked_at: dict[str, set[date]] = {}
    for name in wanted:
        looked_at.setdefault(name.kpi, set()).update(back for day in days for back in looked_back(name, day))
    return {kpi: context.outcomes_of(kpi, min(seen), max(seen)) for kpi, seen in looked_at.items()}


def looked_back(name: Name, day: date) -> list[date]:
    """The days a name looks at from one day."""
    if name.months:
        month = day.replace(day=1)
        return [add_months(month, -back) - timedelta(days=1) for back in range(name.months)]
    if name.days:
        return [day - timedelta(days=back) for back in range(name.days)]
    if not name.periods:
        return [day]
    start = period_start(day, name.unit)
    if name.unit == "week":
        return [start - timedelta(weeks=name.periods - 1, days=1)]
    length = {"month": 1, "quarter": 3, "year": 12}[name.unit]
    return [add_months(start, -length * (name.periods - 1)) - timedelta(days=1)]


def _outcome(tree: Term, day: date, values: Values, params: FormulaParams, context: Context) -> Outcome:
    if isinstance(tree, Operation) and tree.operator == "/":
        above, below = evaluate(tree.left, day, values), evaluate(tree.right, day, values)
        n = _fewest(above, below)
        if above.value is None or below.value is None:
            return Outcome(None, above.value, below.value, n)
        if below.value == 0 or (params.not_positive is not None and below.value < 0):
            return Outcome(None, above.value, below.value, n, params.not_positive)
        times = 100 if context.kpi.unit == "percent" else 1
        return Outcome(above.value * times / below.value, above.value, below.value, n)
    found = evaluate(tree, day, values)
    return Outcome(found.value, None, None, _fewest(found))


def _fewest(*parts: Part) -> int:
    return min((part.n for part in parts if part.n is not None), default=0)


def evaluate(term: Term, day: date, values: Values) -> Part:
    """The value of a term on a day; None when one of its parts is unknown or a divisor is zero."""
    match term:
        case Number(value):
            return Part(value)
        case Name() as name:
            seen = [values[name.kpi].get(back) for back in looked_back(name, day)]
            known = [each.value for each in seen if each is not None and each.value is not None]
            n = min((each.n for each in seen if each is not None), default=0)
            if len(known) < len(seen):
                return Part(None, n)
            return Part(sum(known, Decimal(0)) / len(known), n)
        case Call(argument):
            return evaluate(argument, day, values)
        case Operation(operator, left, right):
            first, second = evaluate(left, day, values), evaluate(right, day, values)
            both = [each.n for each in (first, second) if each.n is not None]
            return Part(apply(operator, first.value, second.value), min(both) if both else None)


WORDS = {
    "nl": {
        "ago": "{0}, {1} {2} eerder",
        "months": "{0}, gemiddeld over {1} maanden",
        "days": "{0}, {1}-daags gemiddelde",
    },
    "en": {"ago": "{0} {1} {2} earlier", "months": "{0}, mean of {1} months", "days": "{0}, mean of {1} days"},
}
UNITS = {"week": ("week", "weken"), "month": ("maand", "maanden"), "quarter": ("kwartaal", "kwartalen")}
UNITS |= {"year": ("jaar", "jaar")}
DUTCH = str.maketrans(",.", ".,")
SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷", "^": "^"}


def words(params: FormulaParams, language: str) -> str:
    return _say(parse(params.expression), language)


def _say(term: Term, language: str) -> str:
    match term:
        case Number(value):
            number = f"{value:,f}"
            return number.translate(DUTCH) if language == "nl" else number
        case Name(kpi, periods, unit, months, days):
            if months or days:
                return f"({WORDS[language]['months' if months else 'days'].format(kpi, months or days)})"
            if not periods:
                return kpi
            many = periods != 1
            span = UNITS[unit][many] if language == "nl" else f"{unit}s" * many + unit * (not many)
            return f"({WORDS[language]['ago'].format(kpi, periods, span)})"
        case Call(argument):
            return f"({_say(argument, language)})"
        case Operation(operator, left, right):
            return f"{_say(left, language)} {SIGNS[operator]} {_say(right, language)}"


def looks_at(params: FormulaParams, day: date) -> list[tuple[str, date]]:
    """The KPI and day behind every name of the expression, seen from one day."""
    return [(name.kpi, back) for name in _named(params.expression) for back in looked_back(name, day)]


@lru_cache(maxsize=512)
def _named(expression: str) -> tuple[Name, ...]:
    return tuple(names(parse(expression)))


FORMULA = DerivedKind("formula", FormulaParams, outcomes, words, looks_at)

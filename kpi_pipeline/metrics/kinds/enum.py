"""enum: a grade that follows from other KPIs, for example Healthy while "ltv_cac > 3 and payback < 18"."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Annotated

from pydantic import AfterValidator, Field

from kpi_pipeline.catalogue.arithmetic import Name
from kpi_pipeline.metrics.kinds.base import Context, DerivedKind, Outcome, Params
from kpi_pipeline.metrics.kinds.formula import read

COMPARISON = re.compile(r"([a-z][a-z0-9_]*)\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)")
OPERATORS = {">=": ge, "<=": le, ">": gt, "<": lt}
Comparison = tuple[str, str, Decimal]


def comparisons(text: str) -> list[Comparison]:
    """'a > 3 and b < 18' → [('a', '>', 3), ('b', '<', 18)]."""
    found = [COMPARISON.fullmatch(part.strip()) for part in text.split(" and ")]
    if None in found:
        raise ValueError(
            f"when {text!r}: write comparisons of KPIs joined by and, such as 'ltv_cac > 3 and payback < 18'"
        )
    return [(match[1], match[2], Decimal(match[3])) for match in found if match is not None]


def check_when(text: str) -> str:
    comparisons(text)
    return text


class Rule(Params):
    when: Annotated[str, AfterValidator(check_when)]
    grade: str = Field(alias="is")


class EnumParams(Params):
    """The first rule that holds gives the grade; none that holds gives `otherwise`."""

    rules: tuple[Rule, ...] = Field(min_length=1)
    otherwise: str

    def references(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(kpi for rule in self.rules for kpi, _, _ in comparisons(rule.when)))

    def named_grades(self) -> tuple[str, ...]:
        return (*(rule.grade for rule in self.rules), self.otherwise)


def outcomes(params: EnumParams, context: Context) -> dict[date, Outcome]:
    """The rank of the grade; a KPI without a value leaves the grade unknown. n is the smallest n of the KPIs."""
    days = [day.day for day in context.spine.days]
    values = read([Name(kpi) for kpi in params.references()], days, context)
    found = {}
    for day in days:
        known = {kpi: by_day.get(day) for kpi, by_day in values.items()}
        numbers = {kpi: each.value for kpi, each in known.items() if each is not None and each.value is not None}
        n = min((each.n for each in known.values() if each is not None), default=0)
        grade = _grade(params, numbers) if numbers.keys() == known.keys() else None
        rank = None if grade is None else Decimal(context.kpi.grades.index(grade))
        found[day] = Outcome(rank, None, None, n)
    return found


def _grade(params: EnumParams, numbers: dict[str, Decimal]) -> str:
    for rule in params.rules:
        if all(OPERATORS[operator](numbers[kpi], limit) for kpi, operator, limit in comparisons(rule.when)):
            return rule.grade
    return params.otherwise


def words(params: EnumParams, language: str) -> str:
    joint = {"nl": ("als", "anders"), "en": ("if", "otherwise")}[language]
    rules = "; ".join(f"{rule.grade} {joint[0]} {rule.when}" for rule in params.rules)
    return f"{rules}; {joint[1]} {params.otherwise}"


def looks_at(params: EnumParams, day: date) -> list[tuple[str, date]]:
    return [(kpi, day) for kpi in params.references()]


ENUM = DerivedKind("enum", EnumParams, outcomes, words, looks_at)

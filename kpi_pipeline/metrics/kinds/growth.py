"""growth: how much a KPI changed since the end of an earlier period, as a share of what it was then."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator

from kpi_pipeline.catalogue.arithmetic import Name, parse
from kpi_pipeline.catalogue.evidence import SMALLEST_PART
from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.quantity import Pair, of_quotient
from kpi_pipeline.metrics.kinds.base import Context, DerivedKind, Outcome, Params, scaled
from kpi_pipeline.metrics.kinds.formula import looked_back, read

OVER = re.compile(r"(\d+) (week|month|quarter|year)s?")


def check_over(text: str) -> str:
    if OVER.fullmatch(text) is None:
        raise ValueError(f"over {text!r}: write '1 month', '2 weeks', '1 quarter' or '1 year'")
    return text


class GrowthParams(Params):
    """`of` is a KPI of the company; `over` says against the end of which calendar period it is held."""

    of: str
    over: Annotated[str, AfterValidator(check_over)]

    def references(self) -> tuple[str, ...]:
        return (self.of,)

    def divided(self, company: Company) -> Pair | None:
        return of_quotient(parse(f"({self.of} - {self.of}) / {self.of}"), {self.of: company.kpis[self.of].unit})

    def n_in_words(self, company: Company, language: str) -> str | None:  # noqa: ARG002 - of kinds that look at it
        return SMALLEST_PART[language]

    def then(self) -> Name:
        count, unit = self.over.split()
        return Name(self.of, int(count), unit.removesuffix("s"))


def outcomes(params: GrowthParams, context: Context) -> dict[date, Outcome]:
    """numerator = now − then, denominator = then; no growth from nothing, nor from less than nothing."""
    days = [day.day for day in context.spine.days]
    values = read((Name(params.of), params.then()), days, context)[params.of]
    return {day: _outcome(values.get(day), values.get(looked_back(params.then(), day)[0]), context) for day in days}


def _outcome(now: Outcome | None, then: Outcome | None, context: Context) -> Outcome:
    if now is None or then is None or now.value is None or then.value is None:
        base = None if then is None else then.value
        return Outcome(None, None, base, 0)
    n = min(now.n, then.n)
    change = now.value - then.value
    if then.value <= 0:
        return Outcome(None, change, then.value, n)
    return Outcome(scaled(change, context.scale) / then.value, change, then.value, n)


def words(params: GrowthParams, language: str) -> str:
    earlier = f"{params.of} {params.over} {'eerder' if language == 'nl' else 'earlier'}"
    return f"({params.of} − {earlier}) ÷ {earlier}"


def looks_at(params: GrowthParams, day: date) -> list[tuple[str, date]]:
    """The KPI on the day itself and at the end of the earlier period."""
    return [(params.of, day), (params.of, looked_back(params.then(), day)[0])]


GROWTH = DerivedKind("growth", GrowthParams, outcomes, words, looks_at)

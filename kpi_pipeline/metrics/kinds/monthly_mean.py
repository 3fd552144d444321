"""monthly_mean: the mean of the last N complete calendar months; a month without records makes it unknown."""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

from kpi_pipeline.metrics import rolling
from kpi_pipeline.metrics.kinds.base import Context, Kind, Params, Records, divide
from kpi_pipeline.metrics.kinds.side import Rows, Sides, merged, side_records, spans
from kpi_pipeline.metrics.words import sides_in_words, term


class MonthlyMeanParams(Params):
    """`covered_by` are the records every month must have, or it was not kept and the mean is unknown."""

    of: Sides
    covered_by: Rows


def build(params: MonthlyMeanParams, context: Context) -> ir.Table:
    """numerator = Σ of the months, n = months with records, denominator = n when that is all of them, else null."""
    months = spans(params.covered_by, context).select("enter", "exit").distinct()
    covered = rolling.sums(months.mutate(n=ibis.literal(1, "int64")), ["n"], context.spine)
    summed = merged([(list(params.of), "numerator")], context)
    both = summed.join(covered, "day_index")
    complete = both.n == context.spine.window.length
    return both.mutate(denominator=ibis.ifelse(complete, both.n, ibis.null("int64")))


def records(params: MonthlyMeanParams, context: Context) -> Iterable[Records]:
    return side_records({"numerator": params.of}, context)


def words(params: MonthlyMeanParams, language: str) -> str:
    per_month = "gemiddeld per maand" if language == "nl" else "per month"
    return f"{sides_in_words(params.of, language)} {per_month}; {term('mean', language)}"


MONTHLY_MEAN = Kind("monthly_mean", MonthlyMeanParams, build, records, divide, words)

"""monthly_mean: the mean of the last N complete calendar months; a month without records makes it unknown."""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.metrics import rolling
from kpi_pipeline.metrics.kinds.base import Context, Kind, Outcome, Params, Records, Row, divide, exact
from kpi_pipeline.metrics.kinds.side import Rows, Sides, merged, side_records, spans
from kpi_pipeline.metrics.words import sides_in_words, term


class MonthlyMeanParams(Params):
    """`covered_by` are the records every month must have, or it was not kept and the mean is unknown."""

    of: Sides
    covered_by: Rows

    def n_in_words(self, company: Company, language: str) -> str | None:  # noqa: ARG002 - of kinds that look at it
        return term(self.of[0].fact, language)


def build(params: MonthlyMeanParams, context: Context) -> ir.Table:
    """numerator = Σ, n = rows, denominator = months; covered = months that have the records they must have."""
    spine = context.spine
    present = spans(params.covered_by, context, [params.covered_by.time])
    month, _ = spine.window.days_in_view(spine.day_of(present[params.covered_by.time]), spine.first, spine.last)
    months = rolling.once_per(present.mutate(month=month), "month")
    covered = rolling.sums(months.mutate(covered=ibis.literal(1, "int64")), ["covered"], spine)
    rows = [side.model_copy(update={"count": "rows", "sum": "", "minus": False}) for side in params.of]
    summed = merged([(list(params.of), "numerator"), (rows, "n")], context)
    length = ibis.literal(spine.window.length, "int64")
    return summed.join(covered, "day_index").mutate(denominator=length)


def finish(row: Row, params: MonthlyMeanParams, context: Context) -> Outcome:
    if row["covered"] < row["denominator"]:
        return Outcome(None, None, exact(row["denominator"]), 0)
    return divide(row, params, context)


def records(params: MonthlyMeanParams, context: Context) -> Iterable[Records]:
    return side_records({"numerator": params.of}, context)


def words(params: MonthlyMeanParams, language: str) -> str:
    per_month = "gemiddeld per maand" if language == "nl" else "per month"
    return f"{sides_in_words(params.of, language)} {per_month}; {term('mean', language)}"


MONTHLY_MEAN = Kind("monthly_mean", MonthlyMeanParams, build, records, finish, words)

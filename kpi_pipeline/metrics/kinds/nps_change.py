"""nps_change: how far the NPS of the window lies above that of a first measurement, or how sure that is.

The margin is half the 95 % interval of a difference of two independent means: an answer is worth 1, 0 or −1, so a mean
s / n of them with q answers that are not 0 has the variance (q / n − (s / n)²) / n.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

import ibis
import ibis.expr.types as ir

from kpi_pipeline.metrics import rolling, where
from kpi_pipeline.metrics.kinds.base import Context, Kind, Outcome, Records, Row, scaled
from kpi_pipeline.metrics.kinds.nps import DETRACTOR, PROMOTER, NpsParams
from kpi_pipeline.metrics.kinds.side import Rows, with_span
from kpi_pipeline.metrics.spine import Spine
from kpi_pipeline.metrics.windows import Shape, Window
from kpi_pipeline.metrics.words import side_in_words

NOW, THEN = "now", "then"
Z = Decimal("1.96")
PARTS = ("n", "sum", "squares")


class NpsChangeParams(NpsParams):
    """`of` are the answers of the window, `since` those of the first measurement, whenever that was before the day."""

    since: Rows
    statistic: Literal["change", "margin"]

    def further_columns(self) -> list[str]:
        return [self.score]


def build(params: NpsChangeParams, context: Context) -> ir.Table:
    """n, sum of (1, 0, −1) and sum of their squares, of the answers now and then."""
    now = _answers(params, NOW, context)
    then = _answers(params, THEN, context)
    return now.join(then, "day_index")


def _answers(params: NpsChangeParams, which: str, context: Context) -> ir.Table:
    rows = _seen(params, which, context, [params.score])
    score = rows[params.score]
    rows = rows.filter(score.between(0, 10))
    worth = ibis.cases((score >= PROMOTER, 1), (score <= DETRACTOR, -1), else_=0).cast("int64")
    one = ibis.literal(1, "int64")
    names = [f"{which}_{part}" for part in PARTS]
    weighed = rows.select("enter", "exit", **dict(zip(names, (one, worth, worth * worth), strict=True)))
    return rolling.sums(weighed, names, context.spine)


def _seen(params: NpsChangeParams, which: str, context: Context, columns: list[str] | None = None) -> ir.Table:
    rows, spine = (params.of, context.spine) if which == NOW else (params.since, _ever(context.spine))
    table = where.keep(context.facts[rows.fact], rows.where)
    return with_span(table, spine, rows.time, known=rows.known, until=rows.until, columns=columns)


def _ever(spine: Spine) -> Spine:
    """The same days, seen through all that was before them."""
    return Spine(spine.first, spine.last, Window(Shape.INSTANT), zone=spine.zone, now=spine.now, settle=spine.settle)


def finish(row: Row, params: NpsChangeParams, context: Context) -> Outcome:
    """numerator = NPS now, denominator = NPS then, in points; n the smaller number of answers; null without either."""
    n = min(row["now_n"], row["then_n"])
    now, then = (_score(row, which, context) for which in (NOW, THEN))
    if now is None or then is None:
        return Outcome(None, now, then, n)
    if params.statistic == "change":
        return Outcome(now - then, now, then, n)
    variance = _variance(row, NOW) + _variance(row, THEN)
    return Outcome(scaled(Z * variance.sqrt(), context.scale), now, then, n)


def _score(row: Row, which: str, context: Context) -> Decimal | None:
    n, total = Decimal(row[f"{which}_n"]), Decimal(row[f"{which}_sum"])
    return scaled(total, context.scale) / n if n else None


def _variance(row: Row, which: str) -> Decimal:
    n, total, squares = (Decimal(row[f"{which}_{part}"]) for part in PARTS)
    return (squares * n - total * total) / (n * n * n)


def records(params: NpsChangeParams, context: Context) -> Iterable[Records]:
    for which, rows in ((NOW, params.of), (THEN, params.since)):
        yield Records(which, rows.fact, _seen(params, which, context).drop("enter", "exit"))


def words(params: NpsChangeParams, language: str) -> str:
    now, then = side_in_words(params.of, language), side_in_words(params.since, language)
    if params.statistic == "change":
        return f"NPS: {now} − NPS: {then}"
    margin = "95%-marge van" if language == "nl" else "95 % margin of"
    return f"{margin} NPS: {now} − NPS: {then}"


NPS_CHANGE = Kind("nps_change", NpsChangeParams, build, records, finish, words)

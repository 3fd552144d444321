"""nps: 100 × (promoters 9-10 − detractors 0-6) ÷ all answers 0-10, on counts; rounding is for display (Bain)."""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

from kpi_pipeline.metrics import rolling
from kpi_pipeline.metrics.kinds.base import Context, Kind, Records, divide
from kpi_pipeline.metrics.kinds.side import OfRows, side_records, spans
from kpi_pipeline.metrics.words import side_in_words, term

PROMOTER, DETRACTOR = 9, 6


class NpsParams(OfRows):
    """Answers with a column `score` from 0 to 10."""

    score: str = "score"

    def further_columns(self) -> list[str]:
        return [self.score]


def build(params: NpsParams, context: Context) -> ir.Table:
    """numerator = promoters − detractors, denominator = n = answers; scores outside 0-10 are no answers."""
    rows = spans(params.of, context, [params.score])
    score = rows[params.score]
    rows = rows.filter(score.between(0, 10)).select(
        "enter",
        "exit",
        numerator=ibis.cases((score >= PROMOTER, 1), (score <= DETRACTOR, -1), else_=0).cast("int64"),
        denominator=ibis.literal(1, "int64"),
    )
    return rolling.sums(rows, ["numerator", "denominator"], context.spine).mutate(n=lambda table: table.denominator)


def records(params: NpsParams, context: Context) -> Iterable[Records]:
    return side_records({"denominator": [params.of]}, context)


def words(params: NpsParams, language: str) -> str:
    return f"({term('promoters', language)} − {term('detractors', language)}) ÷ {side_in_words(params.of, language)}"


NPS = Kind("nps", NpsParams, build, records, divide, words)

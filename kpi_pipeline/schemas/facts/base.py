"""Pandera models of the fact tables: what must hold of every fact, whatever vendor it came from.

They check a materialised fact as a polars frame. Columns, types and nullability are those of facts/spec.py (a test
holds the two together); the rules are what the business knows: keys, sets of words, and what cannot come before what.
"""

from __future__ import annotations

from typing import Any, ClassVar

import polars as pl

from kpi_pipeline.schemas.base import Text, Whole
from kpi_pipeline.schemas.polars_only import pandera as pa

YEAR_2000_MS = 946_684_800_000


def instant(*, nullable: bool = False) -> Any:
    """Epoch milliseconds; an instant before 2000 is seconds taken for milliseconds."""
    return pa.Field(ge=YEAR_2000_MS, nullable=nullable)


def maybe() -> Any:
    return pa.Field(nullable=True)


class FactModel(pa.DataFrameModel):
    """Base of all fact models: only declared columns; of each pair in `_order` the second is not before the first."""

    _order: ClassVar[tuple[tuple[str, str], ...]] = ()

    class Config:
        strict = True
        coerce = False

    @pa.dataframe_check
    @classmethod
    def in_order(cls, data: pa.PolarsData) -> pl.LazyFrame:
        pairs = [(pl.col(first) <= pl.col(second)).fill_null(True) for first, second in cls._order]
        return data.lazyframe.select(pl.all_horizontal(pl.lit(True), *pairs))


class Signed(FactModel):
    """Base of facts that people fill in: who signed for a row (a hash), and when."""

    entered_by: Text
    entered_at: Whole = instant()

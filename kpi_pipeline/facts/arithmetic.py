"""Whole-number arithmetic that DuckDB, PostgreSQL and Spark compute alike."""

from __future__ import annotations

import ibis
from ibis.expr.types import IntegerColumn, IntegerValue

FOREVER = 1 << 62  # stands for "no end" where a comparison needs a number


def total(column: IntegerColumn) -> IntegerValue:
    """The sum as int64.

    Engines widen it (HUGEINT, numeric) while Ibis believes it is int64 already and would drop a plain cast.
    """
    return column.sum().cast("decimal(38, 0)").cast("int64")


def running_total(column: IntegerColumn, window: object) -> IntegerValue:
    """The sum over a window as int64."""
    return column.sum().over(window).cast("decimal(38, 0)").cast("int64")


def quotient_half_up(numerator: IntegerValue, denominator: IntegerValue) -> IntegerValue:
    """numerator ÷ denominator to the nearest whole number, halves away from zero (ROUND_HALF_UP); denominator > 0.

    Engines divide integers as doubles, so what is divided is made a multiple first: then the double is the exact
    quotient up to 2^50. Needs |numerator| < 4 × 10^18.
    """
    doubled = numerator.abs() * 2 + denominator
    divisor = denominator * 2
    rounded = ((doubled - doubled % divisor) / divisor).round().cast("int64")
    return ibis.ifelse(numerator < 0, -rounded, rounded)

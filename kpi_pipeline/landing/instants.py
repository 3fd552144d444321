"""Instants of landing (microseconds UTC) as the integers that facts compute with."""

from __future__ import annotations

import ibis.expr.types as ir


def epoch_ms(instant: ir.TimestampColumn) -> ir.IntegerColumn:
    """Milliseconds since 1970-01-01 UTC as int64, rounded down, equal on DuckDB, PostgreSQL and Spark.

    The second is cut off before it is counted: PostgreSQL's epoch has a fraction, and casting it to an integer rounds
    23:59:59.6 into the next day.
    """
    seconds = instant.truncate("s").epoch_seconds().cast("int64")
    return seconds * 1_000 + instant.millisecond().cast("int64")

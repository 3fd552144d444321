"""One true value with what it was counted from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class TruthValue:
    """`value` is None where there is nothing to divide by; `reason` then says why if that is no lack of data."""

    value: Decimal | None
    numerator: int | Decimal | None
    denominator: int | Decimal | None
    n: int | None
    reason: str | None = None


Series = dict[str, dict[date, TruthValue]]


def ratio(numerator: int, denominator: int, *, n: int, scale: Fraction = Fraction(1)) -> TruthValue:
    """numerator / denominator x scale; None for a denominator of zero."""
    value = None if denominator == 0 else decimal(Fraction(numerator, denominator) * scale)
    return TruthValue(value, numerator, denominator, n)


def count(number: int) -> TruthValue:
    return TruthValue(Decimal(number), number, None, number)


def decimal(exact: Fraction) -> Decimal:
    """To 28 digits."""
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def half_up(exact: Fraction) -> int:
    """To the nearest whole number, halves upwards."""
    return (exact + Fraction(1, 2)).__floor__()

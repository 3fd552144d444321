"""How certain it is that a true rate lies beyond a threshold, given k of n: the Beta(½, ½) posterior (Jeffreys)."""

from __future__ import annotations

from decimal import Decimal
from math import exp, lgamma, log

from kpi_pipeline.catalogue.model import Threshold

PRIOR = 0.5
TINY = 1e-300
PRECISION = 1e-13
MOST_TERMS = 10_000


def probability_beyond(limit: Threshold, numerator: Decimal, denominator: Decimal) -> Decimal:
    """P(rate is on the side of `limit`) for a threshold in percent, after `numerator` of `denominator`."""
    share = float(limit.value) / 100
    below = cumulative(share, float(numerator) + PRIOR, float(denominator - numerator) + PRIOR)
    return Decimal(str(below if limit.op in ("<", "<=") else 1 - below))


def cumulative(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by the continued fraction of DLMF 8.17.22.

    SciPy has it too, but nothing else here needs SciPy's 100 MB.
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):  # where the fraction converges slowly, its mirror converges fast
        return 1 - cumulative(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x)) / a
    return front * _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """1 / (1 + d1 / (1 + d2 / …)) by the modified Lentz method."""
    found, c, d = 1.0, 1.0, 0.0
    for number in range(MOST_TERMS):
        m = number // 2
        if number == 0:
            term = 1.0
        elif number % 2 == 0:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        else:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / (1 + term * d or TINY)
        c = 1 + term / c or TINY
        found *= c * d
        if abs(1 - c * d) < PRECISION:
            return found - 1
    raise ArithmeticError(f"I_x(a, b) did not converge for x={x}, a={a}, b={b}")

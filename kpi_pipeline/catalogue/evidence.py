"""What a value was divided from and how much lies behind it, as people read it."""

from __future__ import annotations

from decimal import Decimal

from kpi_pipeline.catalogue.display import NOTHING, SHARES, SMALLEST, count_text, value_text
from kpi_pipeline.catalogue.model import Company, Kpi
from kpi_pipeline.catalogue.quantity import PLAIN, Quantity

SMALLEST_PART = {"nl": "kleinste deel", "en": "smallest part"}


def evidence_text(
    company: Company,
    kpi: Kpi,
    language: str,
    *,
    value: Decimal | None,
    numerator: Decimal | None,
    denominator: Decimal | None,
    n: int | None,
) -> str:
    """What a value was divided from, and n: '107 / 339; n = 339', '€ 206.576 / 107; n = 107', '$ 300.79 / 3.7%'.

    Each side is written in what its definition says it is an amount of. Two numbers whose quotient is not the value
    (hours with data out of hours) are no evidence of it and are left out. n never contradicts a quotient beside it: it
    is the denominator where that is a count; where it is something else it says what ('n = 2 monitors'), and where a
    denominator of money was taken for a count it is left out.
    """
    sides = kpi.params.divided(company)
    quotient = ""
    if value is not None and numerator is not None and denominator and sides is not None:
        quotient = _quotient(kpi, sides, language, value, numerator, denominator)
    noun = kpi.params.n_in_words(company, language)
    if n is None or noun is None:
        of_n = ""
    elif quotient and sides is not None and denominator is not None:
        of_n = _beside(kpi, sides[1], denominator, n, noun, language)
    else:
        of_n = _n(n, "" if noun == SMALLEST_PART[language] else noun, language)
    return "; ".join(filter(None, (quotient, of_n))) or NOTHING


def counted(company: Company, kpi: Kpi, *, denominator: Decimal | None, n: int | None) -> Decimal | int | None:
    """n where it stands alone: as beside the quotient; None where it counts nothing, as a denominator of money."""
    noun = kpi.params.n_in_words(company, "en")
    sides = kpi.params.divided(company)
    if n is None or noun is None:
        return None
    return n if sides is None or not denominator else _of(kpi, sides[1], denominator, n, noun, "en")


def _of(kpi: Kpi, below: Quantity, denominator: Decimal, n: int, noun: str, language: str) -> Decimal | int:
    if n == denominator and not noun:
        return below.of(denominator)
    # Nobody judges by the fewest records of the parts of a formula, unless it says how many there must be.
    is_fewest = noun == SMALLEST_PART[language] and below == PLAIN and not kpi.min_n
    return denominator if is_fewest else n


def _quotient(
    kpi: Kpi, sides: tuple[Quantity, Quantity], language: str, value: Decimal, numerator: Decimal, denominator: Decimal
) -> str:
    above, below = sides
    share = numerator / denominator
    scale = 100 if kpi.unit in SHARES else 1
    if any(_equal(each, value) for each in (share, share * scale, share * scale * below.per / above.per)):
        return f"{_text(above, numerator, language)} / {_text(below, denominator, language)}"
    if _equal(share, value * SMALLEST.get(kpi.unit, 1)):
        return f"{value_text(value * denominator, kpi.unit, language)} / {_text(below, denominator, language)}"
    return ""


def _text(quantity: Quantity, stored: Decimal, language: str) -> str:
    if not quantity.unit:
        return count_text(quantity.of(stored), language)
    return value_text(quantity.of(stored), quantity.unit, language)


def _beside(kpi: Kpi, below: Quantity, denominator: Decimal, n: int, noun: str, language: str) -> str:
    number = _of(kpi, below, denominator, n, noun, language)
    return _n(number, noun if number == n else "", language)


def _n(n: Decimal | int, noun: str, language: str) -> str:
    said = f"n = {count_text(n, language)}"
    return f"{noun}: {said}" if noun == SMALLEST_PART[language] else f"{said} {noun}".rstrip()


def _equal(left: Decimal, right: Decimal) -> bool:
    """Equal but for the last digits that a division leaves."""
    return abs(left - right) <= abs(right) * Decimal("1e-9")

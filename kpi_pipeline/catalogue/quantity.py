"""What a stored number is an amount of: cents of a currency, thousandths, a percentage, or a plain count."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from kpi_pipeline.catalogue.arithmetic import Call, Name, Number, Operation, Term
from kpi_pipeline.catalogue.units import UNITS

EXPONENT = re.compile(r"_e(\d)$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A stored number ÷ `per` is an amount of `unit`; "" is a plain number."""

    unit: str = ""
    per: int = 1

    def of(self, stored: Decimal) -> Decimal:
        return stored / self.per


PLAIN = Quantity()
HOURS = Quantity("hours", 3_600_000)
Pair = tuple[Quantity, Quantity]


def of_column(name: str, currency: str) -> Quantity:
    """By the conventions of facts: `*_minor` is money in hundredths, `*_e3` are thousandths; "" counts rows."""
    if name.endswith("_minor"):
        return Quantity(currency, 100)
    parts = EXPONENT.search(name)
    return Quantity("", 10 ** int(parts[1])) if parts else PLAIN


def of_sides(above: set[str], below: set[str], currency: str) -> Pair | None:
    """Of two sums of columns; None where a sum adds what is no one thing."""
    found = [{of_column(name, currency) for name in side} for side in (above, below)]
    return (found[0].pop(), found[1].pop()) if all(len(each) == 1 for each in found) else None


def of_quotient(tree: Term, units: Mapping[str, str]) -> Pair | None:
    """Both sides of the last division of an expression, by the units of the KPIs in it.

    `arpa * margin / churn` with percentages above and below is money ÷ a percentage once each has been divided by 100,
    and so is `arpa * 100 / churn`. None for what is no division, or where the sides are not of one unit each.
    """
    if not isinstance(tree, Operation) or tree.operator != "/":
        return None
    for hundred in (0, 1):  # a literal 100 is a number, or the hundred of a percentage
        above, below = (_measure(side, units, hundred) for side in (tree.left, tree.right))
        if above is not None and isinstance(tree.right, Number) and not above.percents:
            below = above  # what is divided by a number that was agreed is held against that much of itself
        if above is not None and below is not None and above.percents == below.percents:
            return _quantity(above), _quantity(below)
    return None


@dataclass(frozen=True, slots=True)
class _Measure:
    unit: str
    percents: int = 0


def _quantity(found: _Measure) -> Quantity:
    if found.percents and not found.unit:
        return Quantity("percent", 100 ** (found.percents - 1))
    return Quantity(found.unit, 100**found.percents) if found.percents >= 0 else PLAIN


def _measure(term: Term, units: Mapping[str, str], hundred: int) -> _Measure | None:
    match term:
        case Number(value):
            return _Measure("", hundred if value == 100 else 0)
        case Name(kpi):
            unit = units[kpi]
            return _Measure("", 1) if unit == "percent" else _Measure(unit if _is_named(unit) else "")
        case Call(argument):
            return _measure(argument, units, hundred)
        case Operation(operator, left, right):
            first, second = _measure(left, units, hundred), _measure(right, units, hundred)
            return None if first is None or second is None else _combined(operator, first, second)


def _combined(operator: str, left: _Measure, right: _Measure) -> _Measure | None:
    if operator in "+-":
        return left if left == right else None
    if operator == "*" and (not left.unit or not right.unit):
        return _Measure(left.unit or right.unit, left.percents + right.percents)
    if operator == "/" and right.unit in ("", left.unit):
        return _Measure(left.unit if not right.unit else "", left.percents - right.percents)
    return left if operator == "^" and left == _Measure("") else None


def _is_named(unit: str) -> bool:
    """Whether an amount says its unit; people and things are counted."""
    return UNITS[unit].is_money or (UNITS[unit].decimals > 0 and bool(UNITS[unit].nl)) or unit == "ms"

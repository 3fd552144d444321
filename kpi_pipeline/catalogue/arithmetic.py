"""The small language of formulas: + - * / ( ), `x ^ 12`, numbers, ids of KPIs, `kpi@2 months`.

Beside them `mean_of_months(kpi, 6)` and `mean_of_days(kpi, 7)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>[a-z][a-z0-9_]*)(?:@(?P<periods>\d+) (?P<unit>week|month|quarter|year)s?)?"
    r"|(?P<sign>[-+*/^(),]))"
)
MEANS = ("mean_of_months", "mean_of_days")


@dataclass(frozen=True, slots=True)
class Number:
    value: Decimal


@dataclass(frozen=True, slots=True)
class Name:
    """A KPI on the day itself, on the last day of the Nth `unit` before, or its mean over `months` months before or
    over `days` days."""

    kpi: str
    periods: int = 0
    unit: str = ""
    months: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """Brackets; they keep a division inside them from being the outermost one."""

    argument: Term


@dataclass(frozen=True, slots=True)
class Operation:
    operator: str
    left: Term
    right: Term


Term = Number | Name | Call | Operation


@lru_cache(maxsize=512)
def parse(text: str) -> Term:
    """The tree of an expression. Raises ValueError that points at what is not understood."""
    reading = _Reading(text)
    tree = reading.sum()
    if reading.sign is not None or reading.place < len(reading.tokens):
        raise ValueError(f"formula {text!r} is not understood from {reading.rest()!r} on")
    return tree


def names(tree: Term) -> Iterator[Name]:
    """Every KPI the tree looks at, as it looks at it, from left to right."""
    match tree:
        case Name():
            yield tree
        case Call(argument):
            yield from names(argument)
        case Operation(_, left, right):
            yield from names(left)
            yield from names(right)


def apply(operator: str, left: Decimal | None, right: Decimal | None) -> Decimal | None:
    """The result of one operation; None when a side is unknown or a divisor is zero."""
    if left is None or right is None or (operator == "/" and right == 0):
        return None
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "^":
            return left ** int(right)
        case _:
            return left / right


class _Reading:
    """Reads sums of products of terms, each from the tokens that are left."""

    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0
        self.tokens: list[re.Match[str]] = []
        end = 0
        while text[end:].strip():
            match = TOKEN.match(text, end)
            if match is None:
                raise ValueError(f"formula {text!r} is not understood from {text[end:].strip()!r} on")
            self.tokens.append(match)
            end = match.end()

    @property
    def token(self) -> re.Match[str] | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    @property
    def sign(self) -> str | None:
        return None if self.token is None else self.token["sign"]

    def rest(self) -> str:
        return self.text[self.token.start() :].strip() if self.token is not None else "its end"

    def sum(self) -> Term:
        left = self.product()
        while self.sign in ("+", "-"):
            left = Operation(self.take(), left, self.product())
        return left

    def product(self) -> Term:
        left = self.power()
        while self.sign in ("*", "/"):
            left = Operation(self.take(), left, self.power())
        return left

    def power(self) -> Term:
        base = self.term()
        if self.sign != "^":
            return base
        times = Operation(self.take(), base, self.term())
        if not isinstance(times.right, Number) or times.right.value % 1:
            raise ValueError(f"formula {self.text!r}: a power is a whole number, as in x ^ 12")
        return times

    def term(self) -> Term:
        token = self.token
        if token is None:
            raise ValueError(f"formula {self.text!r} ends too early")
        if token["number"]:
            self.place += 1
            return Number(Decimal(token["number"]))
        if token["name"] in MEANS:
            return self.mean(token["name"])
        if token["name"]:
            self.place += 1
            return Name(token["name"], int(token["periods"] or 0), token["unit"] or "")
        if token["sign"] == "(":
            self.place += 1
            inner = Call(self.sum())
            self.expect(")")
            return inner
        raise ValueError(f"formula {self.text!r} is not understood from {self.rest()!r} on")

    def mean(self, name: str) -> Name:
        self.place += 1
        self.expect("(")
        kpi = self.term()
        self.expect(",")
        length = self.term()
        self.expect(")")
        if not isinstance(kpi, Name) or kpi.periods or not isinstance(length, Number) or length.value % 1:
            raise ValueError(f"formula {self.text!r}: write {name}(kpi, 6)")
        over = int(length.value)
        return Name(kpi.kpi, months=over) if name == "mean_of_months" else Name(kpi.kpi, days=over)

    def take(self) -> str:
        sign = str(self.sign)
        self.place += 1
        return sign

    def expect(self, sign: str) -> None:
        if self.sign != sign:
            raise ValueError(f"formula {self.text!r}: {sign!r} expected at {self.rest()!r}")
        self.place += 1

"""What a cell of a register may say: text in, JSON value out, or ValueError with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

Notation = Literal["nl", "iso"]
Cell = str | int | bool | None

MAX_CELL_BYTES = 1_000_000
GRADES = ("A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F")
CLOCK_TOLERANCE = timedelta(minutes=10)  # the writer's clock may be a little ahead of ours
FARTHEST_ZONE = timedelta(hours=14)  # somewhere it is already tomorrow

_YES, _NO = {"true", "ja", "yes", "1"}, {"false", "nee", "no", "0"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?")
_NUMBER = {
    # a point followed by exactly three digits is a thousand in Dutch; one or two digits after it can only be decimals
    "nl": re.compile(r"-?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?|-?\d+\.\d{1,2}"),
    "iso": re.compile(r"-?\d+(?:\.\d+)?"),
}
_DUTCH_THOUSANDS = re.compile(r"-?\d{1,3}(?:\.\d{3})+(?:,\d+)?")


def shown(text: str) -> str:
    """A cell as an error may quote it: numbers and dates as they are, anything else only by its length."""
    return f'"{text}"' if re.fullmatch(r"[-+\d.,:TZ/ €$%]{1,40}", text) else f"a text of {len(text)} characters"


def number(text: str, notation: Notation) -> Decimal:
    """1.850,00 and 1850,00 in Dutch notation, 1850.00 in ISO notation."""
    if not _NUMBER[notation].fullmatch(text):
        example = "1.850,00" if notation == "nl" else "1850.00"
        raise ValueError(f"{shown(text)} is not a number in this register's notation (like {example})")
    if notation == "nl" and ("," in text or _DUTCH_THOUSANDS.fullmatch(text)):
        text = text.replace(".", "").replace(",", ".")
    return Decimal(text)


def scaled(value: Decimal, places: int) -> int:
    """value × 10^places as an exact integer."""
    exact = value.scaleb(places)
    if exact != exact.to_integral_value():
        raise ValueError(f'"{value}" has more than {places} decimals')
    return int(exact)


def minor_units(value: Decimal, currency: str) -> int:
    """An amount in minor units by the currency's exponent (2 for EUR, 0 for JPY, 3 for KWD)."""
    return scaled(value, get_currency_precision(currency))


def text(cell: str) -> str:
    if any(ord(character) < 32 and character not in "\n\r\t" for character in cell):
        raise ValueError("it holds control characters")
    return cell


def currency(cell: str) -> str:
    if not re.fullmatch("[A-Z]{3}", cell):
        raise ValueError(f"{shown(cell)} is not a currency code (like EUR)")
    return cell


def one_of(*allowed: str) -> Callable[[str], str]:
    def choice(cell: str) -> str:
        if cell not in allowed:
            raise ValueError(f"{shown(cell)} is none of {', '.join(allowed)}")
        return cell

    return choice


def flag(cell: str) -> bool:
    word = cell.lower()
    if word not in _YES | _NO:
        raise ValueError(f"{shown(cell)} is neither true nor false (ja/nee, yes/no, 1/0)")
    return word in _YES


def planned_day(cell: str) -> str:
    """A local calendar day as YYYY-MM-DD, past or still to come."""
    if not _DAY.fullmatch(cell):
        raise ValueError(f"{shown(cell)} is not a day as YYYY-MM-DD")
    try:
        date.fromisoformat(cell)
    except ValueError:
        raise ValueError(f"{shown(cell)} is a day that does not exist") from None
    return cell


def day(cell: str, now: datetime) -> str:
    """A local calendar day as YYYY-MM-DD, not after today."""
    if date.fromisoformat(planned_day(cell)) > (now + FARTHEST_ZONE).date():
        raise ValueError(f"{shown(cell)} is in the future")
    return cell


def instant(cell: str, now: datetime, zone: ZoneInfo | None = None) -> str:
    """An instant as ISO 8601 with its offset, not after now; without offset it is local to `zone`, if given."""
    matched = _INSTANT.fullmatch(cell)
    if not matched:
        raise ValueError(f"{shown(cell)} is not an instant as YYYY-MM-DDThh:mm:ss+hh:mm")
    if not matched[3] and zone is None:
        raise ValueError(f"{shown(cell)} has no time zone (end it with Z or an offset)")
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        raise ValueError(f"{shown(cell)} is an instant that does not exist") from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    if found > now + CLOCK_TOLERANCE:
        raise ValueError(f"{shown(cell)} is in the future")
    return found.isoformat()

"""How one register is written: its columns, its rows as of an instant, and the text of cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from kpi_pipeline.sandbox.vendors.wire import iso_seconds
from kpi_pipeline.sandbox.world.model import World

Row = tuple[datetime, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Register:
    """Column names, and the rows of a world as of an instant: (entered at, cells)."""

    title: str
    columns: tuple[str, ...]
    rows: Callable[[World, datetime], Iterable[Row]]


def columns(names: str, *, by_hand: bool = False) -> tuple[str, ...]:
    """Names written with spaces between; every register ends with when its rows were entered."""
    return (*names.split(), *(("entered_by",) if by_hand else ()), "entered_at")


def dutch(amount: Decimal) -> str:
    """`1.850,00`: point for thousands, comma for decimals, two places."""
    return swapped(f"{amount:,.2f}")


def dutch_number(value: Decimal | None) -> str:
    """`1.850,5`: as many decimals as it has; blank for none."""
    return "" if value is None else swapped(f"{value:,f}")


def swapped(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))


def day(value: date | None) -> str:
    return "" if value is None else value.isoformat()


def past_day(value: date | None, world: World, now: datetime) -> str:
    """A day on which something happened, blank until it has come where the company is."""
    return "" if value is None or value > now.astimezone(ZoneInfo(world.zone)).date() else value.isoformat()


def past(at: datetime | None, now: datetime) -> str:
    """An instant at which something happened, blank until then."""
    return iso_seconds(at) if at is not None and at <= now else ""


def flag(value: bool) -> str:
    return "true" if value else "false"

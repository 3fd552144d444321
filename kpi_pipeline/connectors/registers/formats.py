"""The registers we can read. A new register is one more entry in FORMATS and a stream model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from kpi_pipeline.connectors.registers import cells
from kpi_pipeline.connectors.registers.cells import Cell, Notation


@dataclass(frozen=True, slots=True)
class Reader:
    """What a cell is read against: the register's number notation and the present instant."""

    notation: Notation
    now: datetime


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header and what a cell says. An empty cell is a fault unless `optional`, then it is null."""

    header: str
    parse: Callable[[str, Reader], object]
    optional: bool = False


def _text(cell: str, _: Reader) -> str:
    return cells.text(cell)


def _flag(cell: str, _: Reader) -> bool:
    return cells.flag(cell)


def _day(cell: str, reader: Reader) -> str:
    return cells.day(cell, reader.now)


def _instant(cell: str, reader: Reader) -> str:
    return cells.instant(cell, reader.now)


def _currency(cell: str, _: Reader) -> str:
    return cells.currency(cell)


def _number(cell: str, reader: Reader) -> object:
    return cells.number(cell, reader.notation)


def _kind(cell: str, _: Reader) -> str:
    return cells.one_of("balance", "outflow", "inflow")(cell)


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of register. `record` turns a row of parsed cells into the stream's record, or raises CellError."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    delimiter: str
    notation: Notation
    record: Callable[[dict[str, object]], Mapping[str, Cell]]


class CellError(ValueError):
    """A value that is only wrong beside others of its row."""

    def __init__(self, header: str, reason: str) -> None:
        self.header, self.reason = header, reason
        super().__init__(reason)


def _invitation(row: dict[str, object]) -> Mapping[str, Cell]:
    sent = datetime.fromisoformat(str(row["sent_at"]))
    for header in ("delivered_at", "bounced_at"):
        if row[header] is not None and datetime.fromisoformat(str(row[header])) < sent:
            raise CellError(header, f'"{row[header]}" is before the invitation was sent')
    return row  # type: ignore[return-value]


def _entry(row: dict[str, object]) -> Mapping[str, Cell]:
    amount = row.pop("amount")
    try:
        minor = cells.minor_units(amount, str(row["currency"]))  # type: ignore[arg-type]
    except ValueError as error:
        raise CellError("amount", str(error)) from None
    if minor < 0 and row["kind"] != "balance":
        raise CellError("amount", f'"{amount}" is negative; the kind ({row["kind"]}) already says the direction')
    return {**row, "amount_minor": minor}  # type: ignore[dict-item]


def _rate(row: dict[str, object]) -> Mapping[str, Cell]:
    rate = row.pop("rate")
    try:
        millionths = cells.scaled(rate, 6)  # type: ignore[arg-type]
    except ValueError as error:
        raise CellError("rate", str(error)) from None
    if millionths <= 0:
        raise CellError("rate", f'"{rate}" is not positive')
    return {**row, "rate_e6": millionths}  # type: ignore[dict-item]


FORMATS: Mapping[str, Format] = {
    form.name: form
    for form in (
        Format(
            "survey_invitations",
            (
                Column("invitation_id", _text),
                Column("booking_id", _text),
                Column("form_id", _text),
                Column("sent_at", _instant),
                Column("delivered_at", _instant, optional=True),
                Column("bounced_at", _instant, optional=True),
                Column("is_reminder", _flag),
                Column("entered_at", _instant, optional=True),
            ),
            key=("invitation_id",),
            delimiter=",",
            notation="iso",
            record=_invitation,
        ),
        Format(
            "ledger",
            (
                Column("entry_id", _text),
                Column("day", _day),
                Column("account", _text),
                Column("kind", _kind),
                Column("category", _text),
                Column("amount", _number),
                Column("currency", _currency),
                Column("one_off", _flag),
                Column("restricted", _flag),
                Column("entered_by", _text, optional=True),
                Column("entered_at", _instant, optional=True),
            ),
            key=("entry_id",),
            delimiter=",",
            notation="nl",
            record=_entry,
        ),
        Format(
            "fx_rates",
            (Column("day", _day), Column("currency", _currency), Column("rate", _number)),
            key=("day", "currency"),
            delimiter=",",
            notation="iso",
            record=_rate,
        ),
    )
}

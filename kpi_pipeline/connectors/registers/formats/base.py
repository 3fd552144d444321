"""What a register's format is made of: columns, the key, the rules between cells of a row and between rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from kpi_pipeline.connectors.registers import cells
from kpi_pipeline.connectors.registers.cells import Cell, Notation

Row = dict[str, object]
Records = Sequence[tuple[int, Mapping[str, Cell]]]  # (line, record)


@dataclass(frozen=True, slots=True)
class Reader:
    """What a cell is read against. `zone` is the company's, for instants without an offset; None refuses those."""

    notation: Notation
    now: datetime
    zone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of cell: how its text is read, and an example of it (of a number in Dutch notation)."""

    parse: Callable[[str, Reader], object]
    example: str
    numeric: bool = False


def choice(*allowed: str) -> Kind:
    pick = cells.one_of(*allowed)
    return Kind(lambda cell, _: pick(cell), allowed[0])


def hundredths(example: str) -> Kind:
    """A number with at most two decimals, as an integer of hundredths."""
    return _scaled(2, example)


def millionths(example: str) -> Kind:
    return _scaled(6, example)


def _scaled(places: int, example: str) -> Kind:
    return Kind(lambda cell, reader: cells.scaled(cells.number(cell, reader.notation), places), example, numeric=True)


TEXT = Kind(lambda cell, _: cells.text(cell), "")
FLAG = Kind(lambda cell, _: cells.flag(cell), "false")
DAY = Kind(lambda cell, reader: cells.day(cell, reader.now), "2026-11-20")
PLANNED_DAY = Kind(lambda cell, _: cells.planned_day(cell), "2026-12-31")
INSTANT = Kind(lambda cell, reader: cells.instant(cell, reader.now, reader.zone), "2026-11-20T09:00:00+01:00")
CURRENCY = Kind(lambda cell, _: cells.currency(cell), "EUR")
AMOUNT = Kind(lambda cell, reader: cells.number(cell, reader.notation), "1.850,00", numeric=True)
GRADE = choice(*cells.GRADES)
SEVERITY = choice("critical", "high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. An empty cell is a fault unless `optional`, then it is `empty`.

    `field` is what the stream calls it, the header itself when blank; `example` is shown in templates.
    """

    header: str
    kind: Kind
    optional: bool = False
    field: str = ""
    empty: Cell = None
    example: str = ""


BY_HAND = (
    Column("entered_by", TEXT, example="anna@example.nl"),
    Column("entered_at", INSTANT),
)
EXPORTED = (Column("entered_at", INSTANT),)
APPROVED_BY = Column("approved_by", TEXT, optional=True)
EVIDENCE = Column("evidence_url", TEXT, optional=True, example="https://example.nl/minutes/12")


class CellError(ValueError):
    """A value that is only wrong beside others of its row."""

    def __init__(self, header: str, reason: str) -> None:
        self.header, self.reason = header, reason
        super().__init__(reason)


Rule = Callable[[Row], None]


def not_before(later: str, earlier: str) -> Rule:
    """A day that, if there is one, must not lie before another."""

    def judge(row: Row) -> None:
        if row[later] is not None and row[earlier] is not None and str(row[later]) < str(row[earlier]):
            raise CellError(later, f'"{row[later]}" is before {earlier} ("{row[earlier]}")')

    return judge


def instant_not_before(later: str, earlier: str) -> Rule:
    def judge(row: Row) -> None:
        if row[later] is None or row[earlier] is None:
            return
        if datetime.fromisoformat(str(row[later])) < datetime.fromisoformat(str(row[earlier])):
            raise CellError(later, f'"{row[later]}" is before {earlier} ("{row[earlier]}")')

    return judge


def positive(header: str, *, or_zero: bool = False) -> Rule:
    def judge(row: Row) -> None:
        value = row[header]
        if isinstance(value, int | Decimal) and (value < 0 or (value == 0 and not or_zero)):
            raise CellError(header, "it is negative" if or_zero else "it is not positive")

    return judge


def amounts(*headers: str) -> Rule:
    """Amounts in `currency` → minor units, under the name with `_minor`."""

    def convert(row: Row) -> None:
        for header in headers:
            amount = row.pop(header)
            try:
                row[f"{header}_minor"] = cells.minor_units(amount, str(row["currency"]))  # type: ignore[arg-type]
            except ValueError as error:
                raise CellError(header, str(error)) from None

    return convert


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of register.

    `rules` judge (and may rewrite) the cells of a row; `frozen` names fields that a row keeps for ever unless it has
    `approved_by`: a row with the same key that was taken before must agree, and of rows with the same `series` each
    must agree with the one before it. `key` and `series` are names of fields.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    frozen: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    delimiter: str = ","
    notation: Notation = "nl"

    @property
    def by_hand(self) -> bool:
        """Whether people fill it in, and sign; the others are exports of systems."""
        return any(column.header == "entered_by" for column in self.columns)

    def header_of(self, field: str) -> str:
        return next((each.header for each in self.columns if field in (each.field, each.header)), field)

    def record(self, row: Row) -> Mapping[str, Cell]:
        """The stream's record of a row of parsed cells. Raises CellError."""
        for rule in self.rules:
            rule(row)
        names = {column.header: column.field for column in self.columns if column.field}
        return {names.get(header, header): value for header, value in row.items()}  # type: ignore[misc]

    def rebaselined(self, records: Records) -> Iterator[tuple[int, str, str]]:
        """(line, header, reason) of each row that moves a frozen value of its series without an approval."""
        if not self.series:
            return
        place = self.key[len(self.series)]
        standing: dict[tuple[Cell, ...], Mapping[str, Cell]] = {}
        for line, record in sorted(records, key=lambda each: str(each[1][place])):
            series = tuple(record[name] for name in self.series)
            for field in moved(self.frozen, standing.get(series), record):
                before = standing[series]
                yield line, self.header_of(field), f"{unapproved(before[field])} on {before[place]}"
            standing[series] = record


def moved(frozen: Iterable[str], before: Mapping[str, Cell] | None, after: Mapping[str, Cell]) -> list[str]:
    """The frozen fields that a row changes without an approval."""
    if before is None or after.get("approved_by"):
        return []
    return [field for field in frozen if before[field] != after[field]]


def unapproved(before: Cell) -> str:
    return f'the baseline is frozen; a change needs approved_by. It was "{before}"'

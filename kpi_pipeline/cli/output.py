"""How commands write: tables and colours for people, one JSON document for machines."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

WIDE = 120
# A pipe or a file has no width; a scorecard is not folded into 80 columns for it.
# Without emoji, because "kpis.yaml:100: error" is a line and no face.
console = Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else WIDE)

COLOURS = {
    "ok": "green",
    "below_target": "yellow",
    "warning": "dark_orange",
    "critical": "bold red",
    "no_data": "dim",
    "low_sample": "dim",
    "stale": "magenta",
    "provisional": "cyan",
    "unrated": "dim",
}


def write_json(document: Any) -> None:
    """One JSON document on standard output; exact decimals are text, instants ISO 8601."""
    content = orjson.dumps(plain(document), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    sys.stdout.buffer.write(content)
    sys.stdout.flush()


def plain(value: Any) -> Any:
    """Dataclasses, decimals and instants as JSON has them."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    return value


def table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    right: Sequence[str] = (),
    whole: Sequence[str] = (),
) -> None:
    """A table without outer lines; `right` names the columns of numbers, `whole` those that must not be folded."""
    found = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        found.add_column(
            column,
            justify="right" if column in right else "left",
            overflow="fold",
            no_wrap=column in right or column in whole,
        )
    for row in rows:
        found.add_row(*(str(cell) for cell in row))
    console.print(found)


def next_step(text: str) -> None:
    console.print(f"\n[dim]Next:[/dim] {text}")

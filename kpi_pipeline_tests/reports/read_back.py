"""What a page says, read back: every number with whose it is, text without markup, links."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "line", "polyline", "circle", "br", "input", "rect", "path", "link", "col"}


@dataclass(frozen=True, slots=True)
class Said:
    """A number as it is printed; `value` is its exact value as text, "" for none."""

    text: str
    value: str
    of: dict[str, str]


@dataclass
class Page:
    """A page as a reader gets it."""

    numbers: list[Said] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words)).strip()

    @property
    def links(self) -> list[str]:
        return [str(attrs["href"]) for tag, attrs in self.tags if tag == "a" and "href" in attrs]


class Reader(HTMLParser):
    """Refuses markup that is not closed in order, as an escaped name could not cause."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.page = Page()
        self.open: list[str] = []
        self.number: tuple[list[str], dict[str, str | None]] | None = None
        self.feed(markup)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "data":
            self.number = ([], dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "data":
            assert self.number is not None
            words, attrs = self.number
            of = {name.removeprefix("data-"): str(value) for name, value in attrs.items() if name.startswith("data-")}
            self.page.numbers.append(Said("".join(words), str(attrs["value"] or ""), of))
            self.number = None

    def handle_data(self, data: str) -> None:
        if self.number is not None:
            self.number[0].append(data)
        if self.open and self.open[-1] not in ("style", "script"):
            self.page.words.append(data)


def as_kept(rows: Sequence[Mapping[str, Any]], number: Said) -> str:
    """What the rows of a table beneath the KPIs say that a number is: a cell, or the quotient of two."""
    row = rows[int(number.of["row"])]
    cell = row[number.of["column"]]
    if "per" in number.of and row[number.of["per"]]:
        return format(Decimal(number.of["times"]) * cell / row[number.of["per"]], "f")
    return "" if cell is None or "per" in number.of else str(cell)


def read(markup: str) -> Page:
    return Reader(markup).page

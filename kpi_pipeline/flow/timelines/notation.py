"""Series in a few characters: '33x3 27(12) 5/20 _ null 24~ 24? 24@2:29', one item a period.

A value, `33x3` three times, `27(12)` with n, `5/20` a ratio with its parts, `_` not measured, `null` measured without a
value, a reason such as `none_open`, or a grade. After it `~` means read from a stale source, `?` still going on, and
`24@2:29` that 24 was restated as 29 two periods later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from kpi_pipeline.catalogue import Kpi

REPEATED = re.compile(r"(.+?)x(\d+)")
RESTATED = re.compile(r"(.+?)@(\d+):(.+)")
NUMBER = r"-?\d+(?:\.\d+)?"
SHARE = re.compile(rf"({NUMBER})/(\d+)")
COUNTED = re.compile(rf"({NUMBER})(?:\((\d+)\))?")
REASONS = ("none_open", "nothing_waited", "no_burn")
USUAL_N = 100  # enough for every KPI's smallest sample


@dataclass(frozen=True, slots=True)
class Cell:
    """What is measured of one period; `restated` is what it becomes, so many periods later."""

    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    n: int = 0
    reason: str | None = None
    text: str | None = None
    stale: bool = False
    open: bool = False
    restated: tuple[int, Cell] | None = None


def parse_series(text: str, kpi: Kpi) -> list[Cell | None]:
    """One cell a period, None where nothing was measured; raises ValueError for an item that means nothing."""
    return [cell for item in text.split() for cell in _repeated(item, kpi)]


def _repeated(item: str, kpi: Kpi) -> Iterator[Cell | None]:
    match = None if item in kpi.grades else REPEATED.fullmatch(item)
    times = 1 if match is None else int(match[2])
    yield from [_item(item if match is None else match[1], kpi)] * times


def _item(item: str, kpi: Kpi) -> Cell | None:
    if item == "_":
        return None
    match = RESTATED.fullmatch(item)
    if match is None:
        return _cell(item, kpi)
    return replace(_cell(match[1], kpi), restated=(int(match[2]), _cell(match[3], kpi)))


def _cell(text: str, kpi: Kpi) -> Cell:
    if text[-1] in "~?" and len(text) > 1:
        return replace(_cell(text[:-1], kpi), stale=text[-1] == "~", open=text[-1] == "?")
    if text == "null":
        return Cell(reason="missing")
    if text in REASONS:
        return Cell(reason=text)
    if text in kpi.grades:
        return Cell(value=Decimal(kpi.grades.index(text)), n=USUAL_N, text=text)
    if (match := SHARE.fullmatch(text)) is not None:
        numerator, denominator = Decimal(match[1]), Decimal(match[2])
        scale = 100 if kpi.unit == "percent" else 1
        value = None if not denominator else scale * numerator / denominator
        return Cell(value, numerator, denominator, int(denominator))
    if (match := COUNTED.fullmatch(text)) is not None:
        return Cell(Decimal(match[1]), n=USUAL_N if match[2] is None else int(match[2]))
    grades = f", or a grade: {', '.join(kpi.grades)}" if kpi.grades else ""
    raise ValueError(f"{text!r} is no item of a series: write 33, 33x3, 27(12), 5/20, _, null, none_open{grades}")

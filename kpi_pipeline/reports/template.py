"""Our page templates: everything that is not marked safe is escaped, and what they are not given is refused."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from kpi_pipeline.reports import palette

# A sign and the number that it belongs to, '< 8%' and 'n = 3'; of the value of a KPI, which has the room, € 1.850 too.
TOGETHER = re.compile(r"(?<=[<>≥≤=]) (?=\d)|(?<=\bn) (?==)")
AMOUNT = re.compile(r"(?<=[€$]) (?=\d)")


class Printed(Protocol):
    """A number as it is printed, its exact value, and whose it is."""

    @property
    def text(self) -> str: ...
    @property
    def value(self) -> Decimal | int | None: ...
    @property
    def ref(self) -> tuple[tuple[str, str], ...]: ...


@cache
def environment() -> Environment:
    found = Environment(
        loader=PackageLoader("kpi_pipeline.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(palette=palette.css, number=number)
    found.filters["together"] = together
    return found


def template(name: str) -> Template:
    """A template of ours by its file name."""
    return environment().get_template(name)


def number(printed: Printed) -> Markup:
    """<data> with the exact value, and whose it is as data-kpi, data-day …, for those who check the page."""
    # A Decimal may write itself with an exponent; an int with the format "f" would become a float.
    exact = "" if printed.value is None else format(Decimal(printed.value), "f")
    ref = "".join(f' data-{name}="{escape(of)}"' for name, of in printed.ref)
    text = AMOUNT.sub("\u00a0", printed.text)
    return Markup(f'<data value="{exact}"{ref}>{escape(text)}</data>')  # noqa: S704 - escaped here


def together(text: str) -> str:
    """The same text, with no line ending between a sign and its number."""
    return TOGETHER.sub("\u00a0", text)

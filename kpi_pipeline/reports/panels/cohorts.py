"""Cohorts as tables: customers and revenue by month of first payment, features by quarter of sign-up.

A cell that is not ripe is empty, which is not zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from kpi_pipeline.catalogue.display import count_text, quarter_text, value_text
from kpi_pipeline.history.panel_table import PanelTable
from kpi_pipeline.reports.charts import Number
from kpi_pipeline.reports.palette import HEAT
from kpi_pipeline.reports.panels.current import month_word
from kpi_pipeline.reports.panels.quotient import HUNDRED, Quotient
from kpi_pipeline.reports.panels.shown import Context
from kpi_pipeline.reports.template import template

WORDS = {
    "nl": {
        "cohort": "Begonnen in",
        "customers": "Klanten",
        "accounts": "Accounts",
        "month": "Maand {}",
        "week": "Week {}",
        "all": "Alle samen",
        "target": "Doel",
        "kept": "Aandeel van de klanten met MRR aan het eind van de maand; maand 0 is die van de eerste MRR.",
        "net": "Netto omzetbehoud: MRR van het cohort ÷ zijn MRR aan het eind van maand 0, wie vertrok inbegrepen.",
        "survivor": "MRR per gebleven klant: laat niet zien wie vertrok.",
        "ever": "Aandeel van de accounts dat de functie ooit gebruikte, zoveel weken na aanmelding.",
        "feature": "Functie",
    },
    "en": {
        "cohort": "Began in",
        "customers": "Customers",
        "accounts": "Accounts",
        "month": "Month {}",
        "week": "Week {}",
        "all": "All together",
        "target": "Target",
        "kept": "Share of the customers with MRR at the end of the month; month 0 is that of the first MRR.",
        "net": "Net revenue retention: MRR of the cohort ÷ its MRR at the end of month 0, who left included.",
        "survivor": "MRR per surviving customer: does not show who left.",
        "ever": "Share of the accounts that had ever used the feature, so many weeks after signing up.",
        "feature": "Feature",
    },
}
Row = Mapping[str, Any]
KEPT, EVER, NET = Quotient("kept", "size"), Quotient("used", "size"), Quotient("mrr_minor", "base_minor")
PER_SURVIVOR = Quotient("mrr_minor", "kept", 1 / HUNDRED)


@dataclass(frozen=True, slots=True)
class Cell:
    """`shade` 0-5 by size, None without shade; `met` whether a target was reached, None without one."""

    number: Number
    shade: int | None
    met: bool | None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of cohorts. A line is a name, its size, and a cell or None (not ripe) a column."""

    caption: str
    head: str
    size_head: str
    columns: Sequence[str]
    lines: Sequence[tuple[str, str, Sequence[Cell | None]]]
    targets: Sequence[str]
    target_word: str


def customers(found: PanelTable, context: Context, title: str) -> Markup:  # noqa: ARG001 - stands above
    """Retention of customers."""
    words, params = WORDS[context.language], _params(context, found)
    grid = _grid(found, context, words["kept"], KEPT, "percent", params.customer_targets, with_all=True)
    return _render([grid])


def revenue(found: PanelTable, context: Context, title: str) -> Markup:  # noqa: ARG001
    """True net revenue retention, and beside it the revenue per survivor that is often called so."""
    words, params = WORDS[context.language], _params(context, found)
    currency = context.company.currency
    return _render(
        [
            _grid(found, context, words["net"], NET, "percent", params.revenue_targets, with_all=True),
            _grid(found, context, words["survivor"], PER_SURVIVOR, currency, {}, with_all=False),
        ]
    )


def features(found: PanelTable, context: Context, title: str) -> Markup:  # noqa: ARG001
    """Feature adoption: a table a cohort, the newest first."""
    words, params = WORDS[context.language], _params(context, found)
    cohorts = list(dict.fromkeys(row["cohort"] for row in found.rows))
    grids = []
    for cohort in reversed(cohorts):
        rows = [row for row in found.rows if row["cohort"] == cohort]
        lines = []
        for feature, names in params.features.items():
            mine = {row["week"]: row for row in rows if row["feature"] == feature}
            cells = [
                _cell(context, found, EVER, [mine[week]], "percent") if week in mine else None for week in params.weeks
            ]
            lines.append((names.get(context.language, feature), "", cells))
        accounts = f"{count_text(rows[0]['size'], context.language)} {words['accounts'].lower()}"
        caption = f"{quarter_text(cohort, context.language)}: {accounts}"
        columns = [words["week"].format(week) for week in params.weeks]
        grids.append(Grid(caption, words["feature"], "", columns, lines, (), words["target"]))
    return _render(grids, words["ever"])


def _grid(
    found: PanelTable,
    context: Context,
    caption: str,
    quotient: Quotient,
    unit: str,
    targets: Mapping[int, Decimal],
    *,
    with_all: bool,
) -> Grid:
    words, months = WORDS[context.language], _params(context, found).months
    cells: dict[tuple[str, int], Row] = {(row["cohort"], row["month"]): row for row in found.rows}
    sizes = {row["cohort"]: row["size"] for row in found.rows}
    lines: list[tuple[str, str, Sequence[Cell | None]]] = []
    for cohort, size in sizes.items():
        line = []
        for month in months:
            row = cells.get((cohort, month))
            line.append(None if row is None else _cell(context, found, quotient, [row], unit, targets.get(month)))
        lines.append((month_word(cohort, context.language), count_text(size, context.language), line))
    if with_all and sizes:
        ripe = {month: [row for (_, of), row in cells.items() if of == month] for month in months}
        line = [
            _cell(context, found, quotient, ripe[month], unit, targets.get(month)) if ripe[month] else None
            for month in months
        ]
        lines.append((words["all"], count_text(sum(sizes.values()), context.language), line))
    aims = [value_text(targets.get(month), unit, context.language) for month in months] if targets else []
    columns = [words["month"].format(month) for month in months]
    return Grid(caption, words["cohort"], words["customers"], columns, lines, aims, words["target"])


def _cell(
    context: Context,
    found: PanelTable,
    quotient: Quotient,
    rows: Sequence[Row],
    unit: str,
    target: Decimal | None = None,
) -> Cell | None:
    """None where nothing can be divided by."""
    number = quotient.number(found, rows, unit, context.language)
    value = quotient.of(rows)
    if value is None:
        return None
    return Cell(number, _shade(value) if unit == "percent" else None, None if target is None else value >= target)


def _shade(share: Decimal) -> int:
    """Six steps from 0 to 100%: the same darkness means the same in every table."""
    return min(HEAT - 1, max(0, int(share * HEAT / HUNDRED)))


def _params(context: Context, found: PanelTable) -> Any:
    return context.company.dashboards.data[found.name].params


def _render(grids: Sequence[Grid], note: str = "") -> Markup:
    return Markup(template("cohorts.html").render(grids=grids, note=note))  # noqa: S704 - our template escapes

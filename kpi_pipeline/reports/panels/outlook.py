"""The coming weeks of KPIs as a table: what is expected, within which interval, and how such forecasts did before."""

from __future__ import annotations

from decimal import Decimal

from markupsafe import Markup

from kpi_pipeline.catalogue.display import kpi_text, step_text
from kpi_pipeline.catalogue.model import Kpi
from kpi_pipeline.reports.forecast import Forecast, of_kpi
from kpi_pipeline.reports.packs.words import WORDS
from kpi_pipeline.reports.panels.current import current_day
from kpi_pipeline.reports.panels.listing import Cell, listing
from kpi_pipeline.reports.panels.shown import Context


def outlook(context: Context, names: tuple[str, ...], weeks: int) -> Markup:
    """A row a KPI; those without enough of a past are named below."""
    words = WORDS[context.language]
    kpis = [context.kpi(name) for name in names]
    made = {kpi.id: of_kpi(context.reading, kpi, weeks) for kpi in kpis}
    rows = [
        (kpi.title(context.language), _cells(context, kpi, found, weeks)) for kpi in kpis if (found := made[kpi.id])
    ]
    left_out = [kpi.title(context.language) for kpi in kpis if made[kpi.id] is None]
    said = [words["not_forecast"].format(", ".join(left_out))] if left_out else []
    ahead = [words["in_weeks"].format(each) for each in (weeks // 2, weeks)]
    table = listing("", [words["kpi"], words["value"], *ahead, words["backtest"]], rows) if rows else Markup("")
    notes = Markup().join(Markup('<p class="quiet">{}</p>').format(each) for each in (*said, words["how_forecast"]))
    return table + notes


def _cells(context: Context, kpi: Kpi, made: Forecast, weeks: int) -> list[Cell]:
    words, language = WORDS[context.language], context.language
    off = words["off_by"].format(step_text(kpi, made.off, Decimal(0), language).lstrip("+±"))
    doubt = [words["doubtful"]] if made.is_doubtful else []
    tested = "; ".join((words["backtested"].format(made.held, made.tried), *doubt, off))
    now = context.reading.number(kpi, current_day(context.reading, kpi))
    return [now, *(_ahead(context, kpi, made, each - 1) for each in (weeks // 2, weeks)), tested]


def _ahead(context: Context, kpi: Kpi, made: Forecast, at: int) -> str:
    point, low, high = (kpi_text(kpi, each[at], context.language) for each in (made.points, made.low, made.high))
    return f"{point} ({WORDS[context.language]['between'].format(low, high)})"

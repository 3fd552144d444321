"""What sales needs beneath the KPIs: leads followed to customers, the open pipeline, reps, deals won and lost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from markupsafe import Markup

from kpi_pipeline.catalogue.display import NOTHING, day_text, quarter_text, value_text
from kpi_pipeline.history.panel_table import PanelTable
from kpi_pipeline.reports.charts import Bars, Funnel, Series, Step, figure
from kpi_pipeline.reports.panels.current import month_word
from kpi_pipeline.reports.panels.listing import Cell, amount_text, counted, listing, money
from kpi_pipeline.reports.panels.quotient import Quotient
from kpi_pipeline.reports.panels.shown import Context
from kpi_pipeline.reports.reading import month_ends

MONTHS = 6
ATTAINED, PROMISED = Quotient("won_minor", "quota_minor"), Quotient("won_minor", "weighted_minor")
STAGES = ("leads", "marketing_qualified", "sales_qualified", "customers")
WORDS: dict[str, dict[str, str]] = {
    "nl": {
        "leads": "Leads",
        "marketing_qualified": "MQL",
        "sales_qualified": "SQL",
        "customers": "Klanten",
        "followed": (
            "Leads van {} tot en met {}, gevolgd tot vandaag: dezelfde mensen in elke stap. De laatste maanden zijn "
            "nog onderweg."
        ),
        "month": "Maand",
        "by_month": "Per maand",
        "deals_by_stage": "Deals per fase",
        "rates": "Aandeel en waarde per maand",
        "overdue": "Over datum",
        "undated": "Zonder datum",
        "amount": "Bedrag",
        "weighted": "Gewogen",
        "by_stage": "Bedrag × de kans die de fase in het CRM heeft: geen model.",
        "stage": "Fase",
        "deals": "Deals",
        "no_earlier": (
            "Er is nog geen verwachting van een eerdere maand bewaard: wat er nu verwacht wordt, wordt sinds kort elke "
            "dag bewaard. De eerste maand die hier te vergelijken is, is {}; die staat er op {}."
        ),
        "rep": "Verkoper",
        "others": "Anderen",
        "won": "Gewonnen",
        "lost": "Verloren",
        "quota": "Quotum",
        "attainment": "Behaald",
        "quarter": "{} tot en met de dag van de stand",
        "won_amount": "Waarde gewonnen",
        "rate": "Gewonnen van gesloten",
        "expected": "Verwacht op {}",
        "came": "Gewonnen",
        "ratio": "Gewonnen ÷ verwacht",
        "open_then": "Open",
        "won_since": "Sindsdien gewonnen",
        "kept_promise": "Gewonnen ÷ gewogen",
        "still_open": "Nog open",
        "outcome": (
            "Deals die aan het eind van de maand open waren, gewogen naar hun fase toen, en wat er sindsdien van "
            "gewonnen is. Zolang er deals open zijn kan dat nog groeien."
        ),
    },
    "en": {
        "leads": "Leads",
        "marketing_qualified": "MQL",
        "sales_qualified": "SQL",
        "customers": "Customers",
        "followed": (
            "Leads of {} to {}, followed until today: the same people in every step. The last months are still on "
            "their way."
        ),
        "month": "Month",
        "by_month": "By month",
        "deals_by_stage": "Deals by stage",
        "rates": "Rate and value by month",
        "overdue": "Overdue",
        "undated": "Without a date",
        "amount": "Amount",
        "weighted": "Weighted",
        "by_stage": "Amount × the probability that the CRM gives the stage: no model.",
        "stage": "Stage",
        "deals": "Deals",
        "no_earlier": (
            "No forecast of an earlier month has been kept yet: what is expected has been kept every day since a short "
            "while. The first month that can be compared here is {}; it appears on {}."
        ),
        "rep": "Rep",
        "others": "Others",
        "won": "Won",
        "lost": "Lost",
        "quota": "Quota",
        "attainment": "Attained",
        "quarter": "{}, to the day of the table",
        "won_amount": "Value won",
        "rate": "Won of closed",
        "expected": "Expected on {}",
        "came": "Won",
        "ratio": "Won ÷ expected",
        "open_then": "Open",
        "won_since": "Won since",
        "kept_promise": "Won ÷ weighted",
        "still_open": "Still open",
        "outcome": (
            "Deals that were open at the end of the month, weighted by their stage then, and what was won of them "
            "since. While deals are open this can still grow."
        ),
    },
}


def leads(found: PanelTable, context: Context, title: str) -> Markup:
    """One funnel of all months together, and a table by month."""
    words, language = WORDS[context.language], context.language
    totals = [sum(row[stage] for row in found.rows) for stage in STAGES]
    steps = tuple(Step(words[stage], Decimal(total)) for stage, total in zip(STAGES, totals, strict=True))
    first, last = (month_word(str(found.rows[place]["month"]), language) for place in (0, -1))
    chart = figure(Funnel(title=title, language=language, steps=steps), words["followed"].format(first, last))
    rows = [
        (
            month_word(row["month"], language),
            [counted(found, context, place, stage) for stage in STAGES],
        )
        for place, row in enumerate(found.rows)
    ]
    return chart + _folded(words["by_month"], listing("", [words["month"], *(words[stage] for stage in STAGES)], rows))


def forecast(found: PanelTable, context: Context, title: str) -> Markup:
    """Amounts and weighted amounts by month of expected close; the deals by stage in a table."""
    words, language, currency = WORDS[context.language], context.language, context.company.currency
    months = list(dict.fromkeys(row["month"] for row in found.rows))
    series = tuple(
        Series(
            words[name],
            tuple(_sum(found, column, month) for month in months),
        )
        for name, column in (("amount", "amount_minor"), ("weighted", "weighted_minor"))
    )
    chart = Bars(
        title=title,
        language=language,
        unit=currency,
        label_head=words["month"],
        labels=tuple(_month(month, context) for month in months),
        series=series,
    )
    rows = [
        (
            _month(row["month"], context),
            [
                row["stage"],
                counted(found, context, place, "deals"),
                money(found, context, place, "amount_minor"),
                money(found, context, place, "weighted_minor"),
            ],
        )
        for place, row in enumerate(found.rows)
    ]
    head = [words["month"], words["stage"], words["deals"], words["amount"], words["weighted"]]
    return figure(chart, words["by_stage"]) + _folded(words["deals_by_stage"], listing("", head, rows))


def accuracy(found: PanelTable, context: Context, title: str) -> Markup:  # noqa: ARG001 - stands above
    """What was expected of each of the last months as it began, as it was kept then, and what was won in it."""
    words, language = WORDS[context.language], context.language
    won = _won_by_month(context)
    rows: list[tuple[str, list[Cell]]] = []
    for last in month_ends(found.day, MONTHS):
        month, began = f"{last:%Y-%m}", last.replace(day=1) - timedelta(days=1)
        earlier = context.tables.at(found.name, began)
        if earlier is None:
            continue
        expected = sum(row["weighted_minor"] for row in earlier.rows if row["month"] == month)
        came = won.get(month)
        share = None if came is None or not expected else Decimal(100) * came / expected
        amounts: list[Cell] = [amount_text(expected, context), amount_text(came, context)]
        rows.append((month_word(month, language), [*amounts, value_text(share, "percent", language)]))
    if not rows:
        return Markup("<p>{}</p>").format(_not_yet(found, language))
    return listing("", [words["month"], words["weighted"], words["came"], words["ratio"]], rows)


def _not_yet(found: PanelTable, language: str) -> str:
    """When the first comparison appears: a month is expected on the eve of it, and compared when it is over."""
    first = (found.day.replace(day=1) + timedelta(days=31)).replace(day=1)
    over = (first + timedelta(days=31)).replace(day=1)
    return WORDS[language]["no_earlier"].format(month_word(f"{first:%Y-%m}", language), day_text(over, language))


def outcome(found: PanelTable, context: Context, title: str) -> Markup:
    """What stages promised at the end of each month, and what came of the deals that were open then."""
    words, language, currency = WORDS[context.language], context.language, context.company.currency
    labels = tuple(month_word(row["month"], language) for row in found.rows)
    chart = Bars(
        title=title,
        language=language,
        unit=currency,
        label_head=words["month"],
        labels=labels,
        series=tuple(
            Series(words[name], tuple(Decimal(row[column]) / 100 for row in found.rows))
            for name, column in (("weighted", "weighted_minor"), ("won_since", "won_minor"))
        ),
    )
    rows: list[tuple[str, list[Cell]]] = [
        (
            labels[place],
            [
                counted(found, context, place, "deals"),
                money(found, context, place, "weighted_minor"),
                money(found, context, place, "won_minor"),
                PROMISED.number(found, [row], "percent", language),
                counted(found, context, place, "still_open"),
            ],
        )
        for place, row in enumerate(found.rows)
    ]
    head = [words[name] for name in ("month", "open_then", "weighted", "won_since", "kept_promise", "still_open")]
    return figure(chart, words["outcome"]) + listing("", head, rows)


def _won_by_month(context: Context) -> dict[str, int]:
    """What was won by month, from the table of deals won and lost that the company declares."""
    names = [each.id for each in context.company.dashboards.data.values() if each.kind == "win_loss"]
    tables = [context.tables.get(name) for name in names]
    return {row["month"]: row["won_minor"] for each in tables if each is not None for row in each.rows}


def leaderboard(found: PanelTable, context: Context, title: str) -> Markup:
    """Attainment of the quota as bars, and the numbers behind it."""
    words, language = WORDS[context.language], context.language
    names = {rep.owner: rep.name for rep in context.company.dashboards.data[found.name].params.reps}
    ranked = [(place, row, names.get(row["owner"], words["others"])) for place, row in enumerate(found.rows)]
    with_quota = [(name, ATTAINED.of([row])) for _, row, name in ranked if row["quota_minor"]]
    chart = Bars(
        title=title,
        language=language,
        unit="percent",
        label_head=words["rep"],
        labels=tuple(name for name, _ in with_quota),
        series=(Series(words["attainment"], tuple(share for _, share in with_quota)),),
        lying=True,
        target=Decimal(100),
    )
    rows: list[tuple[str, list[Cell]]] = [
        (
            name,
            [
                money(found, context, place, "won_minor"),
                money(found, context, place, "quota_minor"),
                ATTAINED.number(found, [row], "percent", language),
                counted(found, context, place, "won"),
                counted(found, context, place, "lost"),
            ],
        )
        for place, row, name in ranked
    ]
    head = [words["rep"], words["won_amount"], words["quota"], words["attainment"], words["won"], words["lost"]]
    quarter = quarter_text(found.rows[0]["quarter"], language) if found.rows else NOTHING
    return figure(chart, words["quarter"].format(quarter)) + listing("", head, rows)


def win_loss(found: PanelTable, context: Context, title: str) -> Markup:
    """Deals won and lost by month."""
    words, language = WORDS[context.language], context.language
    chart = Bars(
        title=title,
        language=language,
        label_head=words["month"],
        labels=tuple(month_word(row["month"], language) for row in found.rows),
        series=tuple(
            Series(words[side], tuple(Decimal(row[side]) for row in found.rows), _column(found, side))
            for side in ("won", "lost")
        ),
        stacked=True,
    )
    rows: list[tuple[str, list[Cell]]] = []
    for place, row in enumerate(found.rows):
        closed = row["won"] + row["lost"]
        share = Decimal(100) * row["won"] / closed if closed else None
        name = month_word(row["month"], language)
        amounts: list[Cell] = [money(found, context, place, column) for column in ("won_minor", "lost_minor")]
        rows.append((name, [value_text(share, "percent", language), *amounts]))
    head = [words["month"], words["rate"], words["won"], words["lost"]]
    return figure(chart) + _folded(words["rates"], listing("", head, rows))


def _column(found: PanelTable, column: str) -> tuple[tuple[str, str], ...]:
    return ("table", found.name), ("day", found.day.isoformat()), ("column", column)


def _sum(found: PanelTable, column: str, month: str) -> Decimal:
    return Decimal(sum(row[column] for row in found.rows if row["month"] == month)) / 100


def _month(month: str, context: Context) -> str:
    words = WORDS[context.language]
    return words[month] if month in words else month_word(month, context.language)


def _folded(summary: str, body: Markup) -> Markup:
    return Markup("<details><summary>{}</summary>{}</details>").format(summary, body)

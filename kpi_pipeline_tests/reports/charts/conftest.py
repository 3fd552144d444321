"""One chart of every kind, with names that try to be markup."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from kpi_pipeline.reports.charts import (
    Band,
    Bars,
    Bridge,
    Bullet,
    Chart,
    Funnel,
    HeatMap,
    Line,
    Link,
    Part,
    Sankey,
    Series,
    Step,
)

HTML = "<b onclick='x'>R&D</b>"
RIGHT_TO_LEFT = "שיעור המרה"
DAYS = tuple(date(2026, 5, 1) + timedelta(weeks=week) for week in range(12))


def decimals(*values: float | str | None) -> tuple[Decimal | None, ...]:
    return tuple(None if value is None else Decimal(str(value)) for value in values)


VALUES = decimals(20, 24.5, None, 31, None, 18, 22, 27, 35, 34, 36, 30)

CHARTS: dict[str, Chart] = {
    "line": Line(
        title=HTML,
        language="nl",
        unit="percent",
        days=DAYS,
        series=(Series(HTML, VALUES, (("kpi", "conversie"),)), Series(RIGHT_TO_LEFT, VALUES[::-1])),
        target=decimals(*[32] * 6, *[34] * 6),
        band=Band("80%", VALUES, tuple(None if value is None else value + 2 for value in VALUES)),
        dashed=frozenset({RIGHT_TO_LEFT}),
    ),
    "months": Line(
        title="MRR", language="en", unit="USD", monthly=True, days=DAYS, series=(Series("MRR", decimals(*range(12))),)
    ),
    "bars": Bars(
        title="Leads",
        language="nl",
        label_head="Maand",
        labels=(HTML, "'feb\\", RIGHT_TO_LEFT),
        series=(Series("A", decimals(1, 2, 3)), Series("B", decimals(4, None, 6))),
        target=Decimal(2),
    ),
    "stacked": Bars(
        title="Health",
        language="en",
        label_head="Month",
        labels=("Jan", "Feb"),
        series=(Series("Healthy", decimals(10, 12), (("panel", "health"),)), Series("At risk", decimals(3, 2))),
        stacked=True,
    ),
    "lying": Bars(
        title="Quota",
        language="en",
        unit="percent",
        label_head="Rep",
        labels=("Ann", HTML),
        series=(Series("Quota", decimals(120.5, 80)),),
        lying=True,
        target=Decimal(100),
    ),
    "heat": HeatMap(
        title="Use",
        language="nl",
        unit="percent",
        row_head="Functie",
        rows=(HTML, "Alerts"),
        columns=("Startup", RIGHT_TO_LEFT),
        cells=(decimals(80, 91), decimals(0, None)),
        refs=(((("panel", "use"),),) * 2,) * 2,
    ),
    "funnel": Funnel(
        title="Leads",
        language="en",
        steps=(Step(HTML, Decimal(200)), Step("MQL", Decimal(50), (("kpi", "mql"),)), Step("SQL", None)),
    ),
    "bridge": Bridge(
        title="MRR",
        language="nl",
        unit="EUR",
        opening=Part("Begin", Decimal(1000)),
        movements=(Part("Nieuw", Decimal(300)), Part(HTML, Decimal(-120))),
        closing=Part("Eind", Decimal(1180)),
    ),
    "sankey": Sankey(
        title="Journey",
        language="en",
        stages=("Start", "Week 1", "Month 1"),
        links=(Link(0, "Trial", HTML, 30), Link(0, "Trial", "Query", 20), Link(1, HTML, "Paid", 12)),
    ),
    "bullet": Bullet(
        title=HTML,
        language="nl",
        unit="percent",
        value=Decimal("29.4"),
        target=Decimal(32),
        warning=Decimal(28),
        critical=Decimal(24),
    ),
    "no values": Line(title="Leeg", language="nl", days=DAYS, series=(Series("Leeg", (None,) * 12),)),
    "no rows": HeatMap(title="Leeg", language="nl", row_head="", rows=(), columns=(), cells=()),
    "nobody": Sankey(title="Leeg", language="nl", stages=("A", "B"), links=()),
    "no steps": Funnel(title="Leeg", language="nl", steps=()),
    "one day": Line(title="Eén", language="nl", days=DAYS[:1], series=(Series("Eén", decimals(5)),)),
}

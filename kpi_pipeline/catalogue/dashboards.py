"""What dashboards.yaml says: boards of panels over history, and the tables that panels need beneath the KPIs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, SerializeAsAny

from kpi_pipeline.catalogue.entry import Entry

Words = Mapping[str, str]
Ids = Annotated[tuple[str, ...], Field(min_length=1)]
Period = Literal["week", "month", "quarter"]


class Panel(Entry):
    """Base of all panels: `title` by language, `note` a sentence below it, `line` where it stands in the file."""

    kind: str
    title: Words = Field(default_factory=dict)
    note: Words = Field(default_factory=dict)
    line: int = Field(default=1, exclude=True)

    def heading(self, language: str) -> str:
        """The title in a language, "" where the panel has none and takes that of its KPI."""
        return self.title[language] if language in self.title else next(iter(self.title.values()), "")

    def uses(self) -> tuple[str, ...]:
        """The KPIs it shows."""
        return ()


class Tiles(Panel):
    """A tile a KPI: current value, target, change since the previous month, trend, status."""

    kind: Literal["tiles"]
    kpis: Ids

    def uses(self) -> tuple[str, ...]:
        return self.kpis


class Scores(Panel):
    """A row a KPI: value, evidence, target, change, trend, status, owner; of a list, or of a whole group."""

    kind: Literal["scores"]
    kpis: tuple[str, ...] = ()
    group: str = ""

    def uses(self) -> tuple[str, ...]:
        return self.kpis


class Trend(Panel):
    """KPIs of one unit over the last `count` periods, as a line each with the first one's target."""

    kind: Literal["trend"]
    kpis: Ids
    by: Period = "month"
    count: int = Field(default=12, ge=2, le=104)

    def uses(self) -> tuple[str, ...]:
        return self.kpis


class Columns(Panel):
    """KPIs of one unit as bars of the last `count` periods, side by side or `stacked` as parts of a whole."""

    kind: Literal["columns"]
    kpis: Ids
    by: Period = "month"
    count: int = Field(default=12, ge=2, le=36)
    stacked: bool = False

    def uses(self) -> tuple[str, ...]:
        return self.kpis


class FunnelOfKpis(Panel):
    """Counts that KPIs hold of the last complete period, from the widest to the narrowest step."""

    kind: Literal["funnel"]
    kpis: Ids
    by: Period = "month"

    def uses(self) -> tuple[str, ...]:
        return self.kpis


class BridgeOfKpis(Panel):
    """From a level at the end of one period to the next by its `movements`; a KPI after "-" counts downwards."""

    kind: Literal["bridge"]
    level: str
    movements: Ids
    by: Period = "month"

    def uses(self) -> tuple[str, ...]:
        return self.level, *(each.removeprefix("-").strip() for each in self.movements)


class Process(Panel):
    """One KPI as an XmR chart with its verdicts."""

    kind: Literal["process"]
    kpi: str

    def uses(self) -> tuple[str, ...]:
        return (self.kpi,)


class Forecast(Panel):
    """KPIs over at most a week, `weeks` ahead: each with an interval and how earlier forecasts did."""

    kind: Literal["forecast"]
    kpis: Ids
    weeks: int = Field(default=8, ge=2, le=26)

    def uses(self) -> tuple[str, ...]:
        return self.kpis


class Beneath(Panel):
    """Something of a table of `data`; which views a table has depends on its kind, "" is its first."""

    kind: Literal["data"]
    data: str
    view: str = ""


class Manual(Panel):
    """A section that no tool fills: says what belongs there and who writes it."""

    kind: Literal["manual"]
    what: Words
    filled_by: str


class Model(Panel):
    """A place that waits for a model: says what will stand there."""

    kind: Literal["model"]
    what: Words


PANELS: Mapping[str, type[Panel]] = {
    "tiles": Tiles,
    "scores": Scores,
    "trend": Trend,
    "columns": Columns,
    "funnel": FunnelOfKpis,
    "bridge": BridgeOfKpis,
    "process": Process,
    "forecast": Forecast,
    "data": Beneath,
    "manual": Manual,
    "model": Model,
}


class DataTable(Entry):
    """A table that is computed from facts beneath the KPIs. `params` is what its kind needs."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: str
    params: SerializeAsAny[Any] = None
    line: int = Field(default=1, exclude=True)


class Dashboard(Entry):
    """One board. `audience` is whom it is for and `origin` what asks for it, both in the framework's own words."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Words
    audience: str
    cadence: str
    origin: str
    panels: tuple[SerializeAsAny[Panel], ...] = Field(min_length=1)
    line: int = Field(default=1, exclude=True)

    def title(self, language: str) -> str:
        return self.name[language] if language in self.name else next(iter(self.name.values()))


class Dashboards(Entry):
    """Everything of dashboards.yaml, by id and in the order of the file."""

    data: Mapping[str, DataTable] = Field(default_factory=dict)
    boards: Mapping[str, Dashboard] = Field(default_factory=dict)
    file: str = ""

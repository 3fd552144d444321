"""Tables beneath the KPIs, from facts: cohorts, journeys, funnels, leaderboards, health. Cheap to import."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from pydantic import BaseModel

from kpi_pipeline.analytics.params import KINDS, TableKind

if TYPE_CHECKING:
    from kpi_pipeline.facts.tables import FactTables

__all__ = ["KINDS", "TABLES", "Row", "TableKind", "compute", "facts_of"]

Row = Mapping[str, int | str | None]
TABLES: Mapping[str, type[BaseModel]] = {name: kind.params for name, kind in KINDS.items()}


def facts_of(kinds: Iterable[str]) -> set[str]:
    """The facts that tables of these kinds read."""
    return {fact for kind in kinds for fact in KINDS[kind].facts}


def compute(kind: str, params: BaseModel, facts: FactTables, day: date) -> list[Row]:
    """The rows of a table as of the end of a local day, from what the facts know now.

    Counts and minor units are whole numbers, so that nothing is rounded on the way to a page. Raises SettingsError when
    the company lacks what a fact needs.
    """
    module = importlib.import_module(f"kpi_pipeline.analytics.{kind}")
    rows: list[Row] = module.rows(facts, params, day)
    return rows

"""Tables beneath the KPIs, from facts: cohorts, journeys, funnels, leaderboards, health. Cheap to import."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

TABLES: Mapping[str, type[BaseModel]] = {}

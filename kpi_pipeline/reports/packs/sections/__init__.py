"""A declared section → its blocks. One function a kind of section."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kpi_pipeline.reports.packs.context import Context
from kpi_pipeline.reports.packs.document import Block
from kpi_pipeline.reports.packs.sections import charts, governance, outlook, people, progress, scores

Show = Callable[[Context, Any, str], list[Block]]
SHOW: Mapping[str, Show] = {
    "scorecard": scores.scorecard,
    "deviations": scores.deviations,
    "process": charts.process,
    "trend": charts.trend,
    "bridge": charts.bridge,
    "counter": progress.counter,
    "blocks": progress.blocks,
    "stages": progress.stages,
    "targets": governance.targets,
    "alerts": governance.alerts,
    "trust": governance.trust,
    "reconciliations": governance.reconciliations,
    "corrections": governance.corrections,
    "forecast": outlook.outlook,
    "manual": people.manual,
    "focus": people.focus,
    "actions": people.actions,
    "decisions": people.decisions,
}
# How a section without a title is called: a key of the words.
TITLES = {"trend": "trend_section", "trust": "trust_section", "manual": "said"}

"""Every kind by name. A new kind is one module and one line here."""

from __future__ import annotations

from kpi_pipeline.metrics.kinds.base import Kind, Params
from kpi_pipeline.metrics.kinds.conversion import CONVERSION
from kpi_pipeline.metrics.kinds.count import COUNT, SUM
from kpi_pipeline.metrics.kinds.nps import NPS
from kpi_pipeline.metrics.kinds.ratio import RATIO

KINDS: dict[str, Kind] = {kind.name: kind for kind in (RATIO, COUNT, SUM, NPS, CONVERSION)}
PARAMS: dict[str, type[Params]] = {name: kind.params for name, kind in KINDS.items()}

"""The one Dagster entry: every company's assets, jobs, schedules and sensors."""

from __future__ import annotations

import dagster as dg

from kpi_pipeline.flow.workspace import read_catalogue
from kpi_pipeline.garbage import collect_seldom
from kpi_pipeline.orchestration.assemble import assemble
from kpi_pipeline.settings import Settings

collect_seldom()
settings = Settings.from_environment()
defs: dg.Definitions = assemble(read_catalogue(settings), settings.companies_root)

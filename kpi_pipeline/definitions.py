"""The one Dagster entry: every company's assets, jobs, schedules and sensors."""

from __future__ import annotations

import dagster as dg

from kpi_pipeline.flow.workspace import read_catalogue
from kpi_pipeline.orchestration.assemble import assemble
from kpi_pipeline.settings import Settings

settings = Settings.from_environment()
defs: dg.Definitions = assemble(read_catalogue(settings), settings.companies_root)

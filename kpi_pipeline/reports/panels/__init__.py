"""Panels of dashboards and reports: what each kind shows, as markup, from history only."""

from kpi_pipeline.reports.panels.render import render
from kpi_pipeline.reports.panels.shown import Context, Shown

__all__ = ["Context", "Shown", "render"]

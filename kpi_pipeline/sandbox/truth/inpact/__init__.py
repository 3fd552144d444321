"""What is true of Inpact's 23 goals, recounted from its world's records."""

from __future__ import annotations

from kpi_pipeline.sandbox.truth.inpact import nps, people, plans, projects, service

FAMILY = (plans.values, people.values, nps.values, projects.values, service.values)

"""What is true of Inpact's 23 goals, recounted from its world's records."""

from __future__ import annotations

from kpi_pipeline.sandbox.truth.inpact import nps, opinions, people, plans, projects, revenue, service

FAMILY = (revenue.values, plans.values, people.values, nps.values, opinions.values, projects.values, service.values)
